import { readFileSync } from 'node:fs';

/** Who keeps descriptors, and can do without them for a while. */
export interface DescriptorHolder {
  /** Closes them until they are needed again. */
  letGo(): void;
}

/** Where the limit cannot be read: what most systems give a program. */
const usualLimit = 1024;

/**
 * How many descriptors are kept open for the next reading, in the whole program: half of what this process may have, since
 * the rest is the program's own. Beyond that, those that were used least recently are let go, and opened again when they are read.
 */
export class DescriptorBudget {
  readonly #readLimit: () => number;
  #most: number | undefined;
  #open = 0;
  /** In the order of their last use. */
  readonly #holders = new Set<DescriptorHolder>();
  #newest: DescriptorHolder | undefined;

  constructor(readLimit: () => number = descriptorLimit) {
    this.#readLimit = readLimit;
  }

  get open(): number {
    return this.#open;
  }

  /** It is about to be read: it is the last one to let go. */
  use(holder: DescriptorHolder): void {
    if (this.#newest === holder) return;
    this.#newest = holder;
    this.#holders.delete(holder);
    this.#holders.add(holder);
  }

  /** It keeps none any more. */
  forget(holder: DescriptorHolder): void {
    this.#holders.delete(holder);
    if (this.#newest === holder) this.#newest = undefined;
  }

  /** Before one is opened. */
  makeRoom(): void {
    this.#most ??= this.#readLimit() / 2;
    if (this.#open >= this.#most) this.#letGoUntil(this.#most - 1);
  }

  opened(): void {
    this.#open++;
  }

  closed(): void {
    this.#open--;
  }

  /** There are no more to be had: lets go of all but those in use. False where there was nothing to let go. */
  letGoMost(): boolean {
    const before = this.#open;
    this.#letGoUntil(0);
    return this.#open < before;
  }

  #letGoUntil(most: number): void {
    for (const holder of this.#holders) {
      if (this.#open <= most || holder === this.#newest) return;
      this.#holders.delete(holder);
      holder.letGo();
    }
  }
}

/** Of this process: each worker thread counts for itself, which errs to the safe side but for many threads. */
export const descriptorBudget: DescriptorBudget = new DescriptorBudget();

/** The soft limit; Node has raised it to the hard one. */
function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (soft === 'unlimited') return Number.POSITIVE_INFINITY;
    return Number(soft) > 0 ? Number(soft) : usualLimit;
  } catch {
    return usualLimit;
  }
}
