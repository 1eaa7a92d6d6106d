import type { Io } from '../io.ts';

/** Sleeping that can be cut short, once and for all. */
export class Pause {
  readonly #io: Io;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  sleep(milliseconds: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return Promise.race([
      this.#io.sleep(milliseconds),
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
    ]);
  }
}
