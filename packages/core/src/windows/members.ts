import type { ProcessTally } from '../report.ts';
import { PROCESS_QUERY_LIMITED_INFORMATION } from './abi/process.ts';
import {
  ERROR_ACCESS_DENIED,
  ERROR_INVALID_HANDLE,
  ERROR_INVALID_PARAMETER,
  STATUS_ACCESS_DENIED,
  STATUS_PROCESS_IS_TERMINATING,
} from './abi/status.ts';
import type { Handle } from './call/handle.ts';
import { closeHandle } from './call/handle.ts';
import { isProcessInJob } from './call/job.ts';
import type { NtStatus } from './call/nt-status.ts';
import { succeeded } from './call/nt-status.ts';
import { openProcess } from './call/process.ts';
import { win32Error } from './errors.ts';
import type { OpenJob } from './open-job.ts';

/** How one listed process could be dealt with. */
export type Outcome = Exclude<keyof ProcessTally, 'listed'>;

/**
 * Opens each process with PROCESS_QUERY_LIMITED_INFORMATION, makes sure that it is the job's and not another one that got
 * its pid since, and has it read. Costs three calls a process beside those of `read`, and none for one that is kept.
 * @param read returns the status of its query
 * @param skipped is told of those that were not read
 * @throws SilostatError ERR_CLOSED when the job's handle is closed meanwhile
 */
export function visitMembers(
  job: OpenJob,
  pids: readonly number[],
  read: (process: Handle, pid: number) => NtStatus,
  skipped?: (pid: number, outcome: Outcome) => void,
): ProcessTally {
  const tally = newTally(pids.length);
  for (const pid of pids) {
    const outcome = visit(job, pid, read);
    tally[outcome]++;
    if (outcome !== 'read') skipped?.(pid, outcome);
  }
  job.kept?.retain(pids);
  return tally;
}

export function newTally(listed: number): ProcessTally {
  return { listed, read: 0, gone: 0, denied: 0, reused: 0, unreadable: 0 };
}

function visit(job: OpenJob, pid: number, read: (process: Handle, pid: number) => NtStatus): Outcome {
  const known = job.kept?.handleOf(pid);
  if (known !== undefined) return outcomeOfStatus(read(known, pid));
  const process = openProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION);
  if (typeof process !== 'number') return outcomeOfWin32(process.error);
  let isKept = false;
  try {
    const member = isProcessInJob(process, job.handle);
    if (member === true) {
      job.kept?.keep(pid, process);
      isKept = job.kept !== undefined;
      return outcomeOfStatus(read(process, pid));
    }
    if (member === false) return 'reused';
    if (member.error === ERROR_INVALID_HANDLE) {
      throw win32Error(member, { operation: 'read processes of job', subject: job.name });
    }
    return outcomeOfWin32(member.error);
  } finally {
    if (!isKept) closeHandle(process);
  }
}

/** There is no process with the id: ERROR_INVALID_PARAMETER. */
export function outcomeOfWin32(error: number): Outcome {
  if (error === ERROR_INVALID_PARAMETER) return 'gone';
  return error === ERROR_ACCESS_DENIED ? 'denied' : 'unreadable';
}

export function outcomeOfStatus(status: NtStatus): Outcome {
  if (succeeded(status)) return 'read';
  if (status === STATUS_PROCESS_IS_TERMINATING) return 'gone';
  return status === STATUS_ACCESS_DENIED ? 'denied' : 'unreadable';
}
