import {
  PROCESS_CREATE_THREAD,
  PROCESS_QUERY_INFORMATION,
  PROCESS_VM_OPERATION,
  PROCESS_VM_READ,
  PROCESS_VM_WRITE,
} from '../abi/process.ts';
import { isOf32Bits, sendCloseEvent } from '../call/ask-to-close.ts';
import { closeHandle } from '../call/handle.ts';
import { openProcess } from '../call/process.ts';
import type { JobObject } from '../job-object.ts';

/** What a thread in another process takes. */
const access =
  PROCESS_CREATE_THREAD | PROCESS_QUERY_INFORMATION | PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE;

/**
 * Tells every process of the job what a console tells its programs when its window is closed: Windows' nearest to SIGTERM. A
 * program without a handler for it ends; Node's and Go's make a signal of it (SIGHUP, SIGTERM). It needs no console.
 *
 * Whoever cannot be asked (it denies us, or is of another machine type, whose kernel32 stands elsewhere) is ended at the
 * deadline, as is whoever does not follow.
 */
export function askToClose(job: JobObject): void {
  // On arm64 a process may be an emulated one of x64, and nothing that all Windows have tells so.
  if (process.arch !== 'x64') return;
  for (const pid of job.pids()) {
    const handle = openProcess(pid, access);
    if (typeof handle !== 'number') continue;
    if (job.has(handle) && isOf32Bits(handle) === false) sendCloseEvent(handle);
    closeHandle(handle);
  }
}
