import type { Output } from './io.ts';
import { fitWidth } from './render/width.ts';

const clearAll = '\x1b[2J';
const home = '\x1b[H';
const clearLineEnd = '\x1b[K';
const clearBelow = '\x1b[J';

/** Draws one frame over the other on a terminal; elsewhere frames follow one another, with an empty line between. */
export class Screen {
  readonly #output: Output;
  #drawn = false;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    // One write per frame: nobody sees half of one.
    this.#output.write(this.#output.isTTY === true ? this.#frame(lines) : this.#block(lines));
    this.#drawn = true;
  }

  #frame(lines: readonly string[]): string {
    const { rows = 24, columns = 80 } = this.#output;
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const text = shown.map((line) => `${fitWidth(line, columns)}${clearLineEnd}\n`).join('');
    return `${this.#drawn ? '' : clearAll}${home}${text}${clearBelow}`;
  }

  #block(lines: readonly string[]): string {
    return `${this.#drawn ? '\n' : ''}${lines.join('\n')}\n`;
  }
}
