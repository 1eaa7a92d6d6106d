import type { Counter } from './counter.ts';
import { add } from './counter.ts';
import { Cursor, word } from './cursor.ts';

/** Input and output of all devices together. */
export interface IoTotals {
  readBytes: Counter;
  writeBytes: Counter;
  reads: Counter;
  writes: Counter;
}

const rbytes = word('rbytes=');
const wbytes = word('wbytes=');
const rios = word('rios=');
const wios = word('wios=');
const newline = 10;
const space = 32;
const colon = 58;
const zero = 48;

/**
 * v2 io.stat: lines `MAJ:MIN rbytes=N wbytes=N rios=N wios=N dbytes=N dios=N ...`. Some kernels begin a line with the
 * numbers of devices that have no values. An empty file: nothing was read or written.
 * @throws SilostatError ERR_PARSE
 */
export function parseIoStat(bytes: Uint8Array, length: number, file: string): IoTotals {
  const cursor = new Cursor(bytes, length, file);
  const totals: IoTotals = { readBytes: 0, writeBytes: 0, reads: 0, writes: 0 };
  while (!cursor.atEnd) addLine(cursor, totals);
  return totals;
}

function addLine(cursor: Cursor, totals: IoTotals): void {
  let devices = 0;
  let values = 0;
  while (!cursor.atEnd && cursor.peek() !== newline) {
    if (isDigit(cursor.peek())) {
      parseDevice(cursor);
      devices += 1;
    } else if (addValue(cursor, totals)) values += 1;
    while (cursor.peek() === space) cursor.at += 1;
  }
  // The kernel writes the four together or, where all are 0, none of them.
  if (devices === 0 || (values !== 0 && values !== 4))
    throw cursor.unexpected('a device with rbytes, wbytes, rios, wios');
  cursor.endLine();
}

function parseDevice(cursor: Cursor): void {
  cursor.number();
  if (cursor.peek() !== colon) throw cursor.unexpected('a device number');
  cursor.at += 1;
  cursor.number();
  wordEnds(cursor);
}

/** Adds one `key=value`; false for a key that is not ours (dbytes, cost.usage, ...). */
function addValue(cursor: Cursor, totals: IoTotals): boolean {
  if (cursor.skip(rbytes)) totals.readBytes = add(totals.readBytes, cursor.number());
  else if (cursor.skip(wbytes)) totals.writeBytes = add(totals.writeBytes, cursor.number());
  else if (cursor.skip(rios)) totals.reads = add(totals.reads, cursor.number());
  else if (cursor.skip(wios)) totals.writes = add(totals.writes, cursor.number());
  else {
    cursor.skipWord();
    return false;
  }
  wordEnds(cursor);
  return true;
}

function wordEnds(cursor: Cursor): void {
  const byte = cursor.peek();
  if (byte !== space && byte !== newline && byte !== -1) throw cursor.unexpected('a space');
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}
