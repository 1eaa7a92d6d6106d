import type { Field } from 'silostat';
import { memberAt, renderFigure, unknown } from './figure.ts';
import { visible } from './visible.ts';
import { displayWidth } from './width.ts';
import { wrap } from './wrap.ts';

/** So many entries stand side by side. */
const abreast = 4;

const titles: Readonly<Record<string, string>> = {
  'Linux.HugePages': 'Huge pages',
  'Linux.Network.Interfaces': 'Network interfaces',
};

/**
 * The figures of a list in a document: a column for each entry, headed by its name, and a line for each figure with its
 * meaning. `path` is where the list stands, `rows` are its figures.
 */
export function renderFigureList(
  document: object,
  path: string,
  rows: readonly Field[],
  meaningOf: (field: Field) => string,
  width: number,
): string[] {
  const list = memberAt(document, path);
  const title = titles[path] ?? path;
  if (!Array.isArray(list)) return [`  ${title}  ${ofTheHost(document, path) ?? unknown}`];
  if (list.length === 0) return [`  ${title}  none`];
  const lines: string[] = [];
  for (let first = 0; first < list.length; first += abreast) {
    lines.push(...table(title, list.slice(first, first + abreast), path, rows, meaningOf, width));
  }
  return lines;
}

/** What has the host's network has no interfaces of its own. */
function ofTheHost(document: object, path: string): string | undefined {
  const namespace = memberAt(document, path.replace(/\.[^.]*$/, '.Namespace'));
  return namespace === 'host' ? "those of the host, whose traffic is not the container's own" : undefined;
}

function table(
  title: string,
  entries: readonly object[],
  path: string,
  rows: readonly Field[],
  meaningOf: (field: Field) => string,
  width: number,
): string[] {
  const columns = entries.map((entry) => [
    visible(nameOf(entry)),
    ...rows.map((field) => renderFigure(memberAt(entry, field.path.slice(path.length + 1)), field.unit)),
  ]);
  const widths = columns.map((cells) => Math.max(...cells.map(displayWidth)));
  const titleWidth = Math.max(title.length, ...rows.map((field) => field.title.length + 2));
  const line = (head: string, at: number): string =>
    [
      `  ${head.padEnd(titleWidth)}`,
      ...columns.map((cells, column) => right(cells[at] ?? '', widths[column] ?? 0)),
    ].join('  ');
  return [
    line(title, 0),
    ...rows.flatMap((field, at) => wrap(`${line(`  ${field.title}`, at + 1)}  `, meaningOf(field), width)),
  ];
}

function right(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function nameOf(entry: object): string {
  return String(memberAt(entry, 'Name') ?? memberAt(entry, 'PageSize') ?? unknown);
}
