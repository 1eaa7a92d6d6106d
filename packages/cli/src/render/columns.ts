import type { Column } from './table.ts';
import { wrap } from './wrap.ts';

/** What a cell holds before it is made readable: undefined is unknown, null is no limit. */
export type CellValue = string | number | null | undefined;

/** A column that can be chosen, sorted by and written as CSV. */
export interface ValueColumn<Row> extends Column<Row> {
  /** One sentence: what it is. */
  readonly meaning: string;
  /** Its name in CSV: in the manner of the documents, with the unit of its exact number. */
  readonly member: string;
  /** The exact value. */
  value(row: Row): CellValue;
}

/** The order of a table: numbers from the largest on, texts from A on, what is unknown last. */
export interface Order {
  readonly title: string;
  readonly reverse: boolean;
}

/** The rows in that order; equal ones stay as they stand. */
export function sortRows<Row>(rows: readonly Row[], column: ValueColumn<Row>, reverse: boolean): Row[] {
  const sign = reverse ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: column.value(row) }));
  return keyed.sort((a, b) => compare(a.value, b.value, sign)).map(({ row }) => row);
}

function compare(a: CellValue, b: CellValue, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -sign : a > b ? sign : 0;
  // A column has one kind of value; a total order of whatever there is keeps equal ones in their places.
  if (typeof a === 'string' || typeof b === 'string')
    return Number(typeof a === 'string') - Number(typeof b === 'string');
  return sign * (numberOf(b) - numberOf(a)) || 0;
}

/** No limit is more than any limit; two of them are equal. */
function numberOf(value: number | null): number {
  return value ?? Number.MAX_VALUE;
}

/** The columns of those titles, in that order; titles that there are not are a mistake of the caller's. */
export function columnsOf<Row, Kind extends ValueColumn<Row>>(
  titles: readonly string[],
  known: readonly Kind[],
): readonly Kind[] {
  return titles.map((title) => {
    const column = known.find((each) => each.title === title);
    if (column === undefined) throw new Error(`there is no column ${title}`);
    return column;
  });
}

/** What each column means, for the help text. */
export function columnHelp(columns: readonly { title: string; meaning: string }[], terminalWidth = 80): string[] {
  const titleWidth = Math.max(...columns.map(({ title }) => title.length));
  return columns.flatMap(({ title, meaning }) => wrap(`  ${title.padEnd(titleWidth)}  `, meaning, terminalWidth));
}
