import type { Absences, ProcessTally, Reason, Sources } from './report.ts';
import { reasonOf } from './report.ts';

/** What the kernel had to say about one property type. */
export interface KernelAnswer {
  /** What was read, even where it is not all; undefined = nothing. */
  value: object | undefined;
  sources: Sources;
  absent: Absences;
  /** Paths of members that are a lower bound. */
  lowerBounds: readonly string[];
  /** Paths of members that are an estimate. */
  estimated: readonly string[];
  processes?: ProcessTally;
  /** Set when somebody else should be asked as well: the kernel could not answer, or only with a lower bound. */
  leftover?: Reason;
  /** What was thrown, where `leftover` comes from an error. */
  error?: unknown;
  /** With `leftover`: the value holds all the same, it is only a lower bound. */
  tolerable?: boolean;
  durationMs: number;
}

const nothing = Object.freeze({});

/** What an answer that lacks nothing has in `absent`. */
export const noAbsences: Absences = nothing;
const none: readonly string[] = Object.freeze([]);

/** An answer that says nothing yet. */
export function emptyAnswer(): KernelAnswer {
  return {
    value: undefined,
    sources: nothing,
    absent: nothing,
    lowerBounds: none,
    estimated: none,
    durationMs: 0,
  };
}

export function answerFromError(error: unknown): KernelAnswer {
  return { ...emptyAnswer(), leftover: reasonOf(error), error };
}
