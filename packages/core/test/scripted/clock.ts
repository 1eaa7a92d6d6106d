import type { SamplerClock } from '../../dist/index.js';

interface Wait {
  dueNs: bigint;
  resolve: () => void;
  unref: boolean;
}

/** A clock that stands still until a test moves it. The wall clock can be set; the monotonic one only advances. */
export class ScriptedClock implements SamplerClock {
  wallMs: number;
  ns = 5_000_000_000n;
  /** Who waits for it now. */
  readonly waits = new Set<Wait>();

  constructor(wall = '2024-05-06T07:08:09.123Z') {
    this.wallMs = Date.parse(wall);
  }

  now(): number {
    return this.wallMs;
  }

  monotonicNs(): bigint {
    return this.ns;
  }

  wait(milliseconds: number, { signal, unref }: { signal: AbortSignal; unref: boolean }): Promise<void> {
    return new Promise((resolve) => {
      const dueNs = this.ns + BigInt(Math.round(milliseconds * 1e6));
      const wait: Wait = { dueNs, unref, resolve };
      wait.resolve = (): void => {
        this.waits.delete(wait);
        resolve();
      };
      this.waits.add(wait);
      signal.addEventListener('abort', wait.resolve, { once: true });
    });
  }

  /** Both clocks move on; who waited long enough goes on. */
  advance(milliseconds: number): void {
    this.wallMs += milliseconds;
    this.ns += BigInt(Math.round(milliseconds * 1e6));
    for (const wait of [...this.waits]) if (wait.dueNs <= this.ns) wait.resolve();
  }
}

/** Lets everything run that is ready to. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
