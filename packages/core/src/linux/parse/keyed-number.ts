import type { Counter } from './counter.ts';
import { multiply } from './counter.ts';
import { Cursor, word } from './cursor.ts';
import { malformed } from './malformed.ts';

const newline = 10;

/**
 * One line `KEY NUMBER` of a flat keyed file: memory.stat, cpu.stat, memory.events, btime of /proc/stat.
 * Remembers where the line stood and looks there first: from one reading to the next the lines before it seldom change
 * their length.
 */
export class KeyedNumber {
  readonly #key: string;
  readonly #word: Uint8Array;
  readonly #scale: number;
  readonly #drop: number;
  #lastSeen = 0;

  /**
   * @param scale multiplies the number: 10 makes microseconds 100 ns
   * @param drop leaves out so many of its last digits: 2 makes nanoseconds 100 ns
   */
  constructor(key: string, scale = 1, drop = 0) {
    this.#key = key;
    this.#scale = scale;
    this.#drop = drop;
    this.#word = word(`${key} `);
  }

  /** @throws SilostatError ERR_PARSE, also when there is no such line. */
  parse(bytes: Uint8Array, length: number, file: string): Counter {
    const value = this.parseIfThere(bytes, length, file);
    if (value === undefined) throw malformed(file, `it has no line ${JSON.stringify(this.#key)}`);
    return value;
  }

  /** undefined when there is no such line. @throws SilostatError ERR_PARSE */
  parseIfThere(bytes: Uint8Array, length: number, file: string): Counter | undefined {
    const cursor = new Cursor(bytes, length, file);
    if (!this.#find(cursor)) return undefined;
    const value = cursor.number(this.#drop);
    cursor.endLine();
    return this.#scale === 1 ? value : multiply(value, this.#scale);
  }

  #find(cursor: Cursor): boolean {
    const guess = this.#lastSeen;
    if (guess === 0 || cursor.bytes[guess - 1] === newline) {
      cursor.at = guess;
      if (cursor.skip(this.#word)) return true;
    }
    for (cursor.at = 0; !cursor.atEnd; cursor.skipLine()) {
      const start = cursor.at;
      if (!cursor.skip(this.#word)) continue;
      this.#lastSeen = start;
      return true;
    }
    return false;
  }
}
