import type { Counter } from './counter.ts';
import { multiply } from './counter.ts';
import { Cursor, word } from './cursor.ts';

const vmSwap = word('VmSwap:');
const kilobytes = word(' kB');
const tab = 9;
const space = 32;

/**
 * VmSwap of /proc/PID/status, in bytes: the anonymous memory of a process that is swapped out. Undefined for one
 * without memory: exited, or a kernel thread.
 * @throws SilostatError ERR_PARSE
 */
export function parseSwap(bytes: Uint8Array, length: number, file: string): Counter | undefined {
  const cursor = new Cursor(bytes, length, file);
  for (; !cursor.atEnd; cursor.skipLine()) {
    if (!cursor.skip(vmSwap)) continue;
    while (cursor.peek() === tab || cursor.peek() === space) cursor.at += 1;
    const value = cursor.number();
    if (!cursor.skip(kilobytes)) throw cursor.unexpected('kB');
    cursor.endLine();
    return multiply(value, 1024);
  }
  return undefined;
}
