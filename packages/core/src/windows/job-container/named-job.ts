import { isSilostatError, SilostatError } from '../../errors.ts';
import type { JobLimits } from '../../job-container.ts';
import { JobObject } from '../job-object.ts';

/**
 * SYSTEM and administrators may do everything; whoever has logged on may query the job and see its owner: no more than the
 * task manager shows of any process.
 */
const security = 'D:(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x20004;;;AU)';
const operation = 'create job container';

/**
 * The job object of a job container, with its limits. Its processes end with its last handle, which is ours alone.
 * @throws SilostatError; then there is no job.
 */
export function createNamedJob(id: string, limits: JobLimits): JobObject {
  const job = create(id);
  try {
    job.setLimits({ killOnClose: true });
    limit(job, id, limits);
    return job;
  } catch (error) {
    job.close();
    throw error;
  }
}

/** In the directory of all sessions; where that is closed to us, in that of our own. */
function create(id: string): JobObject {
  try {
    return createAs(id, `Global\\silostat_${id}`);
  } catch (error) {
    if (!isSilostatError(error) || error.code !== 'ERR_ACCESS_DENIED') throw error;
    return createAs(id, `Local\\silostat_${id}`);
  }
}

function createAs(id: string, name: string): JobObject {
  try {
    return JobObject.create({ name, security });
  } catch (error) {
    if (!isSilostatError(error)) throw error;
    const { code, reason, cause } = error;
    throw new SilostatError(code, { subject: id, operation, reason, cause });
  }
}

/** A limit counts as set when the job has it: a Windows that takes one and forgets it limits nothing. */
function limit(job: JobObject, id: string, { memoryBytes, cpus, pids }: JobLimits): void {
  if (memoryBytes === undefined && cpus === undefined && pids === undefined) return;
  job.setLimits({
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(cpus !== undefined && { processors: cpus }),
    ...(pids !== undefined && { processCount: pids }),
  });
  const { values } = job.limits();
  const isKept =
    (memoryBytes === undefined || typeof values?.MemoryBytes === 'number') &&
    (cpus === undefined || typeof values?.Processors === 'number') &&
    (pids === undefined || values?.ProcessCount === pids);
  if (isKept) return;
  const reason = 'this Windows takes the limit, but does not keep it';
  throw new SilostatError('ERR_UNSUPPORTED', { subject: id, operation, reason });
}
