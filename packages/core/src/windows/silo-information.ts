import { JobObjectSiloBasicInformation, SILOOBJECT_BASIC_INFORMATION } from './abi/job-object.ts';
import { queryJob } from './call/job.ts';
import { allocateOnce } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import type { OpenJob } from './open-job.ts';

/** What makes a job a silo. */
export interface SiloInformation {
  readonly siloId: number;
  readonly parentId: number;
  readonly processCount: number;
  /** True for the silo of a container with its own view of the system. */
  readonly isServerSilo: boolean;
}

const basic = allocateOnce(SILOOBJECT_BASIC_INFORMATION.size);

/** Undefined for a job that is no silo: Windows refuses the question then. */
export function readSilo(job: OpenJob): SiloInformation | undefined {
  const status = queryJob(job.handle, JobObjectSiloBasicInformation, basic());
  return succeeded(status) ? parseSilo(basic().view) : undefined;
}

export function parseSilo(view: DataView): SiloInformation {
  return {
    siloId: view.getUint32(SILOOBJECT_BASIC_INFORMATION.SiloId, true),
    parentId: view.getUint32(SILOOBJECT_BASIC_INFORMATION.SiloParentId, true),
    processCount: view.getUint32(SILOOBJECT_BASIC_INFORMATION.NumberOfProcesses, true),
    isServerSilo: view.getUint8(SILOOBJECT_BASIC_INFORMATION.IsInServerSilo) !== 0,
  };
}
