import { columnsOf, type Order, sortRows, type ValueColumn } from './columns.ts';
import type { TreeRow } from './process-tree.ts';
import { identified } from './stats.ts';
import { type IdentifiedRow, type StatsColumn, type StatsRow, statsColumns } from './stats-columns.ts';

/** One container, with what it used over the last readings. */
export interface TopRow extends StatsRow {
  /** Tells it from all others, also from one of the same id that comes later. */
  readonly key: string;
  /** Processors, the newest last. */
  readonly history: readonly (number | undefined)[];
}

export type IdentifiedTopRow = TopRow & IdentifiedRow;

/** The processes of one container, shown in the place of the table. */
export interface ProcessPanel {
  readonly key: string;
  readonly name: string;
  readonly rows: readonly ProcessLine[];
  /** The first row that is shown. */
  readonly offset: number;
}

export interface ProcessLine extends TreeRow {
  /** Processors in use since the reading before. */
  readonly processors?: number;
}

/** All that a frame of `top` shows. */
export interface TopModel {
  /** As they were read. */
  readonly rows: readonly IdentifiedTopRow[];
  readonly titles: readonly string[];
  readonly order: Order;
  /** What the name, id, owner, pod or image must contain. */
  readonly filter: string;
  /** True while the filter is typed. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  readonly intervalSeconds: number;
  /** Key of the row that the cursor is on. */
  readonly selected?: string;
  readonly cursor: number;
  /** True once somebody has moved the cursor: it then stays on its row, wherever that goes. */
  readonly isFollowing: boolean;
  /** The first row that is shown. */
  readonly offset: number;
  readonly panel?: ProcessPanel;
  /** One line for the person: what ended, what failed. */
  readonly message?: string;
  /** When it was read, as a time of the day; absent before the first reading. */
  readonly time?: string;
}

export const defaultTopTitles: readonly string[] = [
  ...['NAME', 'CPU%', 'HISTORY', 'PRIVATE', 'COMMIT', 'READ/S', 'WRITE/S', 'PIDS', 'UPTIME', 'OWNER', 'ID'],
];

export function initialModel(view: Pick<TopModel, 'titles' | 'order' | 'intervalSeconds'>): TopModel {
  return {
    ...view,
    rows: [],
    filter: '',
    isTyping: false,
    isPaused: false,
    isHelp: false,
    isFollowing: false,
    cursor: 0,
    offset: 0,
  };
}

/** The model with a new reading: the cursor stays on its container, or where it was if that has ended. */
export function withRows(model: TopModel, rows: readonly TopRow[], time: string): TopModel {
  const isThere = (wanted: string) => rows.some(({ key }) => key === wanted);
  const next = { ...model, rows: identified(rows), time };
  const gone = [model.panel?.key, model.isFollowing ? model.selected : undefined].find(
    (key) => key !== undefined && !isThere(key),
  );
  const ended = model.rows.find(({ key }) => key === gone);
  if (ended === undefined) return settled(next);
  const { panel, ...rest } = next;
  const kept = panel !== undefined && isThere(panel.key) ? { panel } : {};
  return settled({ ...rest, ...kept, message: `${labelOf(ended)} has ended` });
}

/** What a person calls it: its names, or else its id. */
export function labelOf(row: IdentifiedRow): string {
  return row.names.join(',') || row.id;
}

/** The rows that the filter lets through, in order. */
export function arranged({ rows, filter, order }: TopModel): readonly IdentifiedTopRow[] {
  if (last?.rows !== rows || last.filter !== filter || last.order !== order) {
    last = { rows, filter, order, arranged: sorted(filtered(rows, filter), order) };
  }
  return last.arranged;
}

/** Each frame asks several times. */
let last: (Pick<TopModel, 'rows' | 'filter' | 'order'> & { arranged: readonly IdentifiedTopRow[] }) | undefined;

function filtered(rows: readonly IdentifiedTopRow[], filter: string): readonly IdentifiedTopRow[] {
  const wanted = filter.toLowerCase();
  return wanted === '' ? rows : rows.filter((row) => textOf(row).includes(wanted));
}

function sorted(rows: readonly IdentifiedTopRow[], { title, reverse }: Order): readonly IdentifiedTopRow[] {
  if (title === 'NAME') return sortRows(rows, nameColumn, reverse);
  const [column] = columnsOf<IdentifiedRow, StatsColumn>([title], statsColumns);
  return column === undefined ? rows : sortRows<IdentifiedTopRow>(rows, column, reverse);
}

const nameColumn: ValueColumn<IdentifiedTopRow> = {
  title: 'NAME',
  member: 'Names',
  meaning: 'Names, or else the id.',
  cell: labelOf,
  value: labelOf,
};

function textOf({ names, properties, summary }: StatsRow): string {
  const { Name = '', Namespace = '' } = summary?.Pod ?? {};
  return [...names, properties.Id, properties.Owner ?? '', Name, Namespace, summary?.Image ?? '']
    .join('\n')
    .toLowerCase();
}

/** The cursor where it belongs: on its row wherever that stands now, else on the row that took its place. */
export function settled(model: TopModel): TopModel {
  const rows = arranged(model);
  const found = model.isFollowing ? rows.findIndex(({ key }) => key === model.selected) : -1;
  const cursor = found >= 0 ? found : Math.max(0, Math.min(model.cursor, rows.length - 1));
  const { selected: _, ...rest } = model;
  const selected = rows[cursor]?.key;
  return { ...rest, cursor, ...(selected !== undefined && { selected }) };
}

/** The cursor moved by so many rows, as far as there are some; at the very top it lets the rows pass below it again. */
export function moved(model: TopModel, by: number): TopModel {
  const rows = arranged(model);
  const cursor = Math.max(0, Math.min(rows.length - 1, model.cursor + by));
  const selected = rows[cursor]?.key;
  const { selected: _, ...rest } = model;
  return { ...rest, cursor, isFollowing: by !== Number.NEGATIVE_INFINITY, ...(selected !== undefined && { selected }) };
}

/** The first row to show, so that the cursor is on the screen. */
export function scrolled(model: TopModel, height: number): TopModel {
  const most = Math.max(0, arranged(model).length - height);
  const offset = Math.max(model.cursor - height + 1, Math.min(model.offset, model.cursor));
  return { ...model, offset: Math.max(0, Math.min(most, offset)) };
}
