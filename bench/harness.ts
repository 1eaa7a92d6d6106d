/** Something that is measured: `sample` does it `count` times and gives the nanoseconds of each. */
export interface Contestant {
  readonly name: string;
  sample(count: number): number[] | Promise<number[]>;
}

export interface Effort {
  /** How often all contestants have their turn, one after the other. */
  readonly rounds: number;
  /** How often each does its work in a turn. */
  readonly perRound: number;
}

/** A statement about medians that must hold. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly limit: string;
  readonly holds: boolean;
}

export interface Row {
  readonly name: string;
  readonly medianNs: number;
  /** What it is compared with, and how it compares. */
  readonly note?: string;
}

export interface BenchResult {
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** Why it cannot run here; undefined when it can. */
  unavailable(): string | undefined;
  run(effort: Effort): Promise<BenchResult>;
}

export const fullEffort: Effort = { rounds: 30, perRound: 10 };
/** Enough to see that it runs; its figures mean nothing. */
export const smokeEffort: Effort = { rounds: 2, perRound: 2 };

/**
 * Median of each contestant, in nanoseconds. They take turns, so that what slows the machine down for a while slows all of
 * them down; a round to warm up comes first.
 */
export async function medians(contestants: readonly Contestant[], effort: Effort): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) await contestant.sample(effort.perRound);
  for (let round = 0; round < effort.rounds; round++) {
    for (const contestant of contestants) {
      samples.get(contestant.name)?.push(...(await contestant.sample(effort.perRound)));
    }
  }
  return new Map([...samples].map(([name, all]) => [name, median(all)]));
}

/** A contestant that is a function of this program. */
export function inProcess(name: string, work: () => void): Contestant {
  return {
    name,
    sample: (count) => {
      const ns: number[] = [];
      for (let i = 0; i < count; i++) {
        const began = process.hrtime.bigint();
        work();
        ns.push(Number(process.hrtime.bigint() - began));
      }
      return ns;
    },
  };
}

function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length >> 1;
  const upper = ordered[middle] ?? Number.NaN;
  return ordered.length % 2 === 1 ? upper : ((ordered[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function atMost(what: string, value: number, limit: number): Check {
  return { what, value, limit: `at most ${limit}`, holds: value <= limit };
}

export function atLeast(what: string, value: number, limit: number): Check {
  return { what, value, limit: `at least ${limit}`, holds: value >= limit };
}
