import { isGone } from './errors.ts';
import type { Job, ProcessReading, Reading } from './job.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { emptyAnswer, noAbsences } from './kernel-answer.ts';
import type { Absences, ProcessTally, Reason, Sources } from './report.ts';
import { isTallyComplete, reasonOf } from './report.ts';
import type { MemoryStatistics, Statistics } from './schema/statistics.ts';
import { rfc3339FromUnixMs } from './schema/time.ts';
import { sharedSources } from './shared-sources.ts';
import type { ContainerStart, Moment } from './start-time.ts';
import { uptime100ns } from './start-time.ts';

/** Where the private working set stands within Statistics. */
export const privateWorkingSetPath = 'Memory.MemoryUsagePrivateWorkingSetBytes';
const onlyPrivateWorkingSet: readonly string[] = Object.freeze([privateWorkingSetPath]);
const startMembers: readonly string[] = Object.freeze(['ContainerStartTime', 'Uptime100ns']);

/**
 * Memory, processor, storage, private working set, in this order. What one section throws leaves the others standing;
 * without memory, processor or the processes Statistics is a leftover.
 * @throws what the job threw, when the job has gone.
 */
export function readStatistics(job: Job, at: Moment, start: ContainerStart): KernelAnswer {
  const answer = emptyAnswer();
  const memory = readSection(answer, 'Memory', () => job.memory());
  const processor = readSection(answer, 'Processor', () => job.processor());
  const storage = readSection(answer, 'Storage', () => job.storage());
  const resident = readSection(answer, privateWorkingSetPath, () => job.privateWorkingSet());
  start.noteRuntime(processor?.values?.TotalRuntime100ns);
  start.lookAt(job);
  if ((memory ?? processor ?? storage ?? resident) === undefined) return answer;

  const value: Statistics = { Timestamp: rfc3339FromUnixMs(at.unixMs) };
  addStart(answer, value, at, start);
  if (processor?.values !== undefined) value.Processor = processor.values;
  const memoryValues = withPrivateWorkingSet(memory?.values, resident?.values);
  if (memoryValues !== undefined) value.Memory = memoryValues;
  if (storage?.values !== undefined) value.Storage = storage.values;
  answer.value = value;
  answer.sources = mergedSources(
    start.known?.sources,
    memory?.sources,
    processor?.sources,
    storage?.sources,
    resident?.sources,
  );
  if (resident !== undefined) noteTally(answer, resident);
  return answer;
}

/** Statistics of which nothing but the start is known; undefined where that is not either. */
export function startAlone(answer: KernelAnswer, at: Moment, start: ContainerStart): Statistics | undefined {
  if (start.known === undefined) return undefined;
  const value: Statistics = {};
  addStart(answer, value, at, start);
  answer.sources = start.known.sources;
  return value;
}

/** When the container started, and for how long it has been running; both or neither. */
function addStart(answer: KernelAnswer, value: Statistics, at: Moment, start: ContainerStart): void {
  if (start.known === undefined) {
    answer.absent = { ...answer.absent, ContainerStartTime: start.unknown, Uptime100ns: start.unknown };
    return;
  }
  value.ContainerStartTime = start.known.text;
  value.Uptime100ns = uptime100ns(start.known, at);
  if (start.known.estimated) answer.estimated = startMembers;
}

function readSection<T extends Reading<unknown>>(answer: KernelAnswer, path: string, read: () => T): T | undefined {
  try {
    const reading = read();
    if (reading.absent !== undefined) addAbsences(answer, reading.absent);
    return reading;
  } catch (error) {
    if (isGone(error)) throw error;
    const reason = reasonOf(error);
    answer.absent = { ...answer.absent, [path]: reason };
    if (path !== 'Storage' && answer.leftover === undefined) {
      answer.leftover = reason;
      answer.error = error;
    }
    return undefined;
  }
}

/** What is missing each time is the same frozen object each time: it is copied only where there are several. */
function addAbsences(answer: KernelAnswer, absent: Absences): void {
  answer.absent = answer.absent === noAbsences ? absent : { ...answer.absent, ...absent };
}

/** Into the values that were made for this reading. */
function withPrivateWorkingSet(
  memory: MemoryStatistics | undefined,
  bytes: number | undefined,
): MemoryStatistics | undefined {
  if (bytes === undefined) return memory;
  if (memory === undefined) return { MemoryUsagePrivateWorkingSetBytes: bytes };
  memory.MemoryUsagePrivateWorkingSetBytes = bytes;
  return memory;
}

/** Processes that could not be read make the private working set a lower bound, and worth asking somebody else. */
function noteTally(answer: KernelAnswer, resident: ProcessReading<number>): void {
  const tally = resident.processes;
  if (tally === undefined) return;
  answer.processes = tally;
  if (isTallyComplete(tally)) return;
  if (resident.values !== undefined) answer.lowerBounds = onlyPrivateWorkingSet;
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

interface Merge {
  readonly parts: readonly (Sources | undefined)[];
  readonly merged: Sources;
}

/** The parts are the same frozen objects for all containers of a kind: there are a few merges on any host. */
let merges: Merge[] = [];
const mostMerges = 32;

function mergedSources(...parts: readonly (Sources | undefined)[]): Sources {
  const known = merges.find((merge) => merge.parts.every((part, index) => part === parts[index]));
  if (known !== undefined) return known.merged;
  if (merges.length === mostMerges) merges = [];
  const merged = sharedSources(Object.assign({}, ...parts));
  merges.push({ parts, merged });
  return merged;
}
