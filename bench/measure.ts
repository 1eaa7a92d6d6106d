import type { Effort, Row } from './harness.ts';

/** Something that is measured: `sample` does its work `count` times and gives the nanoseconds of each. */
export interface Contestant {
  readonly name: string;
  sample(count: number): number[] | Promise<number[]>;
}

/** Half of all samples lie between `low` and `high`. */
interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** What one contestant did in one run, in nanoseconds: all its samples, and the median of each of its turns. */
export interface Figures extends Spread {
  readonly turns: readonly number[];
}

export type Measured = ReadonlyMap<string, Figures>;

/**
 * They take turns, so that what slows the machine down for a while slows all of them down; a round to warm up comes first.
 */
export async function measure(contestants: readonly Contestant[], effort: Effort): Promise<Measured> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const turns = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) await contestant.sample(effort.perRound);
  for (let round = 0; round < effort.rounds; round++) {
    for (const contestant of contestants) {
      const turn = await contestant.sample(effort.perRound);
      samples.get(contestant.name)?.push(...turn);
      turns.get(contestant.name)?.push(spreadOf(turn).median);
    }
  }
  return new Map([...samples].map(([name, all]) => [name, { ...spreadOf(all), turns: turns.get(name) ?? [] }]));
}

/** Reads a clock, in nanoseconds. */
type Clock = () => number;

const wallClock: Clock = () => Number(process.hrtime.bigint());

/** The time that this process had a processor, all its threads together: what others do on the machine hardly shows in it. */
export const processorClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

interface Sampling {
  /** Each sample is the mean of so many times, so that reading the clock does not count. */
  readonly batch?: number;
  readonly clock?: Clock;
}

/** A contestant of this program. */
export function inProcess(
  name: string,
  work: () => unknown,
  { batch = 1, clock = wallClock }: Sampling = {},
): Contestant {
  return {
    name,
    sample: (count) =>
      Array.from({ length: count }, () => {
        const began = clock();
        for (let i = 0; i < batch; i++) work();
        return (clock() - began) / batch;
      }),
  };
}

/** The same for what gives a promise; each is waited for before the next. */
export function awaited(
  name: string,
  work: () => Promise<unknown>,
  { batch = 1, clock = wallClock }: Sampling = {},
): Contestant {
  return {
    name,
    sample: async (count) => {
      const ns: number[] = [];
      for (let sample = 0; sample < count; sample++) {
        const began = clock();
        for (let i = 0; i < batch; i++) await work();
        ns.push((clock() - began) / batch);
      }
      return ns;
    },
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const ordered = [...values].sort((a, b) => a - b);
  return { low: quantile(ordered, 0.25), median: quantile(ordered, 0.5), high: quantile(ordered, 0.75) };
}

/** Between two values where it falls between them. `ordered` is ascending. */
function quantile(ordered: readonly number[], fraction: number): number {
  const at = (ordered.length - 1) * fraction;
  const [below = Number.NaN, above = below] = ordered.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at - Math.floor(at));
}

export function medianOf(measured: Measured, name: string): number {
  return measured.get(name)?.median ?? Number.NaN;
}

/**
 * How many times as long as `floor` did `name` take? The median of the rounds: what disturbs a round disturbs both of its
 * turns, so their ratio is steadier than either.
 */
export function ratioOf(measured: Measured, name: string, floor: string): number {
  const floors = measured.get(floor)?.turns ?? [];
  return spreadOf((measured.get(name)?.turns ?? []).map((turn, round) => turn / (floors[round] ?? Number.NaN))).median;
}

/** Lines of the table, in microseconds. `floor`: all are compared with that one. */
export function timeRows(measured: Measured, floor?: string, prefix = ''): Row[] {
  return [...measured].map(([name, { low, median, high }]) => ({
    name: `${prefix}${name}`,
    median: median / 1000,
    low: low / 1000,
    high: high / 1000,
    unit: 'µs',
    ...(floor !== undefined && name !== floor && { note: `${ratioOf(measured, name, floor).toFixed(2)} x ${floor}` }),
  }));
}
