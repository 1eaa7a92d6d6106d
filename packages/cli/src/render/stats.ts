import { columnsOf, type Order, sortRows } from './columns.ts';
import { csvHeader, csvLine } from './csv.ts';
import { shortIds } from './ids.ts';
import {
  defaultStatsTitles,
  type IdentifiedRow,
  type StatsColumn,
  type StatsRow,
  statsColumns,
} from './stats-columns.ts';
import { renderTable } from './table.ts';

/** Which columns are shown, and in which order the rows stand; none: as they come. */
export interface StatsView {
  readonly titles: readonly string[];
  readonly order?: Order;
}

const defaultView: StatsView = { titles: defaultStatsTitles };

/** The table of `stats`: a header and a line per container. */
export function renderStats(rows: readonly StatsRow[], view: StatsView = defaultView): string[] {
  return renderTable(columnsOfView(view), inOrder(identified(rows), view.order));
}

/** Lower bounds are told in a column of their own: a cell is a number. */
const ownCsvColumns: readonly StatsColumn[] = [
  {
    title: 'TIME',
    member: 'Timestamp',
    meaning: 'When it was read.',
    cell: (row) => row.properties.Statistics?.Timestamp ?? '',
    value: (row) => row.properties.Statistics?.Timestamp,
  },
];

/** The same as CSV: exact numbers, the time of each reading first, and last what is only a lower bound. */
export function renderStatsCsv(rows: readonly StatsRow[], view: StatsView): string[] {
  const columns = [...ownCsvColumns, ...columnsOfView(view)];
  const bounds: StatsColumn = {
    title: 'LOWER-BOUNDS',
    member: 'LowerBounds',
    meaning: 'Columns that are a lower bound, since some process could not be read.',
    cell: () => '',
    value: (row) =>
      columns
        .filter((column) => column.isLowerBound?.(row) === true)
        .map(({ member }) => member)
        .join(' '),
  };
  return inOrder(identified(rows), view.order).map((row) => csvLine([...columns, bounds], row));
}

export function statsCsvHeader(view: StatsView): string {
  return csvHeader([...ownCsvColumns, ...columnsOfView(view), { member: 'LowerBounds' }]);
}

/** The columns of a view. */
export function columnsOfView({ titles }: StatsView): readonly StatsColumn[] {
  return columnsOf<IdentifiedRow, StatsColumn>(titles, statsColumns);
}

/** The rows with their ids as they are shown. */
export function identified<Row extends StatsRow>(rows: readonly Row[]): (Row & IdentifiedRow)[] {
  const ids = shortIds(rows.map((row) => row.properties.Id));
  return rows.map((row, at) => ({ ...row, id: ids[at] ?? row.properties.Id }));
}

/** The rows in an order that is asked for. */
function inOrder(rows: readonly IdentifiedRow[], order: Order | undefined): readonly IdentifiedRow[] {
  if (order === undefined) return rows;
  const [column] = columnsOf<IdentifiedRow, StatsColumn>([order.title], statsColumns);
  return column === undefined ? rows : sortRows(rows, column, order.reverse);
}
