import type { CellValue, ValueColumn } from './columns.ts';
import { visible } from './visible.ts';

/** The header line of a CSV table (RFC 4180, but for the line ends, which are the caller's). */
export function csvHeader(columns: readonly { readonly member: string }[]): string {
  return columns.map(({ member }) => quoted(member)).join(',');
}

/** A line: numbers exact, nothing where it is unknown, `no limit` where there is none, unsafe characters as escapes. */
export function csvLine<Row>(columns: readonly Pick<ValueColumn<Row>, 'value'>[], row: Row): string {
  return columns.map((column) => quoted(textOf(column.value(row)))).join(',');
}

function textOf(value: CellValue): string {
  if (value === undefined) return '';
  return value === null ? 'no limit' : String(value);
}

function quoted(text: string): string {
  const safe = visible(text);
  return /[",]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
