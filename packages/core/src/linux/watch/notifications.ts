import type { FSWatcher } from 'node:fs';
import { readFileSync, watch } from 'node:fs';

/** What a file or directory is watched by, until it is closed. */
export interface Notification {
  close(): void;
}

const usualQueue = 16_384;

/**
 * Watches files and directories (inotify, through node:fs). The kernel queues so many events and drops what comes beyond
 * that, which node:fs does not pass on. So the events of each turn are counted: where there were as many as could have made the
 * queue overflow, some may be lost, and whoever watches is told to look for himself.
 */
export class Notifications {
  readonly #mostEvents: number;
  readonly #onLost: () => void;
  readonly #open = new Set<FSWatcher>();
  #events = 0;
  #isTurnCounted = false;

  /** @param procRoot where /proc is mounted */
  constructor(onLost: () => void, procRoot = '/proc') {
    this.#onLost = onLost;
    // Half of it: other watchers of this program share the queue.
    this.#mostEvents = queueLength(procRoot) / 2;
  }

  /**
   * Calls `listener` with the name of what was made, removed or changed. Does not keep the program running.
   * @returns undefined where it cannot be watched: it has gone, or the limits of this user are reached
   */
  watch(path: string, listener: (event: 'rename' | 'change', name: string) => void): Notification | undefined {
    let watcher: FSWatcher;
    try {
      watcher = watch(path, { persistent: false });
    } catch {
      return undefined;
    }
    this.#open.add(watcher);
    const close = (): void => {
      if (!this.#open.delete(watcher)) return;
      this.#count();
      watcher.close();
    };
    watcher.on('change', (event, name) => {
      this.#count();
      if (this.#open.has(watcher)) listener(event as 'rename' | 'change', String(name));
    });
    watcher.on('error', close);
    return { close };
  }

  /** How many are watched now. */
  get count(): number {
    return this.#open.size;
  }

  close(): void {
    for (const watcher of this.#open) watcher.close();
    this.#open.clear();
  }

  /** One more entry of the queue; an end of a watch is one too. */
  #count(): void {
    this.#events++;
    if (this.#isTurnCounted) return;
    this.#isTurnCounted = true;
    setImmediate(() => {
      const isLost = this.#events >= this.#mostEvents;
      this.#events = 0;
      this.#isTurnCounted = false;
      if (isLost && this.#open.size > 0) this.#onLost();
    }).unref();
  }
}

function queueLength(procRoot: string): number {
  try {
    const length = Number(readFileSync(`${procRoot}/sys/fs/inotify/max_queued_events`, 'utf8'));
    return length > 0 ? length : usualQueue;
  } catch {
    return usualQueue;
  }
}
