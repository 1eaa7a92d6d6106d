import { UsageError } from '../usage-error.ts';

const factors: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`, `1.5GiB`, `1048576`: bytes. */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?(?:([KMGT])(?:i?B)?|B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (factors[unit.toUpperCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`${JSON.stringify(text)} is no size: give bytes, or a number with K, M, G or T, as in 512M`);
}

/** A decimal number of processors. */
export function parseProcessors(text: string): number {
  if (/^\d+(\.\d+)?$|^\.\d+$/.test(text)) return Number(text);
  throw new UsageError(`${JSON.stringify(text)} is no number of processors: give one such as 2 or 0.5`);
}

/** A whole number. */
export function parseCount(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UsageError(`${JSON.stringify(text)} is no whole number`);
}
