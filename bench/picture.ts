/** Lines over a few steps, on a logarithmic scale of microseconds. */
export interface Chart {
  readonly title: string;
  readonly below: string;
  /** What stands below each step. */
  readonly across: readonly string[];
  readonly lines: readonly { readonly name: string; readonly colour: string; readonly values: readonly number[] }[];
}

const [width, height] = [720, 360];
const [left, right, top, bottom] = [70, 190, 50, 70];

/** Powers of ten that the values lie between. */
function decadesAround(values: readonly number[]): number[] {
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  return Array.from({ length: Math.max(1, high - low) + 1 }, (_, step) => 10 ** (low + step));
}

/** Pure: the chart as SVG, readable on a light and on a dark page. */
export function chartOf({ title, below, across, lines }: Chart): string {
  const x = (step: number) => left + ((width - left - right) * step) / Math.max(1, across.length - 1);
  const decades = decadesAround(lines.flatMap(({ values }) => values));
  const y = (us: number) => {
    const [low, high] = [Math.log10(decades[0] ?? 1), Math.log10(decades.at(-1) ?? 10)];
    return height - bottom - ((height - top - bottom) * (Math.log10(us) - low)) / (high - low);
  };
  const grid = decades.flatMap((us) => [
    `<line x1="${left}" y1="${y(us)}" x2="${width - right}" y2="${y(us)}" stroke="#ddd"/>`,
    text(left - 8, y(us) + 4, us < 1000 ? `${us} µs` : `${us / 1000} ms`, 'end'),
  ]);
  const steps = across.map((name, step) => text(x(step), height - bottom + 20, name, 'middle'));
  const curves = lines.flatMap(({ name, colour, values }) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="2.5" points="${values.map((us, step) => `${x(step).toFixed(1)},${y(us).toFixed(1)}`).join(' ')}"/>`,
    ...values.map(
      (us, step) => `<circle cx="${x(step).toFixed(1)}" cy="${y(us).toFixed(1)}" r="3.5" fill="${colour}"/>`,
    ),
    text(width - right + 10, y(values.at(-1) ?? 1) + 4, name, 'start', colour),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(width / 2, 26, title, 'middle', '#222'),
    ...grid,
    ...steps,
    ...curves,
    text(width / 2, height - 14, below, 'middle', '#777'),
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, anchor: string, colour = '#444'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
