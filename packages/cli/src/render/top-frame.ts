import { renderBytes } from './bytes.ts';
import { columnsOf } from './columns.ts';
import { renderDuration } from './duration.ts';
import { renderFigure, unknown } from './figure.ts';
import type { Paint } from './paint.ts';
import { sparkline } from './sparkline.ts';
import { type IdentifiedRow, type StatsColumn, statsColumns } from './stats-columns.ts';
import { topHelp } from './top-help.ts';
import {
  arranged,
  type IdentifiedTopRow,
  labelOf,
  type ProcessLine,
  type ProcessPanel,
  type TopModel,
} from './top-model.ts';
import { visible } from './visible.ts';
import { displayWidth, fitWidth } from './width.ts';

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** A column of the screen: its width does not depend on the rows, so that nothing jumps. */
interface ScreenColumn<Row> {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  cell(row: Row): string;
}

/** How many rows of the table fit. */
export function tableHeight({ rows }: FrameSize): number {
  return Math.max(1, rows - (rows >= 4 ? 3 : rows >= 2 ? 1 : 0));
}

/** One frame: exactly as many lines as the terminal has, none wider than it. Pure; the model has been scrolled before. */
export function topFrame(model: TopModel, size: FrameSize, paint: Paint): string[] {
  const body = model.isHelp ? topHelp(size) : bodyOf(model, size, paint);
  const isSmall = size.rows < 4;
  const lines = isSmall ? body : [titleLine(model, size, paint), ...body];
  const room = size.rows - (isSmall ? 0 : 1);
  const filled = [...lines.slice(0, room), ...Array<string>(Math.max(0, room - lines.length)).fill('')];
  return isSmall ? filled : [...filled, statusLine(model, size, paint)];
}

function bodyOf(model: TopModel, size: FrameSize, paint: Paint): string[] {
  const height = tableHeight(size);
  if (model.panel !== undefined) return panelLines(model.panel, height, size, paint);
  const columns = columnsThatFit(model.titles, size.columns - markerWidth);
  const rows = arranged(model).slice(model.offset, model.offset + height);
  const lines = rows.map((row) => rowLine(row, columns, row.key === model.selected, size, paint));
  return [headerLine(columns, model.order.title, size, paint), ...lines];
}

const markerWidth = 2;
const gap = '  ';

function headerLine<Row>(
  columns: readonly ScreenColumn<Row>[],
  sortedBy: string | undefined,
  size: FrameSize,
  paint: Paint,
): string {
  const cells = columns.map((column) => {
    const title = pad(column.title, column);
    return column.title === sortedBy ? paint(['bold', 'underline'], title) : paint('bold', title);
  });
  const width = markerWidth + widthOfAll(columns);
  const line = `${' '.repeat(markerWidth)}${cells.join(gap)}`;
  // Cut where even the first column is wider than the terminal.
  return width <= size.columns
    ? line
    : fitWidth(`  ${columns.map((column) => pad(column.title, column)).join(gap)}`, size.columns);
}

function rowLine<Row>(
  row: Row,
  columns: readonly ScreenColumn<Row>[],
  isSelected: boolean,
  size: FrameSize,
  paint: Paint,
): string {
  const text = columns.map((column) => pad(visible(column.cell(row)), column)).join(gap);
  const whole = `${isSelected ? '> ' : '  '}${text}`;
  // What each cell takes is known: measuring the line again would be most of the work.
  const line = markerWidth + widthOfAll(columns) <= size.columns ? whole : fitWidth(whole, size.columns);
  if (!isSelected) return line.trimEnd();
  return paint('inverse', line + ' '.repeat(Math.max(0, size.columns - displayWidth(line))));
}

/** With the gaps between them. */
function widthOfAll<Row>(columns: readonly ScreenColumn<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + width + gap.length, -gap.length);
}

function pad(text: string, { width, align }: { width: number; align: 'left' | 'right' }): string {
  const fitted = fitWidth(text, width);
  const space = ' '.repeat(Math.max(0, width - displayWidth(fitted)));
  return align === 'right' ? space + fitted : fitted + space;
}

/** As many columns as fit, from the left; the first has what is left over, within bounds. */
function columnsThatFit(titles: readonly string[], width: number): ScreenColumn<IdentifiedTopRow>[] {
  const [chosen, ...others] = titles.map(screenColumn);
  if (chosen === undefined) return [];
  const first = chosen.title === 'NAME' && width < 40 ? { ...chosen, width: 8 } : chosen;
  const fitting: ScreenColumn<IdentifiedTopRow>[] = [];
  let left = width - first.width;
  for (const column of others) {
    if (left < column.width + gap.length) break;
    left -= column.width + gap.length;
    fitting.push(column);
  }
  const grown = first.align === 'left' ? Math.min(longestName, first.width + Math.max(0, left)) : first.width;
  return [{ ...first, width: grown }, ...fitting];
}

const longestName = 48;
const historyWidth = 10;

function screenColumn(title: string): ScreenColumn<IdentifiedTopRow> {
  if (title === 'HISTORY') {
    // A tenth of a processor at least is a whole bar: what idles is to look so.
    return { title, width: historyWidth, align: 'left', cell: ({ history }) => sparkline(history, historyWidth, 0.1) };
  }
  if (title === 'NAME') return { title, width: 14, align: 'left', cell: labelOf };
  const [column] = columnsOf<IdentifiedRow, StatsColumn>([title], statsColumns);
  const align = column?.align ?? 'left';
  return { title, align, width: widthOf(title, align), cell: (row) => shortCell(column, row) };
}

/** Right-aligned ones have room for `>= 1023 MiB`. */
function widthOf(title: string, align: 'left' | 'right'): number {
  const usual: Readonly<Record<string, number>> = { 'CPU%': 7, PIDS: 5, UPTIME: 7, OWNER: 10, ID: 12, PRIVATE: 11 };
  return usual[title] ?? Math.max(title.length, align === 'right' ? 8 : 16);
}

/** A lower bound without the counts: `inspect` has them. */
function shortCell(column: StatsColumn | undefined, row: IdentifiedTopRow): string {
  return column === undefined ? unknown : column.cell(row).replace(/ \(\d+ of \d+\)$/, '');
}

function titleLine(model: TopModel, size: FrameSize, paint: Paint): string {
  const processors = sumOf(model.rows, ({ rates }) => rates?.processors);
  const bytes = sumOf(model.rows, ({ properties }) => properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes);
  const count = model.rows.length;
  const parts = [
    `silostat top${model.time === undefined ? '' : ` ${model.time}`}`,
    model.isPaused ? 'PAUSED' : `every ${model.intervalSeconds} s`,
    `${count} ${count === 1 ? 'container' : 'containers'}`,
    `CPU ${processors === undefined ? unknown : `${(processors * 100).toFixed(1)}%`}`,
    `private ${bytes === undefined ? unknown : renderBytes(bytes)}`,
  ];
  return paint('bold', fitWidth(parts.join(' | '), size.columns));
}

/** undefined where it is known of none. */
function sumOf<Row>(rows: readonly Row[], figure: (row: Row) => number | undefined): number | undefined {
  let sum: number | undefined;
  for (const row of rows) {
    const value = figure(row);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

const hints = 'q quit  ? help  / filter  s sort  Enter processes  Space pause';

function statusLine(model: TopModel, size: FrameSize, paint: Paint): string {
  if (model.isTyping) return fitEnd(`/${visible(model.filter)}_`, size.columns);
  if (model.message !== undefined) return paint('yellow', fitWidth(visible(model.message), size.columns));
  const filter =
    model.filter === ''
      ? ''
      : `filter "${visible(model.filter)}" (${arranged(model).length} of ${model.rows.length})  `;
  return paint('dim', fitWidth(`${filter}${hints}`, size.columns));
}

/** What is typed is seen at its end. */
function fitEnd(text: string, width: number): string {
  let shown = text;
  while (displayWidth(shown) > width) shown = shown.slice(String.fromCodePoint(shown.codePointAt(0) ?? 0).length);
  return shown;
}

function panelLines(panel: ProcessPanel, height: number, size: FrameSize, paint: Paint): string[] {
  const fixed = processColumns.reduce((sum, { width }) => sum + width + gap.length, 0);
  const command: ScreenColumn<ProcessLine> = {
    title: fitWidth(`COMMAND of ${visible(panel.name)}`, Math.max(7, size.columns - fixed - markerWidth)),
    width: Math.max(7, size.columns - fixed - markerWidth),
    align: 'left',
    cell: ({ process, branch }) => branch + (process.CommandLine ?? process.ImageName ?? unknown),
  };
  const columns =
    size.columns >= fixed + 20
      ? [...processColumns, command]
      : [processColumns[0] as ScreenColumn<ProcessLine>, command];
  const rows = panel.rows.slice(panel.offset, panel.offset + height);
  return [headerLine(columns, undefined, size, paint), ...rows.map((row) => rowLine(row, columns, false, size, paint))];
}

const processColumns: readonly ScreenColumn<ProcessLine>[] = [
  { title: 'PID', width: 7, align: 'right', cell: ({ process }) => String(process.ProcessId) },
  {
    title: 'CPU%',
    width: 6,
    align: 'right',
    cell: ({ processors }) => (processors === undefined ? unknown : (processors * 100).toFixed(1)),
  },
  {
    title: 'CPU-TIME',
    width: 8,
    align: 'right',
    cell: ({ process: { UserTime100ns: user, KernelTime100ns: kernel } }) =>
      user === undefined || kernel === undefined ? unknown : renderDuration(user + kernel),
  },
  {
    title: 'PRIVATE',
    width: 8,
    align: 'right',
    cell: ({ process }) => renderFigure(process.MemoryWorkingSetPrivateBytes, 'bytes'),
  },
];
