import { fields } from './fields.ts';
import type { Properties } from './schema/properties.ts';

/**
 * What a container used per second between two readings. A member is absent where one of the readings lacks the figure;
 * 0 is a measured 0.
 */
export interface Rates {
  /** Processors in use on average: 0.5 is half of one, 3 is three whole ones. */
  processors?: number;
  readBytesPerSecond?: number;
  writeBytesPerSecond?: number;
  /** Read operations per second. */
  readsPerSecond?: number;
  /** Write operations per second. */
  writesPerSecond?: number;
}

/** Each rate, the counter that it is of, and how many of the counter's units make one of the rate's. */
const rateOfCounter = [
  { name: 'processors', section: 'Processor', member: 'TotalRuntime100ns', unit: 10_000_000 },
  { name: 'readBytesPerSecond', section: 'Storage', member: 'ReadSizeBytes', unit: 1 },
  { name: 'writeBytesPerSecond', section: 'Storage', member: 'WriteSizeBytes', unit: 1 },
  { name: 'readsPerSecond', section: 'Storage', member: 'ReadCountNormalized', unit: 1 },
  { name: 'writesPerSecond', section: 'Storage', member: 'WriteCountNormalized', unit: 1 },
] as const satisfies readonly { name: keyof Rates; section: string; member: string; unit: number }[];

/** Part of a document, and the counters in it that only begin anew when the container does. */
interface CounterSection {
  readonly steps: readonly string[];
  readonly members: readonly string[];
}

/** Those within a list are none of them: the figures of single processes come and go with them. */
const counterSections: readonly CounterSection[] = sectionsOf(
  fields.filter(({ kind, wraps, each }) => kind === 'counter' && wraps !== true && each === undefined),
);

function sectionsOf(counters: readonly { readonly path: string }[]): CounterSection[] {
  const sections = new Map<string, { steps: string[]; members: string[] }>();
  for (const { path } of counters) {
    const steps = path.split('.');
    const member = steps.pop() ?? path;
    const section = sections.get(steps.join('.')) ?? { steps, members: [] };
    section.members.push(member);
    sections.set(steps.join('.'), section);
  }
  return [...sections.values()];
}

/**
 * The rates between two documents of one container. Give the time that was really between the two readings, from a clock
 * that never jumps (`process.hrtime.bigint()` right before each query), not the interval that was asked for.
 * undefined where no time has passed, or a counter went backwards: then they are not of the same container.
 */
export function ratesBetween(earlier: Properties, later: Properties, elapsedNs: bigint): Rates | undefined {
  if (elapsedNs <= 0n || hasCounterGoneBack(earlier, later)) return undefined;
  const seconds = Number(elapsedNs) / 1e9;
  const rates: Rates = {};
  for (const { name, section, member, unit } of rateOfCounter) {
    const before = numberIn(earlier.Statistics?.[section], member);
    const after = numberIn(later.Statistics?.[section], member);
    if (before !== undefined && after !== undefined) rates[name] = (after - before) / unit / seconds;
  }
  return rates;
}

/** True when some counter that both documents have is less in the later one: it began anew, under another identity. */
export function hasCounterGoneBack(earlier: Properties, later: Properties): boolean {
  for (const { steps, members } of counterSections) {
    const before = partAt(earlier, steps);
    const after = before === undefined ? undefined : partAt(later, steps);
    if (after === undefined) continue;
    for (const member of members) if (isLess(numberIn(after, member), numberIn(before, member))) return true;
  }
  return false;
}

function isLess(after: number | undefined, before: number | undefined): boolean {
  return after !== undefined && before !== undefined && after < before;
}

function partAt(document: Properties, steps: readonly string[]): object | undefined {
  let at: unknown = document;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === 'object' && at !== null ? at : undefined;
}

function numberIn(part: object | undefined, member: string): number | undefined {
  const value = (part as Record<string, unknown> | undefined)?.[member];
  return typeof value === 'number' ? value : undefined;
}
