import type { Counter } from './counter.ts';
import { multiply } from './counter.ts';
import { Cursor, word } from './cursor.ts';
import type { ParseNumber } from './single-number.ts';

const total = word('total=');
const space = 32;

/**
 * A pressure file (cpu.pressure, memory.pressure, io.pressure): lines `some avg10=0.00 avg60=0.00 avg300=0.00 total=US`
 * and `full ...`. Gives the total of one line, in 100 ns; undefined when the kernel does not write that line.
 */
export function pressureTotal(line: 'some' | 'full'): ParseNumber {
  const start = word(`${line} `);
  return (bytes, length, file) => {
    const cursor = new Cursor(bytes, length, file);
    for (; !cursor.atEnd; cursor.skipLine()) if (cursor.skip(start)) return totalOfLine(cursor);
    return undefined;
  };
}

function totalOfLine(cursor: Cursor): Counter {
  while (!cursor.skip(total)) {
    cursor.skipWord();
    if (cursor.peek() !== space) throw cursor.unexpected('total=');
    cursor.skipSpace();
  }
  const microseconds = cursor.number();
  cursor.endLine();
  return multiply(microseconds, 10);
}
