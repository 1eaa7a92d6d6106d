import type { SilostatError } from './errors.ts';
import type { Job, ProcessReading, Reading } from './job.ts';
import type { Absences, ProcessTally, Reason, Sources } from './report.ts';
import { isTallyComplete, reasonOf } from './report.ts';
import type { MemoryStatistics, Statistics } from './schema/statistics.ts';

/** What the kernel had to say about one property type. */
export interface KernelAnswer<T = unknown> {
  /** What was read, even where it is not all. */
  value: T | undefined;
  sources: Sources;
  absent: Absences;
  lowerBounds: readonly string[];
  processes?: ProcessTally;
  /** Set when somebody else should be asked as well: the kernel could not answer, or only with a lower bound. */
  leftover?: Reason;
  /** With `leftover`: the value holds without help, it is only a lower bound. */
  tolerable: boolean;
  error?: unknown;
}

const nothing = Object.freeze({});
const none: readonly string[] = Object.freeze([]);
const privateWorkingSet = 'Memory.MemoryUsagePrivateWorkingSetBytes';
const privateWorkingSetIsLowerBound = Object.freeze([privateWorkingSet]);

/** Turns one reading of a job into an answer. */
export function answerFromReading<T>(reading: ProcessReading<T>): KernelAnswer<T> {
  const answer: KernelAnswer<T> = {
    value: reading.values,
    sources: reading.sources,
    absent: reading.absent ?? nothing,
    lowerBounds: none,
    tolerable: false,
  };
  if (reading.processes !== undefined) answer.processes = reading.processes;
  if (reading.values === undefined) {
    answer.leftover = firstReason(reading.absent) ?? { code: 'ERR_UNSUPPORTED', message: 'the kernel has no answer' };
  }
  return answer;
}

export function answerFromError<T>(error: unknown): KernelAnswer<T> {
  const leftover = reasonOf(error);
  return { value: undefined, sources: nothing, absent: nothing, lowerBounds: none, tolerable: false, leftover, error };
}

/**
 * Statistics of a job: memory, processor, storage, private working set, in this order. A section that throws makes the
 * type a leftover and keeps what the others gave; a job that has gone (ERR_NOT_FOUND) is thrown on.
 */
export function readStatistics(job: Job): KernelAnswer<Statistics> {
  const parts = new StatisticsParts();
  const memory = parts.take('Memory', () => job.memory());
  const processor = parts.take('Processor', () => job.processor());
  const storage = parts.take('Storage', () => job.storage());
  const resident = parts.take(privateWorkingSet, () => job.privateWorkingSet());

  const value: Statistics = {};
  if (processor?.values !== undefined) value.Processor = processor.values;
  const memoryValues = withPrivateWorkingSet(memory?.values, resident?.values);
  if (memoryValues !== undefined) value.Memory = memoryValues;
  if (storage?.values !== undefined) value.Storage = storage.values;
  return parts.answer(value, resident);
}

function withPrivateWorkingSet(
  memory: MemoryStatistics | undefined,
  bytes: number | undefined,
): MemoryStatistics | undefined {
  if (bytes === undefined) return memory;
  return { ...memory, MemoryUsagePrivateWorkingSetBytes: bytes };
}

/** Collects the sections' sources, absences and failures. */
class StatisticsParts {
  readonly #sources: Record<string, string> = {};
  readonly #absent: Record<string, Reason> = {};
  #failure: Reason | undefined;
  #error: unknown;

  take<T extends Reading<unknown>>(path: string, read: () => T): T | undefined {
    try {
      const reading = read();
      Object.assign(this.#sources, reading.sources);
      if (reading.absent !== undefined) Object.assign(this.#absent, reading.absent);
      return reading;
    } catch (error) {
      if (isGone(error)) throw error;
      const reason = reasonOf(error);
      this.#absent[path] = reason;
      // Storage that cannot be read leaves only itself out; without the others there are no statistics.
      if (path !== 'Storage' && this.#failure === undefined) {
        this.#failure = reason;
        this.#error = error;
      }
      return undefined;
    }
  }

  answer(value: Statistics, resident: ProcessReading<number> | undefined): KernelAnswer<Statistics> {
    const answer: KernelAnswer<Statistics> = {
      value,
      sources: this.#sources,
      absent: this.#absent,
      lowerBounds: none,
      tolerable: false,
    };
    const tally = resident?.processes;
    if (tally !== undefined) answer.processes = tally;
    if (this.#failure !== undefined) {
      answer.leftover = this.#failure;
      answer.error = this.#error;
    } else if (tally !== undefined && !isTallyComplete(tally)) {
      if (resident?.values !== undefined) answer.lowerBounds = privateWorkingSetIsLowerBound;
      answer.leftover = unreadProcesses(tally);
      answer.tolerable = true;
    }
    return answer;
  }
}

function unreadProcesses(tally: ProcessTally): Reason {
  const code = tally.denied > 0 ? 'ERR_ACCESS_DENIED' : 'ERR_UNSUPPORTED';
  const why = tally.denied > 0 ? `${tally.denied} denied access` : `${tally.unreadable} gave no figure`;
  return { code, message: `${tally.read} of ${tally.listed} processes read, ${why}` };
}

/** True when the job itself is no longer there. */
export function isGone(error: unknown): boolean {
  return (error as SilostatError | undefined)?.code === 'ERR_NOT_FOUND';
}

function firstReason(absent: Absences | undefined): Reason | undefined {
  return absent === undefined ? undefined : Object.values(absent)[0];
}
