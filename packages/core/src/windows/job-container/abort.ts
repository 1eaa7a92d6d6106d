import type { SpawnOptions } from 'node:child_process';
import type { JobObjectProcess } from './job-object-process.ts';

/** Node's options that end a child: `timeout` in milliseconds and `signal`, both by `killSignal`. */
export function endOnDemand(child: JobObjectProcess, { timeout, signal, killSignal = 'SIGTERM' }: SpawnOptions): void {
  if (timeout !== undefined && timeout > 0) {
    const timer = setTimeout(() => child.kill(killSignal), timeout);
    child.once('exit', () => clearTimeout(timer));
  }
  if (signal === undefined) return;
  const abort = () => {
    if (child.kill(killSignal)) child.emit('error', abortError(signal.reason));
  };
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  child.once('exit', () => signal.removeEventListener('abort', abort));
}

/** As Node's own child gives it. */
function abortError(cause: unknown): Error {
  const error = new Error('The operation was aborted', { cause });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}
