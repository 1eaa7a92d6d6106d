import type { QueryResult, Statistics } from 'silostat';
import type { Io, System } from '../io.ts';
import { Pause } from './pause.ts';

const firstPauseMs = 20;
const longestPauseMs = 500;

/**
 * Reads a job again and again while it runs: once its processes have ended, their memory can no longer be read. Close
 * together at first, so that short commands are seen too, then every half second.
 */
export class Samples {
  readonly #system: System;
  readonly #pause: Pause;
  #last: QueryResult | undefined;
  #peak = 0;
  #count = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(system: System, io: Io) {
    this.#system = system;
    this.#pause = new Pause(io);
  }

  /** The first reading opens files and takes longer than all others: it must not fall into the command's time. */
  async prepare(): Promise<void> {
    await this.#sample();
  }

  start(): void {
    this.#loop = this.#read();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    await this.#loop;
  }

  /** The last reading that saw the memory of living processes. */
  get last(): QueryResult | undefined {
    return this.#last;
  }

  /** The largest private working set that was seen, in bytes. */
  get peak(): number | undefined {
    return this.#last === undefined ? undefined : this.#peak;
  }

  /** How many readings saw living processes. */
  get count(): number {
    return this.#count;
  }

  /** The final reading's counters and peak, with the memory that was in use when processes were last seen. */
  withLastMemory(final: QueryResult): QueryResult {
    const { MemoryUsageCommitPeakBytes: peak } = final.properties.Statistics?.Memory ?? {};
    const { MemoryUsageCommitBytes: commit, MemoryUsagePrivateWorkingSetBytes: resident } =
      this.#last?.properties.Statistics?.Memory ?? {};
    const memory = {
      ...(commit !== undefined && { MemoryUsageCommitBytes: commit }),
      ...(peak !== undefined && { MemoryUsageCommitPeakBytes: peak }),
      ...(resident !== undefined && { MemoryUsagePrivateWorkingSetBytes: resident }),
    };
    const statistics: Statistics = { ...final.properties.Statistics, Memory: memory };
    return { ...final, properties: { ...final.properties, Statistics: statistics } };
  }

  async #read(): Promise<void> {
    for (let pause = firstPauseMs; !this.#pause.isOver; pause = Math.min(pause * 2, longestPauseMs)) {
      await this.#sample();
      if (this.#pause.isOver) return;
      await this.#pause.sleep(pause);
    }
  }

  /** What cannot be read now may be read next time; the final reading tells why if it cannot. */
  async #sample(): Promise<void> {
    try {
      this.#keep(await this.#system.query(['Statistics']));
    } catch {
      return;
    }
  }

  /** A job without private memory has no living process (or one that has not begun). */
  #keep(result: QueryResult): void {
    const bytes = result.properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes;
    if (bytes === undefined || bytes === 0) return;
    this.#last = result;
    this.#peak = Math.max(this.#peak, bytes);
    this.#count++;
  }
}
