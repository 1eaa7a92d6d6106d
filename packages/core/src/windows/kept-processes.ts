import type { Handle } from './call/handle.ts';
import { closeHandle } from './call/handle.ts';
import { isProcessInJob } from './call/job.ts';

/**
 * Handles of a job's processes that are kept from one reading to the next. A handle pins the process: its pid can be nobody
 * else's, so it need neither be opened nor be looked for in the job again. No handle of the job itself is kept: that
 * would keep a dead container alive, and defeat the kill-on-close of its owner.
 */
export class KeptProcesses {
  readonly #handles = new Map<number, Handle>();
  #timer: NodeJS.Timeout | undefined;

  handleOf(pid: number): Handle | undefined {
    return this.#handles.get(pid);
  }

  /** From now on the handle is ours to close. */
  keep(pid: number, process: Handle): void {
    this.#handles.set(pid, process);
  }

  /** Closes those of processes that have left the job. */
  retain(pids: readonly number[]): void {
    if (this.#handles.size === 0) return;
    const listed = new Set(pids);
    for (const [pid, process] of this.#handles) {
      if (listed.has(pid)) continue;
      this.#handles.delete(pid);
      closeHandle(process);
    }
  }

  /**
   * True when the job is another one than that of the processes: one of the same name that was made since. A process stays
   * in its job when it exits.
   */
  areOfAnother(job: Handle): boolean {
    const [process] = this.#handles.values();
    return process !== undefined && isProcessInJob(process, job) === false;
  }

  /** Closes all of them after so many milliseconds, unless there is another reading before. Keeps no program running. */
  closeAfter(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#handles.size === 0 ? undefined : setTimeout(() => this.closeAll(), milliseconds).unref();
  }

  closeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const process of this.#handles.values()) closeHandle(process);
    this.#handles.clear();
  }
}
