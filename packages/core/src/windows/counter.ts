import type { Reason } from '../report.ts';

const two32 = 0x1_0000_0000;

/** An unsigned 64-bit integer. Above 2^53 it is rounded: ask {@link isExact}. */
export function uint64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * two32;
}

export function isExact(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER;
}

/** Why a counter above 2^53 is absent; its digits stand in the message. */
export function tooLarge(view: DataView, offset: number): Reason {
  const digits = view.getBigUint64(offset, true);
  return { code: 'ERR_UNSUPPORTED', message: `${digits} is above 2^53, beyond what a number can hold` };
}

/** One member of a document, and where it stands in a structure. */
export interface CounterMember {
  readonly key: string;
  /** Path within the property type, for the report. */
  readonly path: string;
  readonly offset: number;
}

/** Copies counters into `values`, and into `absent` what a number cannot hold. */
export function copyCounters(
  view: DataView,
  members: readonly CounterMember[],
  values: Record<string, number>,
  absent: Record<string, Reason>,
): void {
  for (const { key, path, offset } of members) {
    const value = uint64(view, offset);
    if (isExact(value)) values[key] = value;
    else absent[path] = tooLarge(view, offset);
  }
}
