import { malformed } from './malformed.ts';

/** What the kernel tells a program of the machine when it starts it. */
export interface AuxiliaryVector {
  /** Bytes a page. */
  readonly pageSize: number;
  /** Clock ticks a second, the unit of the times in /proc/PID/stat. */
  readonly clockTicks: number;
}

const pageSizeKey = 6n;
const clockTicksKey = 17n;

/**
 * /proc/PID/auxv: pairs of words, key and value, in the machine's own size and order.
 * @throws SilostatError ERR_PARSE
 */
export function parseAuxv(bytes: Uint8Array, length: number, file: string, wordSize: 4 | 8 = 8): AuxiliaryVector {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const wordAt = (at: number) =>
    wordSize === 8 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian));
  let pageSize = 0;
  let clockTicks = 0;
  for (let at = 0; at + 2 * wordSize <= length; at += 2 * wordSize) {
    const key = wordAt(at);
    const value = Number(wordAt(at + wordSize));
    if (key === pageSizeKey) pageSize = value;
    else if (key === clockTicksKey) clockTicks = value;
  }
  if (pageSize < 1024 || pageSize > 2 ** 30) throw malformed(file, `a page size of ${pageSize}`);
  // All the kernels that Node runs on have 100, which makes a tick a whole number of 100 ns units.
  if (10_000_000 % clockTicks !== 0) throw malformed(file, `${clockTicks} clock ticks a second`);
  return { pageSize, clockTicks };
}
