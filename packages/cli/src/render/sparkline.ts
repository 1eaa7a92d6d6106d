const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The newest values as bars, the newest at the right, in exactly `width` cells. The largest value, `floor` at least, is a whole bar;
 * an unknown one is a space.
 */
export function sparkline(values: readonly (number | undefined)[], width: number, floor: number): string {
  const shown = values.slice(-width);
  const top = Math.max(floor, ...shown.map((value) => value ?? 0));
  const text = shown.map((value) => (value === undefined ? ' ' : bars[levelOf(value / top)])).join('');
  return text.padStart(width);
}

function levelOf(part: number): number {
  return Math.max(0, Math.min(bars.length - 1, Math.ceil(part * bars.length) - 1));
}
