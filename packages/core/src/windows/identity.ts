import type { JobIdentity } from '../job.ts';
import { readProcessCounts } from './job-figures.ts';
import type { OpenJob } from './open-job.ts';
import { readPids } from './pid-list.ts';
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
  /** Processes that the job ever had, and the ids of those that lived then. */
  processes: number;
  pids: ReadonlySet<number>;
}

const nobody: ReadonlySet<number> = new Set();

export function emptyIdentity(): IdentityMemory {
  return { processes: 0, pids: nobody };
}

/** The job has gone: one of the same name is another one. */
export function forget(memory: IdentityMemory): void {
  Object.assign(memory, { kind: undefined, siloId: undefined, birth: undefined, processes: 0, pids: nobody });
}

/** Everything that is known is forgotten when the job turns out to be another one of the same name. */
export function readIdentity(job: OpenJob, memory: IdentityMemory): JobIdentity {
  const siloId = readSilo(job)?.siloId;
  if (siloId !== memory.siloId || hasTooFewProcesses(job, memory)) memory.birth = undefined;
  memory.siloId = siloId;
  memory.birth ??= readOldestProcess(job)?.unixTicks;
  return {
    ...(siloId === undefined ? {} : { object: String(siloId) }),
    ...(memory.birth === undefined ? {} : { birth: String(memory.birth) }),
  };
}

/**
 * True when the job ever had fewer processes than it had at the last look and those that have come since. The count is read
 * before and after the list: a process that comes in between makes it too large, never too small.
 */
function hasTooFewProcesses(job: OpenJob, memory: IdentityMemory): boolean {
  const before = readProcessCounts(job).total;
  const pids = readPids(job);
  const after = readProcessCounts(job).total;
  const newcomers = pids.filter((pid) => !memory.pids.has(pid)).length;
  const isAnother = after < memory.processes + newcomers;
  memory.processes = before;
  memory.pids = new Set(pids);
  return isAnother;
}
