/** A number of a kernel file: exact, or above 2^53 and then its text. Never negative. */
export type Counter = number | TooLarge;

/** A number that a JavaScript number cannot hold exactly. */
export class TooLarge {
  /** Its decimal digits, in the unit of the figure. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function add(a: Counter, b: Counter): Counter {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  return exact(digitsOf(a) + digitsOf(b));
}

/** `factor` is a whole number: pages to bytes, microseconds to 100 ns. */
export function multiply(counter: Counter, factor: number): Counter {
  if (typeof counter === 'number') {
    const product = counter * factor;
    if (product <= Number.MAX_SAFE_INTEGER) return product;
  }
  return exact(digitsOf(counter) * BigInt(factor));
}

/** As a bigint, whatever its size. */
export function digitsOf(counter: Counter): bigint {
  return BigInt(typeof counter === 'number' ? counter : counter.text);
}

function exact(value: bigint): Counter {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : new TooLarge(value.toString());
}
