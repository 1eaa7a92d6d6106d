import { StringDecoder } from 'node:string_decoder';

/** A key that was pressed: by its name, or the character that it types. */
export type Key = { readonly name: KeyName } | { readonly text: string };

type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page up'
  | 'page down'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'f1'
  | 'interrupt'
  | 'end of input'
  | 'clear'
  | 'redraw'
  | 'suspend'
  | 'quit';

const escapeCharacter = '\x1b';

/** What a terminal in raw mode sends for keys that type nothing. */
const controls: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'interrupt',
  '\x04': 'end of input',
  '\x0c': 'redraw',
  '\x15': 'clear',
  '\x1a': 'suspend',
  '\x1c': 'quit',
};

/** The end of a sequence behind ESC [ or ESC O: xterm, the Linux console, rxvt, and what libuv makes of a Windows console's keys. */
const sequences: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  M: 'enter',
  P: 'f1',
  '[A': 'f1',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '3~': 'delete',
  '5~': 'page up',
  '6~': 'page down',
  '11~': 'f1',
};

/** A whole sequence at the beginning of the text; the Linux console's function keys have a second bracket. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send.
const wholeSequence = /^\x1b(?:O([A-Za-z])|\[(\[[A-E]|[\x30-\x3f]*[\x20-\x2f]*[\x40-\x5a\x5c-\x7e]))/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send.
const beginningOfSequence = /^\x1b(?:O?|\[\[?|\[[\x30-\x3f]*[\x20-\x2f]*)$/;
/** No key sends more. */
const longestSequence = 32;

/**
 * Bytes of a terminal to keys. A sequence may come in pieces, and Escape alone is the beginning of one: what is pending is
 * either completed by the next bytes, or taken for the Escape key by `flush`, a moment later. Sequences of no key that we
 * know, reports and pasted escapes among them, give nothing.
 */
export class KeyDecoder {
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';

  push(bytes: Uint8Array): Key[] {
    this.#pending += this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const keys: Key[] = [];
    while (this.#pending !== '' && !this.isPending) keys.push(...this.#next());
    return keys;
  }

  /** True while what has come may be the beginning of more. */
  get isPending(): boolean {
    return this.#pending.length <= longestSequence && beginningOfSequence.test(this.#pending);
  }

  /** Nothing more came: it was the Escape key, and what else there is stands for itself. */
  flush(): Key[] {
    const wasPending = this.isPending;
    this.#pending = '';
    return wasPending ? [{ name: 'escape' }] : [];
  }

  #next(): Key[] {
    const sequence = wholeSequence.exec(this.#pending);
    if (sequence !== null) {
      this.#pending = this.#pending.slice(sequence[0].length);
      const name = sequences[withoutModifiers(sequence[1] ?? sequence[2] ?? '')];
      return name === undefined ? [] : [{ name }];
    }
    const character = String.fromCodePoint(this.#pending.codePointAt(0) ?? 0);
    this.#pending = this.#pending.slice(character.length);
    if (character === escapeCharacter) return this.#escaped();
    const name = controls[character];
    if (name !== undefined) return [{ name }];
    return /\p{Cc}/u.test(character) ? [] : [{ text: character }];
  }

  /** ESC and something that begins no sequence: a key with Alt, which we have none of, or two keys in a hurry. */
  #escaped(): Key[] {
    if (this.#pending.startsWith(escapeCharacter)) return [{ name: 'escape' }];
    if (/^[[O]/.test(this.#pending)) {
      this.#pending = '';
      return [];
    }
    this.#pending = this.#pending.slice(String.fromCodePoint(this.#pending.codePointAt(0) ?? 0).length);
    return [];
  }
}

/** `1;5A` is A with Ctrl. */
function withoutModifiers(sequence: string): string {
  return sequence.replace(/^(\d*);\d+(?=[A-Z~])/, (_, number: string) => (sequence.endsWith('~') ? number : ''));
}
