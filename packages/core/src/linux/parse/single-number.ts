import type { Counter } from './counter.ts';
import { digitsOf } from './counter.ts';
import { Cursor, word } from './cursor.ts';

/**
 * Takes one figure out of the bytes of a file; null = no limit, undefined = this kernel does not write it.
 * @throws SilostatError ERR_PARSE
 */
export type ParseNumber = (bytes: Uint8Array, length: number, file: string) => Counter | null | undefined;

const max = word('max');

/** A file that holds one number: memory.current, memory.usage_in_bytes, pids.current. @throws SilostatError ERR_PARSE */
export function parseSingleNumber(bytes: Uint8Array, length: number, file: string): Counter {
  const cursor = new Cursor(bytes, length, file);
  const value = cursor.number();
  cursor.endFile();
  return value;
}

/** A file that holds one number of nanoseconds (cpuacct.usage), in 100 ns, floored. @throws SilostatError ERR_PARSE */
export function parseNanoseconds(bytes: Uint8Array, length: number, file: string): Counter {
  const cursor = new Cursor(bytes, length, file);
  const value = cursor.number(2);
  cursor.endFile();
  return value;
}

/** A file that holds a limit: a number, or `max` for none, which is null (pids.max). @throws SilostatError ERR_PARSE */
export function parseLimit(bytes: Uint8Array, length: number, file: string): Counter | null {
  const cursor = new Cursor(bytes, length, file);
  const value = cursor.skip(max) ? null : cursor.number();
  cursor.endFile();
  return value;
}

/** What v1 shows for "no limit": the largest signed 64-bit number, rounded down to a page of up to 64 KiB. */
const leastOfNone = 0x7fff_ffff_ffff_0000n;

/** memory.limit_in_bytes of v1, in bytes; null = no limit. @throws SilostatError ERR_PARSE */
export function parseMemoryLimit1(bytes: Uint8Array, length: number, file: string): Counter | null {
  const limit = parseSingleNumber(bytes, length, file);
  return digitsOf(limit) >= leastOfNone ? null : limit;
}
