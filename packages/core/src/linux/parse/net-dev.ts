import type { NetworkInterface } from '../../schema/own.ts';
import { malformed } from './malformed.ts';

/** Columns of a line after the name: eight received, eight sent. */
const columns = { bytes: 0, packets: 1, errors: 2, dropped: 3 };
const sent = 8;
const columnCount = 16;

/**
 * /proc/PID/net/dev: two lines of headings, then `NAME: COUNTERS...` for each interface of the process's network namespace.
 * A counter above 2^53 leaves its interface out of the answer and into `tooLarge`.
 * @throws SilostatError ERR_PARSE
 */
export function parseNetDev(
  bytes: Uint8Array,
  length: number,
  file: string,
): { interfaces: NetworkInterface[]; tooLarge: string[] } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 2) throw malformed(file, 'it was cut off');
  const interfaces: NetworkInterface[] = [];
  const tooLarge: string[] = [];
  for (const line of lines.slice(2)) {
    const found = parseLine(line, file);
    if (Object.values(found).some((value) => typeof value === 'number' && !Number.isSafeInteger(value))) {
      tooLarge.push(found.Name);
    } else interfaces.push(found);
  }
  return { interfaces, tooLarge };
}

function parseLine(line: string, file: string): NetworkInterface {
  // A name may contain colons (aliases): the counters begin behind the last one.
  const colon = line.lastIndexOf(':');
  const words = line
    .slice(colon + 1)
    .trim()
    .split(/ +/);
  if (colon < 1 || words.length < columnCount || !words.every((digits) => /^\d{1,20}$/.test(digits))) {
    throw malformed(file, `the line ${JSON.stringify(line.slice(0, 200))}`);
  }
  const counter = (column: number): number => Number(words[column]);
  return {
    Name: line.slice(0, colon).trim(),
    BytesReceived: counter(columns.bytes),
    PacketsReceived: counter(columns.packets),
    DroppedPacketsIncoming: counter(columns.dropped),
    ErrorsIncoming: counter(columns.errors),
    BytesSent: counter(sent + columns.bytes),
    PacketsSent: counter(sent + columns.packets),
    DroppedPacketsOutgoing: counter(sent + columns.dropped),
    ErrorsOutgoing: counter(sent + columns.errors),
  };
}
