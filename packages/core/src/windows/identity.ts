import type { JobIdentity } from '../job.ts';
import { readProcessCounts } from './job-figures.ts';
import type { OpenJob } from './open-job.ts';
import { readOldestProcess } from './process-list.ts';
import { readSilo } from './silo-information.ts';

/**
 * What is remembered of a job between two times that it was open. A job object has no id of its own: the silo's is used
 * where it is one, and the process that was the oldest when the job was first seen.
 */
export interface IdentityMemory {
  /** "silo" or "job object". */
  kind?: string | undefined;
  siloId?: number | undefined;
  /** Create time of the first process seen. */
  birth?: bigint | undefined;
  /** Processes that the job ever had; fewer than before is another job. */
  processes: number;
}

export function emptyIdentity(): IdentityMemory {
  return { processes: 0 };
}

/** The job has gone: one of the same name is another one. */
export function forget(memory: IdentityMemory): void {
  Object.assign(memory, { kind: undefined, siloId: undefined, birth: undefined, processes: 0 });
}

/** Everything that is known is forgotten when the job turns out to be another one of the same name. */
export function readIdentity(job: OpenJob, memory: IdentityMemory): JobIdentity {
  const siloId = readSilo(job)?.siloId;
  const { total } = readProcessCounts(job);
  if (siloId !== memory.siloId || total < memory.processes) memory.birth = undefined;
  memory.siloId = siloId;
  memory.processes = total;
  memory.birth ??= readOldestProcess(job)?.unixTicks;
  return {
    ...(siloId === undefined ? {} : { object: String(siloId) }),
    ...(memory.birth === undefined ? {} : { birth: String(memory.birth) }),
  };
}
