/** The processors of a list as the kernel writes it: `0-3,8\n`. */
export function processorsOf(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: Math.max(0, last - first + 1) || 0 }, (_, index) => first + index);
    });
}
