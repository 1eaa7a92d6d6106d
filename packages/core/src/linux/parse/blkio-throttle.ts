import type { Counter } from './counter.ts';
import { add } from './counter.ts';
import { Cursor, word } from './cursor.ts';

/** Reads and writes of all devices together: bytes or operations, as the file counts. */
export interface BlkioTotals {
  read: Counter;
  write: Counter;
}

const total = word('Total ');
const read = word('Read ');
const write = word('Write ');
const colon = 58;

/**
 * v1 blkio.throttle.io_service_bytes_recursive and io_serviced_recursive: per device lines `MAJ:MIN Read N`,
 * `MAJ:MIN Write N` and other kinds, at the end `Total N`. Undefined when there is no device line: the kernel counts a
 * device only once a throttle rule was set on it, so then nothing is known, and `Total 0` is no evidence.
 * @throws SilostatError ERR_PARSE
 */
export function parseBlkioThrottle(bytes: Uint8Array, length: number, file: string): BlkioTotals | undefined {
  const cursor = new Cursor(bytes, length, file);
  const totals: BlkioTotals = { read: 0, write: 0 };
  let readLines = 0;
  let writeLines = 0;
  while (!cursor.atEnd) {
    if (cursor.skip(total)) cursor.number();
    else {
      skipDevice(cursor);
      if (cursor.skip(read)) {
        totals.read = add(totals.read, cursor.number());
        readLines += 1;
      } else if (cursor.skip(write)) {
        totals.write = add(totals.write, cursor.number());
        writeLines += 1;
      } else skipOtherKind(cursor);
    }
    cursor.endLine();
  }
  if (readLines !== writeLines) throw cursor.unexpected('as many Read lines as Write lines');
  return readLines === 0 ? undefined : totals;
}

function skipDevice(cursor: Cursor): void {
  cursor.number();
  if (cursor.peek() !== colon) throw cursor.unexpected('a device number');
  cursor.at += 1;
  cursor.number();
  cursor.skipSpace();
}

/** Sync, Async, Discard, Total. */
function skipOtherKind(cursor: Cursor): void {
  cursor.skipWord();
  cursor.skipSpace();
  cursor.number();
}
