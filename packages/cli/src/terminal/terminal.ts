import type { Io } from '../io.ts';
import { UsageError } from '../usage-error.ts';
import { type Key, KeyDecoder } from './keys.ts';

const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l';

/** How long after ESC nothing may come for it to be the Escape key; over ssh the rest of a sequence may dawdle. */
const escapeMs = 50;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalEvents {
  key(key: Key): void;
  resize(): void;
}

/** What a terminal needs of the world. */
type TerminalIo = Pick<Io, 'stdin' | 'stdout' | 'onCrash' | 'suspend'>;

/**
 * The whole screen of a terminal, and its keys, from `open` to `close`. What was on the screen, the cursor and the input mode come
 * back with `close`, and also when the program crashes in between.
 */
export class Terminal {
  readonly #io: TerminalIo;
  readonly #events: TerminalEvents;
  readonly #decoder = new KeyDecoder();
  #drawn: readonly string[] = [];
  #escape: NodeJS.Timeout | undefined;
  #isOpen = false;
  #forget: () => void = () => {};

  /** @throws UsageError where there is no terminal. */
  constructor(io: TerminalIo, events: TerminalEvents) {
    if (io.stdin.isTTY !== true || io.stdout.isTTY !== true) {
      throw new UsageError('top needs a terminal for input and output; "silostat stats --watch" does not');
    }
    this.#io = io;
    this.#events = events;
  }

  get size(): Size {
    const { columns = 80, rows = 24 } = this.#io.stdout;
    // A terminal that does not know its size says 0.
    return { columns: columns || 80, rows: rows || 24 };
  }

  open(): void {
    const { stdin, stdout } = this.#io;
    this.#isOpen = true;
    this.#forget = this.#io.onCrash(() => this.close());
    stdin.setRawMode?.(true);
    stdin.on('data', this.#read);
    stdin.resume();
    stdout.on?.('resize', this.#resized);
    stdout.write(enter);
    this.#drawn = [];
  }

  /** Harmless a second time. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#forget();
    clearTimeout(this.#escape);
    const { stdin, stdout } = this.#io;
    stdout.write(leave);
    stdin.off('data', this.#read);
    stdout.off?.('resize', this.#resized);
    stdin.setRawMode?.(false);
    stdin.pause();
  }

  /** Gives the screen back while the shell has it (Ctrl-Z), and takes it again. */
  async suspend(): Promise<void> {
    this.close();
    await this.#io.suspend();
    this.open();
  }

  /** Draws what has changed since the frame before, in one write. Lines fit the terminal. */
  draw(lines: readonly string[]): void {
    let text = '';
    for (let at = 0; at < Math.max(lines.length, this.#drawn.length); at++) {
      const line = lines[at] ?? '';
      // Cleared first: behind a line of full width the clearing would take its last character.
      if (line !== this.#drawn[at]) text += `\x1b[${at + 1};1H\x1b[0m\x1b[2K${line}`;
    }
    this.#drawn = lines;
    if (text !== '') this.#io.stdout.write(text);
  }

  /** Forgets what is on the screen: the next frame is drawn anew. */
  clear(): void {
    this.#drawn = [];
    this.#io.stdout.write('\x1b[0m\x1b[2J');
  }

  readonly #read = (bytes: Uint8Array): void => {
    clearTimeout(this.#escape);
    for (const key of this.#decoder.push(bytes)) this.#events.key(key);
    if (!this.#decoder.isPending) return;
    this.#escape = setTimeout(() => {
      for (const key of this.#decoder.flush()) this.#events.key(key);
    }, escapeMs);
  };

  readonly #resized = (): void => {
    this.clear();
    this.#events.resize();
  };
}
