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
  { name: 'processors', path: 'Statistics.Processor.TotalRuntime100ns', unit: 10_000_000 },
  { name: 'readBytesPerSecond', path: 'Statistics.Storage.ReadSizeBytes', unit: 1 },
  { name: 'writeBytesPerSecond', path: 'Statistics.Storage.WriteSizeBytes', unit: 1 },
  { name: 'readsPerSecond', path: 'Statistics.Storage.ReadCountNormalized', unit: 1 },
  { name: 'writesPerSecond', path: 'Statistics.Storage.WriteCountNormalized', unit: 1 },
] as const satisfies readonly { name: keyof Rates; path: string; unit: number }[];

/** The counters that only begin anew when the container does. */
const counters = fields.filter(({ kind, wraps }) => kind === 'counter' && wraps !== true);

const steps: ReadonlyMap<string, readonly string[]> = new Map(fields.map(({ path }) => [path, path.split('.')]));

/**
 * The rates between two documents of one container. Give the time that was really between the two readings, from a clock
 * that never jumps (`process.hrtime.bigint()` right before each query), not the interval that was asked for.
 * undefined where no time has passed, or a counter went backwards: then they are not of the same container.
 */
export function ratesBetween(earlier: Properties, later: Properties, elapsedNs: bigint): Rates | undefined {
  if (elapsedNs <= 0n || hasCounterGoneBack(earlier, later)) return undefined;
  const seconds = Number(elapsedNs) / 1e9;
  const rates: Rates = {};
  for (const { name, path, unit } of rateOfCounter) {
    const before = figureAt(earlier, path);
    const after = figureAt(later, path);
    if (before !== undefined && after !== undefined) rates[name] = (after - before) / unit / seconds;
  }
  return rates;
}

/** True when some counter that both documents have is less in the later one: it began anew, under another identity. */
export function hasCounterGoneBack(earlier: Properties, later: Properties): boolean {
  return counters.some(({ path }) => {
    const before = figureAt(earlier, path);
    const after = figureAt(later, path);
    return before !== undefined && after !== undefined && after < before;
  });
}

/** undefined also within a list: the figures of single processes come and go with them. */
function figureAt(document: Properties, path: string): number | undefined {
  let at: unknown = document;
  for (const step of steps.get(path) ?? []) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === 'number' ? at : undefined;
}
