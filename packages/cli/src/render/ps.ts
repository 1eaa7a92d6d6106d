import { type Field, fields } from 'silostat';
import { columnsOf, type Order, sortRows, type ValueColumn } from './columns.ts';
import { csvHeader, csvLine } from './csv.ts';
import { renderDuration } from './duration.ts';
import { memberAt, renderFigure, unknown } from './figure.ts';
import { textColumn } from './identity-columns.ts';
import { inTree, type ProcessRow, type TreeRow } from './process-tree.ts';
import { renderTable } from './table.ts';

export interface ProcessView {
  readonly titles: readonly string[];
  readonly order?: Order;
  /** Children below their parents. */
  readonly tree: boolean;
  /** In milliseconds since 1970. */
  readonly now: number;
}

interface Row extends TreeRow {
  readonly now: number;
}

export const defaultProcessTitles: readonly string[] = ['PID', 'PPID', 'CPU-TIME', 'PRIVATE', 'UP', 'COMMAND'];

const shortTitles: Readonly<Record<string, string>> = {
  'ProcessList.MemoryWorkingSetPrivateBytes': 'PRIVATE',
  'ProcessList.MemoryWorkingSetSharedBytes': 'SHARED',
};

export const processColumns: readonly ValueColumn<Row>[] = [
  numberColumn('PID', 'ProcessId', 'Process id.', ({ process }) => process.ProcessId),
  numberColumn('PPID', 'ParentProcessId', 'Who started it.', ({ process }) => process.ParentProcessId),
  textColumn('NAME', 'ImageName', 'Program; on Linux at most 15 bytes of it.', ({ process }) => process.ImageName),
  durationColumn('CPU-TIME', 'TotalRuntime100ns', 'Processor time so far.', cpuTime),
  ...fields.filter(({ path }) => path.startsWith('ProcessList.')).map(figureColumn),
  durationColumn('UP', 'Uptime100ns', 'Time since it was created.', uptimeOf),
  textColumn('STARTED', 'CreateTimestamp', 'When it was created, in UTC.', ({ process }) => process.CreateTimestamp),
  {
    ...textColumn<Row>('COMMAND', 'CommandLine', 'Command line, or else the program.', ({ process }) =>
      commandOf(process),
    ),
    cell: ({ process, branch }) => branch + (commandOf(process) ?? unknown),
  },
];

/** The table of `ps`: a header and a line per process. */
export function renderProcesses(processes: readonly ProcessRow[], view: ProcessView): string[] {
  return renderTable(columnsOf<Row, ValueColumn<Row>>(view.titles, processColumns), rowsOf(processes, view));
}

export function renderProcessesCsv(processes: readonly ProcessRow[], view: ProcessView): string[] {
  const columns = columnsOf<Row, ValueColumn<Row>>(view.titles, processColumns);
  return [csvHeader(columns), ...rowsOf(processes, view).map((row) => csvLine(columns, row))];
}

/** In order; in a tree the order is that of brothers and sisters. */
function rowsOf(processes: readonly ProcessRow[], { order, tree, now }: ProcessView): Row[] {
  const rows = processes.map((process): Row => ({ process, branch: '', now }));
  const [by] = order === undefined ? [] : columnsOf<Row, ValueColumn<Row>>([order.title], processColumns);
  const ordered = by === undefined ? rows : sortRows(rows, by, order?.reverse === true);
  if (!tree) return ordered;
  return inTree(ordered.map(({ process }) => process)).map((row) => ({ ...row, now }));
}

/** The command line; a kernel thread, and a process that denies us, has none. */
function commandOf(process: ProcessRow): string | undefined {
  return process.CommandLine ?? process.ImageName;
}

function cpuTime({ process }: Pick<Row, 'process'>): number | undefined {
  const { UserTime100ns: user, KernelTime100ns: kernel } = process;
  return user === undefined || kernel === undefined ? undefined : user + kernel;
}

function uptimeOf({ process, now }: Row): number | undefined {
  const created = Date.parse(process.CreateTimestamp ?? '');
  return Number.isNaN(created) ? undefined : Math.max(0, now - created) * 10_000;
}

function numberColumn(
  title: string,
  member: string,
  meaning: string,
  value: (row: Row) => number | undefined,
): ValueColumn<Row> {
  return { title, member, meaning, align: 'right', value, cell: (row) => String(value(row) ?? unknown) };
}

function durationColumn(
  title: string,
  member: string,
  meaning: string,
  value: (row: Row) => number | undefined,
): ValueColumn<Row> {
  const cell = (row: Row): string => {
    const ticks = value(row);
    return ticks === undefined ? unknown : renderDuration(ticks);
  };
  return { title, member, meaning, align: 'right', value, cell };
}

function figureColumn({ path, title, meaning, unit }: Field): ValueColumn<Row> {
  const member = path.slice(path.indexOf('.') + 1);
  const value = ({ process }: Row) => memberAt(process, member) as number | undefined;
  return {
    title: shortTitles[path] ?? title.toUpperCase().replaceAll(' ', '-'),
    member,
    meaning,
    align: 'right',
    value,
    cell: (row) => renderFigure(value(row), unit),
  };
}
