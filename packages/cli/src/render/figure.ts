import type { FieldUnit } from 'silostat';
import { renderBytes } from './bytes.ts';
import { renderDuration } from './duration.ts';

/** How people are shown what is not known. */
export const unknown = '-';

/** A figure of a document in its unit's form: `-` where it is absent, `no limit` where it is null. */
export function renderFigure(value: unknown, unit: FieldUnit): string {
  if (value === undefined) return unknown;
  if (value === null) return 'no limit';
  if (typeof value !== 'number') return String(value);
  switch (unit) {
    case 'bytes':
      return renderBytes(value);
    case '100ns':
      return renderDuration(value);
    default:
      return String(value);
  }
}

/** The member of a document at a path such as `Statistics.Memory.MemoryUsageCommitBytes`. */
export function memberAt(document: object, path: string): unknown {
  return memberAtNames(document, path.split('.'));
}

/** The same, for who asks again and again. */
export function memberAtNames(document: object, names: readonly string[]): unknown {
  let at: unknown = document;
  for (const name of names) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** A lower bound, and how many of how many processes it stands for: `>= 123 MiB (14 of 15)`. */
export function renderLowerBound(
  figure: string,
  tally: { read: number; denied: number; unreadable: number } | undefined,
): string {
  if (tally === undefined) return `>= ${figure}`;
  return `>= ${figure} (${tally.read} of ${tally.read + tally.denied + tally.unreadable})`;
}
