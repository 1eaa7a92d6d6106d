/**
 * What a test made, in the order it was made; `run` takes it away again, last first, whatever fails on the way. It runs at
 * the latest when the process ends, by a signal too, so nothing stays behind a failed or interrupted test.
 */
export class Undo {
  readonly #steps: (() => void)[] = [];

  constructor() {
    alive.add(this);
  }

  /** Steps are synchronous: they must also work while the process exits. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** @throws AggregateError of what could not be undone, after all the rest was. */
  run(): void {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `not cleaned up: ${failures.join('; ')}`);
  }

  [Symbol.dispose](): void {
    alive.delete(this);
    this.run();
  }
}

const alive = new Set<Undo>();

process.on('exit', () => {
  for (const undo of alive) undo[Symbol.dispose]();
});
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}
