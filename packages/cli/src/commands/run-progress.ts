import { type QueryResult, ratesBetween } from 'silostat';
import type { Io, Job, OpenedFile } from '../io.ts';
import { type ProgressRow, progressCsvHeader, progressCsvLine, renderLiveLine } from '../render/run-progress.ts';
import { Pause } from './pause.ts';

const clearLine = '\r\x1b[K';

export interface ProgressOptions {
  readonly intervalSeconds: number;
  readonly csv: OpenedFile | undefined;
  /** On the terminal that stderr is. */
  readonly isLive: boolean;
}

/** What a command uses while it runs: a row per interval in a file, and a line on the terminal that is written over. */
export class RunProgress {
  readonly #job: Job;
  readonly #io: Io;
  readonly #options: ProgressOptions;
  readonly #pause: Pause;
  #began = 0n;
  #before: { readonly result: QueryResult; readonly atNs: bigint } | undefined;
  #isDrawn = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(job: Job, io: Io, options: ProgressOptions) {
    this.#job = job;
    this.#io = io;
    this.#options = options;
    this.#pause = new Pause(io);
  }

  start(): void {
    const { csv, isLive } = this.#options;
    this.#began = this.#io.clock.monotonicNs();
    if (csv === undefined && !isLive) return;
    csv?.write(`${progressCsvHeader()}\n`);
    this.#loop = this.#run();
  }

  /** Takes the line away, and writes the last row: what the command used in all. */
  async stop(): Promise<void> {
    this.#pause.end();
    await this.#loop;
    if (this.#options.csv !== undefined) await this.#tell();
    if (this.#isDrawn) this.#io.stderr.write(clearLine);
    this.#isDrawn = false;
  }

  async #run(): Promise<void> {
    const interval = BigInt(Math.round(this.#options.intervalSeconds * 1e9));
    while (!this.#pause.isOver) {
      // A slow reading skips beats instead of piling them up.
      const elapsed = this.#io.clock.monotonicNs() - this.#began;
      await this.#pause.sleep(Number(interval - (elapsed % interval)) / 1e6);
      if (!this.#pause.isOver) await this.#tell();
    }
  }

  /** What cannot be read now may be read next time. */
  async #tell(): Promise<void> {
    let row: ProgressRow;
    try {
      row = await this.#read();
    } catch {
      return;
    }
    const { csv, isLive } = this.#options;
    csv?.write(`${progressCsvLine(row)}\n`);
    if (!isLive || this.#pause.isOver) return;
    const { columns = 80 } = this.#io.stderr;
    // The cursor goes back to where the line begins: what the command writes next takes its place.
    this.#io.stderr.write(`${clearLine}${renderLiveLine(row, columns - 1)}\r`);
    this.#isDrawn = true;
  }

  async #read(): Promise<ProgressRow> {
    const atNs = this.#io.clock.monotonicNs();
    const result = await this.#job.query(['Statistics']);
    const before = this.#before;
    this.#before = { result, atNs };
    const rates = before && ratesBetween(before.result.properties, result.properties, atNs - before.atNs);
    return {
      properties: result.properties,
      elapsed100ns: Number((atNs - this.#began) / 100n),
      started: this.#job.started(),
      ...(rates !== undefined && { rates }),
    };
  }
}
