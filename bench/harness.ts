/** What every benchmark is made of. A new one is a module with a `Bench`, and a line in benches.ts. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** What is measured, and how, for who reads the table: one paragraph. */
  readonly about: string;
  /** After this time it is ended, and has failed. */
  readonly seconds: { readonly full: number; readonly smoke: number };
  /** Why it cannot run here; undefined when it can. */
  unavailable(): string | undefined;
  run(effort: Effort): Promise<BenchResult>;
}

export interface Effort {
  /** True: only to see that it runs; the figures mean nothing, and everything should be small. */
  readonly smoke: boolean;
  /** How often all contestants have their turn, one after the other. */
  readonly rounds: number;
  /** How often each does its work in a turn. */
  readonly perRound: number;
}

export const fullEffort: Effort = { smoke: false, rounds: 60, perRound: 5 };
export const smokeEffort: Effort = { smoke: true, rounds: 2, perRound: 2 };

export interface BenchResult {
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
  /** What else is to be said: what was compared, what is not there. */
  readonly notes?: readonly string[];
}

type Unit = 'µs' | 'ms' | 's' | 'MB' | '%' | '';

/** A line of the table. */
export interface Row {
  readonly name: string;
  readonly median: number;
  readonly unit: Unit;
  /** The quartiles: half of all samples lie between them. */
  readonly low?: number;
  readonly high?: number;
  /** What it is compared with, and how it compares. */
  readonly note?: string;
}

/** A statement about the figures of one run that must hold. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly limit: string;
  readonly holds: boolean;
}

export function atMost(what: string, value: number, limit: number): Check {
  return { what, value, limit: `at most ${limit}`, holds: value <= limit };
}

export function atLeast(what: string, value: number, limit: number): Check {
  return { what, value, limit: `at least ${limit}`, holds: value >= limit };
}
