import type { ProcessRow } from '../render/process-tree.ts';
import { inTree } from '../render/process-tree.ts';
import type { ProcessLine, TopRow } from '../render/top-model.ts';
import type { Observed } from './stats-observer.ts';
import { rowsOf } from './stats-rows.ts';

/** So many readings are kept: more than a bar of history is wide. */
const longestHistory = 60;

/** What the rows of `top` need of earlier readings. What has gone is forgotten. */
export class Histories {
  #processors = new Map<string, readonly (number | undefined)[]>();

  /** The rows of a reading, each with the processors of this one and those before. */
  rowsOf(observed: readonly Observed[]): TopRow[] {
    const rows = rowsOf(observed).map((row, at): TopRow => {
      const key = observed[at]?.reference ?? row.properties.Id;
      // Without a rate it is its first reading, or another container by now.
      const earlier = row.rates === undefined ? [] : (this.#processors.get(key) ?? []);
      const history = [...earlier, row.rates?.processors].slice(-longestHistory);
      const processCount = row.processCount ?? row.summary?.ProcessCount;
      return { ...row, key, history, ...(processCount !== undefined && { processCount }) };
    });
    this.#processors = new Map(rows.map(({ key, history }) => [key, history]));
    return rows;
  }
}

/** Which of the processes of one container used how much since the reading before. */
export class ProcessHistories {
  #before = new Map<string, number>();
  #beforeNs: bigint | undefined;

  /** `atNs` is when they were read, on a clock that never jumps. */
  linesOf(processes: readonly ProcessRow[], atNs: bigint): ProcessLine[] {
    const seconds = this.#beforeNs === undefined ? 0 : Number(atNs - this.#beforeNs) / 1e9;
    const now = new Map<string, number>();
    const rates = new Map<number, number>();
    for (const process of processes) {
      const ticks = (process.UserTime100ns ?? Number.NaN) + (process.KernelTime100ns ?? Number.NaN);
      const key = `${process.ProcessId} ${process.CreateTimestamp}`;
      const before = this.#before.get(key) ?? Number.NaN;
      now.set(key, ticks);
      const rate = (ticks - before) / 1e7 / seconds;
      if (seconds > 0 && rate >= 0) rates.set(process.ProcessId, rate);
    }
    [this.#before, this.#beforeNs] = [now, atNs];
    return inTree(processes).map((row): ProcessLine => {
      const processors = rates.get(row.process.ProcessId);
      return processors === undefined ? row : { ...row, processors };
    });
  }
}
