import { TooLarge } from './counter.ts';
import { Cursor, word } from './cursor.ts';

const max = word('max ');
const minusOne = word('-1');

/** cpu.max: `QUOTA PERIOD` in microseconds, or `max PERIOD` for no limit. In processors; null = no limit. @throws SilostatError ERR_PARSE */
export function parseCpuMax(bytes: Uint8Array, length: number, file: string): number | null {
  const cursor = new Cursor(bytes, length, file);
  if (cursor.skip(max)) {
    positive(cursor);
    cursor.endFile();
    return null;
  }
  const quota = positive(cursor);
  cursor.skipSpace();
  const period = positive(cursor);
  cursor.endFile();
  return quota / period;
}

/** cpu.cfs_quota_us: microseconds a period, or -1 for no limit, which is null. @throws SilostatError ERR_PARSE */
export function parseCfsQuota(bytes: Uint8Array, length: number, file: string): number | null {
  const cursor = new Cursor(bytes, length, file);
  const quota = cursor.skip(minusOne) ? null : positive(cursor);
  cursor.endFile();
  return quota;
}

/** cpu.cfs_period_us. @throws SilostatError ERR_PARSE */
export function parseCfsPeriod(bytes: Uint8Array, length: number, file: string): number {
  const cursor = new Cursor(bytes, length, file);
  const period = positive(cursor);
  cursor.endFile();
  return period;
}

function positive(cursor: Cursor): number {
  const value = cursor.number();
  if (value instanceof TooLarge || value === 0) throw cursor.unexpected('a time above 0');
  return value;
}
