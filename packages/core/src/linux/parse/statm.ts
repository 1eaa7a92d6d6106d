import type { Counter } from './counter.ts';
import { digitsOf } from './counter.ts';
import { Cursor } from './cursor.ts';

/** /proc/PID/statm, as far as it matters here, in pages. */
export interface Statm {
  /** Resident and anonymous: resident - shared. */
  private: Counter;
  /** Resident, of files and shared memory. */
  shared: Counter;
}

/** `SIZE RESIDENT SHARED TEXT LIB DATA DT`. @throws SilostatError ERR_PARSE */
export function parseStatm(bytes: Uint8Array, length: number, file: string): Statm {
  const cursor = new Cursor(bytes, length, file);
  cursor.number();
  cursor.skipSpace();
  const resident = cursor.number();
  cursor.skipSpace();
  const shared = cursor.number();
  cursor.skipSpace();
  cursor.number();
  // The kernel adds the anonymous pages to the shared ones to get the resident ones: less cannot be.
  if (typeof resident !== 'number' || typeof shared !== 'number' || resident < shared) {
    throw cursor.unexpected(
      `more resident (${digitsOf(resident)}) than shared (${digitsOf(shared)}) pages before this`,
    );
  }
  return { private: resident - shared, shared };
}
