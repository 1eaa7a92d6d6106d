import { visible } from './visible.ts';
import { displayWidth } from './width.ts';

/** How one column is titled and filled. */
export interface Column<Row> {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: 'left' | 'right';
  cell(row: Row): string;
}

const gap = '  ';

/** A header line and a line per row. Cells may hold anything: they are made visible here. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map((column) => visible(column.cell(row))));
  const lines = [columns.map((column) => column.title), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => displayWidth(line[at] ?? ''))));
  return lines.map((line) =>
    line
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align))
      .join(gap)
      .trimEnd(),
  );
}

function pad(cell: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return align === 'right' ? space + cell : cell + space;
}
