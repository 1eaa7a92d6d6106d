import type { Handle } from './call/handle.ts';
import { queryJob } from './call/job.ts';
import type { NativeMemory } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { ntError } from './errors.ts';
import type { KeptProcesses } from './kept-processes.ts';

/** A job object for as long as a call takes: the handle stays its owner's. */
export interface OpenJob {
  readonly handle: Handle;
  /** For messages. */
  readonly name: string;
  /** Handles of its processes that outlive the call; without it each is closed right after it was asked. */
  readonly kept?: KeptProcesses | undefined;
}

/**
 * Asks a job for one information class.
 * @param operation a verb phrase: "read memory of job"
 * @throws SilostatError by what the status means
 */
export function queryOrThrow(job: OpenJob, informationClass: number, into: NativeMemory, operation: string): void {
  const status = queryJob(job.handle, informationClass, into);
  if (succeeded(status)) return;
  throw ntError(`NtQueryInformationJobObject class ${informationClass}`, status, { operation, subject: job.name });
}
