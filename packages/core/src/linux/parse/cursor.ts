import type { SilostatError } from '../../errors.ts';
import type { Counter } from './counter.ts';
import { TooLarge } from './counter.ts';
import { malformed } from './malformed.ts';

const newline = 10;
const space = 32;
const zero = 48;

/** The largest number that the kernel prints has 64 bits: 20 digits. */
const mostDigits = 20;

/**
 * A place in the bytes of a kernel file. Reads numbers and words without making a string of them; what is not as it
 * should be is thrown as ERR_PARSE with the file's name.
 */
export class Cursor {
  at = 0;
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly file: string;

  constructor(bytes: Uint8Array, length: number, file: string) {
    this.bytes = bytes;
    this.end = length;
    this.file = file;
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** The byte here; -1 at the end. */
  peek(): number {
    return this.at < this.end ? (this.bytes[this.at] as number) : -1;
  }

  /** An unsigned decimal number. `drop` leaves out so many of its last digits (2: nanoseconds to 100 ns, floored). */
  number(drop = 0): Counter {
    const { bytes, end } = this;
    const start = this.at;
    let stop = start;
    while (stop < end && (bytes[stop] as number) >= zero && (bytes[stop] as number) <= zero + 9) stop += 1;
    if (stop === start || stop - start > mostDigits) throw this.unexpected('a number');
    this.at = stop;
    let value = 0;
    for (let i = start; i < stop - drop; i += 1) value = value * 10 + ((bytes[i] as number) - zero);
    return value <= Number.MAX_SAFE_INTEGER ? value : new TooLarge(this.text(start, stop - drop));
  }

  /** Steps over `word` if it stands here. */
  skip(word: Uint8Array): boolean {
    const { bytes, at } = this;
    if (at + word.length > this.end) return false;
    for (let i = 0; i < word.length; i += 1) if (bytes[at + i] !== word[i]) return false;
    this.at = at + word.length;
    return true;
  }

  skipSpace(): void {
    if (this.peek() !== space) throw this.unexpected('a space');
    this.at += 1;
  }

  /** Steps over what is left of the word here, up to a space, a newline or the end. */
  skipWord(): void {
    const { bytes, end } = this;
    while (this.at < end && bytes[this.at] !== space && bytes[this.at] !== newline) this.at += 1;
  }

  /** The line must end here. The kernel ends every line with a newline: without one something was cut off. */
  endLine(): void {
    if (this.peek() !== newline) throw this.unexpected('the end of the line');
    this.at += 1;
  }

  /** The line must end here, and nothing may follow it. */
  endFile(): void {
    this.endLine();
    if (!this.atEnd) throw this.unexpected('the end of the file');
  }

  /** To the beginning of the next line. */
  skipLine(): void {
    const { bytes, end } = this;
    while (this.at < end && bytes[this.at] !== newline) this.at += 1;
    this.at += 1;
  }

  text(start: number, stop: number): string {
    const { bytes } = this;
    // What the kernel was read into is a Buffer, and needs no other one around it.
    if (Buffer.isBuffer(bytes)) return bytes.toString('utf8', start, stop);
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString('utf8');
  }

  unexpected(wanted: string): SilostatError {
    const rest = this.text(Math.min(this.at, this.end), Math.min(this.at + 40, this.end));
    return malformed(this.file, `${wanted} was expected at byte ${this.at}, there is ${JSON.stringify(rest)}`);
  }
}

/** Each word once: every open file of some thousand containers looks for the same ones. */
const words = new Map<string, Uint8Array>();

/** A word of ours, to be compared byte by byte. */
export function word(text: string): Uint8Array {
  const known = words.get(text);
  if (known !== undefined) return known;
  const bytes = Buffer.from(text, 'latin1');
  words.set(text, bytes);
  return bytes;
}
