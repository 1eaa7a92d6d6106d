/**
 * Runs tasks that make native calls, so many at a time, in the order in which they came. A native call that hangs cannot be
 * cancelled: it keeps its place until it returns, while its caller is let go when he has waited long enough. What waits
 * behind it gives up its place in the queue likewise.
 */
export class CallQueue {
  readonly #atATime: number;
  /** What starts each of those that wait. */
  readonly #waiting = new Set<() => void>();
  #running = 0;
  /** Of those that run, the ones whose callers have been let go. */
  #abandoned = 0;

  constructor(atATime: number) {
    this.#atATime = atATime;
  }

  /** Tasks that have been started and have not ended: that many native calls may be under way. */
  get running(): number {
    return this.#running;
  }

  /** True when every place is taken by a call that has not returned in time: what comes now will wait in vain. */
  get isStuck(): boolean {
    return this.#abandoned >= this.#atATime;
  }

  /**
   * @param task what it gives after the signal is aborted is lost: it has to let go of it itself
   * @param signal how long the caller waits, in the queue and for the task; undefined for what must be done in any case
   * @throws what the task throws, or the signal's reason
   */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const start = (): void => void this.#start(task).then(resolve, reject).finally(settled);
      const abandon = (): void => {
        if (!this.#waiting.delete(start)) this.#abandoned++;
        reject(signal?.reason);
      };
      const settled = (): void => {
        if (signal?.aborted === true) this.#abandoned--;
        else signal?.removeEventListener('abort', abandon);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiting.add(start);
      this.#next();
    });
  }

  async #start<T>(task: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #next(): void {
    for (const start of this.#waiting) {
      if (this.#running >= this.#atATime) return;
      this.#waiting.delete(start);
      start();
    }
  }
}
