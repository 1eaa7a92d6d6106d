import type { Counter } from './counter.ts';
import { Cursor } from './cursor.ts';
import { malformed } from './malformed.ts';

/** /proc/PID/stat, as far as it matters here. Times are clock ticks (AT_CLKTCK of them a second). */
export interface ProcessStat {
  /** At most 15 bytes of the program's name; anything may be in it. */
  comm: string;
  /** One letter: R, S, D, Z (exited, not yet waited for), X, ... */
  state: string;
  /** Pid of the parent; 0 where it is outside of our pid namespace, and of process 1. */
  parent: Counter;
  userTicks: Counter;
  systemTicks: Counter;
  /** Ticks since boot. */
  startTicks: Counter;
}

const open = 40;
const close = 41;

/**
 * `PID (COMM) STATE PPID ...`. COMM may contain spaces and parentheses, so it ends at the last of them.
 * @throws SilostatError ERR_PARSE
 */
export function parseProcessStat(bytes: Uint8Array, length: number, file: string): ProcessStat {
  const start = bytes.indexOf(open);
  const stop = bytes.lastIndexOf(close, length - 1);
  if (length === 0 || start < 0 || stop < start) throw malformed(file, 'no name in parentheses');
  const cursor = new Cursor(bytes, length, file);
  cursor.at = stop + 1;
  cursor.skipSpace();
  const state = String.fromCharCode(cursor.peek());
  skipFields(cursor, 1);
  const parent = cursor.number();
  cursor.skipSpace();
  skipFields(cursor, 9);
  const userTicks = cursor.number();
  cursor.skipSpace();
  const systemTicks = cursor.number();
  cursor.skipSpace();
  skipFields(cursor, 6);
  const startTicks = cursor.number();
  cursor.skipSpace();
  return { comm: cursor.text(start + 1, stop), state, parent, userTicks, systemTicks, startTicks };
}

function skipFields(cursor: Cursor, count: number): void {
  for (let i = 0; i < count; i += 1) {
    cursor.skipWord();
    cursor.skipSpace();
  }
}
