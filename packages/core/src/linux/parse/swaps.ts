const newline = 10;

/** /proc/swaps: a heading, and a line for each swap area. True when there is one. */
export function parseSwaps(bytes: Uint8Array, length: number): boolean {
  const headingEnd = bytes.indexOf(newline);
  return headingEnd >= 0 && headingEnd < length - 1;
}
