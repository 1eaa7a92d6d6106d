import type { SilostatError } from './errors.ts';
import type { Job, ProcessReading, Reading } from './job.ts';
import type { Absences, ProcessTally, Reason, Sources } from './report.ts';
import { isTallyComplete, reasonOf } from './report.ts';
import type { PropertyType } from './schema/property-type.ts';
import type { MemoryStatistics, Statistics } from './schema/statistics.ts';

/** What the kernel had to say about one property type. */
export interface KernelAnswer {
  /** What was read, even where it is not all. */
  value: unknown;
  sources: Sources;
  absent: Absences;
  lowerBounds: readonly string[];
  /** Paths of members that are an estimate. */
  estimated?: readonly string[];
  processes?: ProcessTally;
  /** Set when somebody else should be asked as well: the kernel could not answer, or only with a lower bound. */
  leftover?: Reason;
  /** What was thrown, where `leftover` comes from an error. */
  error?: unknown;
  /** With `leftover`: the value holds all the same, it is only a lower bound. */
  tolerable?: boolean;
  durationMs: number;
}

/** Where the private working set stands within Statistics. */
export const privateWorkingSetPath = 'Memory.MemoryUsagePrivateWorkingSetBytes';

const nothing = Object.freeze({});
const none: readonly string[] = Object.freeze([]);
const privateWorkingSetIsLowerBound: readonly string[] = Object.freeze([privateWorkingSetPath]);

/** The types that some job can answer. */
const kernelTypes: ReadonlySet<PropertyType> = new Set(['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux']);

export function isKernelType(type: PropertyType): boolean {
  return kernelTypes.has(type);
}

/** True when what was thrown says that the job itself is no longer there. */
export function isGone(error: unknown): boolean {
  return (error as SilostatError | undefined)?.code === 'ERR_NOT_FOUND';
}

/**
 * Asks a job for one property type. A question that fails makes the type a leftover.
 * @throws what the job threw, when the job has gone.
 */
export function askJob(job: Job, type: PropertyType): KernelAnswer {
  const began = performance.now();
  const answer = type === 'Statistics' ? readStatistics(job) : readOther(job, type);
  answer.durationMs = performance.now() - began;
  return answer;
}

export function answerFromError(error: unknown): KernelAnswer {
  return { ...emptyAnswer(), leftover: reasonOf(error), error };
}

function readOther(job: Job, type: PropertyType): KernelAnswer {
  try {
    const reading = otherReading(job, type);
    return reading === undefined
      ? { ...emptyAnswer(), leftover: { code: 'ERR_UNSUPPORTED', message: `a ${job.kind} has no ${type}` } }
      : answerFromReading(reading);
  } catch (error) {
    if (isGone(error)) throw error;
    return answerFromError(error);
  }
}

function otherReading(job: Job, type: PropertyType): ProcessReading<unknown> | undefined {
  switch (type) {
    case 'ProcessList':
      return job.processList();
    case 'Limits':
      return job.limits?.();
    case 'Faults':
      return job.faults?.();
    case 'Linux':
      return job.linux?.();
    default:
      return undefined;
  }
}

function answerFromReading(reading: ProcessReading<unknown>): KernelAnswer {
  const answer = emptyAnswer();
  answer.value = reading.values;
  answer.sources = reading.sources;
  if (reading.absent !== undefined) answer.absent = reading.absent;
  if (reading.processes !== undefined) answer.processes = reading.processes;
  if (reading.values === undefined) {
    answer.leftover = Object.values(answer.absent)[0] ?? {
      code: 'ERR_UNSUPPORTED',
      message: 'the kernel has no answer',
    };
  }
  return answer;
}

/** Memory, processor, storage, private working set, in this order; what one section throws leaves the others standing. */
function readStatistics(job: Job): KernelAnswer {
  const answer = emptyAnswer();
  const parts = { sources: {} as Record<string, string>, absent: {} as Record<string, Reason>, answer };
  const memory = readSection(parts, 'Memory', () => job.memory());
  const processor = readSection(parts, 'Processor', () => job.processor());
  const storage = readSection(parts, 'Storage', () => job.storage());
  const resident = readSection(parts, privateWorkingSetPath, () => job.privateWorkingSet());

  const value: Statistics = {};
  const memoryValues = withPrivateWorkingSet(memory?.values, resident?.values);
  if (processor?.values !== undefined) value.Processor = processor.values;
  if (memoryValues !== undefined) value.Memory = memoryValues;
  if (storage?.values !== undefined) value.Storage = storage.values;
  answer.value = value;
  answer.sources = parts.sources;
  answer.absent = parts.absent;
  if (resident !== undefined) noteTally(answer, resident);
  return answer;
}

interface StatisticsParts {
  sources: Record<string, string>;
  absent: Record<string, Reason>;
  answer: KernelAnswer;
}

/** Storage that cannot be read leaves only itself out; without one of the others there are no statistics. */
function readSection<T extends Reading<unknown>>(parts: StatisticsParts, path: string, read: () => T): T | undefined {
  try {
    const reading = read();
    Object.assign(parts.sources, reading.sources);
    if (reading.absent !== undefined) Object.assign(parts.absent, reading.absent);
    return reading;
  } catch (error) {
    if (isGone(error)) throw error;
    const reason = reasonOf(error);
    parts.absent[path] = reason;
    if (path !== 'Storage' && parts.answer.leftover === undefined) {
      parts.answer.leftover = reason;
      parts.answer.error = error;
    }
    return undefined;
  }
}

function withPrivateWorkingSet(
  memory: MemoryStatistics | undefined,
  bytes: number | undefined,
): MemoryStatistics | undefined {
  return bytes === undefined ? memory : { ...memory, MemoryUsagePrivateWorkingSetBytes: bytes };
}

/** Processes that could not be read make the private working set a lower bound, and worth asking somebody else. */
function noteTally(answer: KernelAnswer, resident: ProcessReading<number>): void {
  const tally = resident.processes;
  if (tally === undefined) return;
  answer.processes = tally;
  if (isTallyComplete(tally)) return;
  if (resident.values !== undefined) answer.lowerBounds = privateWorkingSetIsLowerBound;
  if (answer.leftover !== undefined) return;
  answer.leftover = unreadProcesses(tally);
  answer.tolerable = true;
}

function unreadProcesses(tally: ProcessTally): Reason {
  const read = `${tally.read} of ${tally.listed} processes read`;
  return tally.denied > 0
    ? { code: 'ERR_ACCESS_DENIED', message: `${read}: ${tally.denied} denied access` }
    : { code: 'ERR_UNSUPPORTED', message: `${read}: ${tally.unreadable} gave no figure` };
}

function emptyAnswer(): KernelAnswer {
  return { value: undefined, sources: nothing, absent: nothing, lowerBounds: none, durationMs: 0 };
}
