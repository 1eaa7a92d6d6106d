import { hcsPropertyTypes, isPropertyType, ownPropertyTypes, type PropertyType, parseReference } from 'silostat';
import type { Order } from '../render/columns.ts';
import { UsageError } from '../usage-error.ts';

const shortestWatch = 0.1;
const longestInterval = 86_400;

/** References to containers; the library checks how they are written, and opens nothing for it. */
export function parseReferences(texts: readonly string[]): string[] {
  for (const text of texts) parseReference(text);
  return [...new Set(texts)];
}

/** Seconds between readings. 0 (a single reading) is nothing to watch. */
export function parseInterval(text: string, watch: boolean): number {
  const seconds = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds === 0 && !watch) return 0;
  if (seconds >= shortestWatch && seconds <= longestInterval) return seconds;
  const zero = watch ? '' : '0, or ';
  throw new UsageError(
    `${JSON.stringify(text)} is no interval: give ${zero}${shortestWatch} to ${longestInterval} seconds`,
  );
}

/** Property types, separated by commas. */
export function parseTypes(text: string): PropertyType[] {
  const types: PropertyType[] = [];
  for (const name of text.split(',')) {
    if (!isPropertyType(name)) {
      const known = [...hcsPropertyTypes, ...ownPropertyTypes].join(', ');
      throw new UsageError(`there is no property type ${JSON.stringify(name)}: give some of ${known}`);
    }
    if (!types.includes(name)) types.push(name);
  }
  return types;
}

/** Titles of columns, separated by commas; case does not matter. */
export function parseColumns(text: string, known: readonly { readonly title: string }[]): string[] {
  const titles = text.split(',').map((name) => titleOf(name, known));
  return [...new Set(titles)];
}

/** A column to sort by. */
export function parseOrder(column: string, reverse: boolean, known: readonly { readonly title: string }[]): Order;
export function parseOrder(
  column: string | undefined,
  reverse: boolean,
  known: readonly { readonly title: string }[],
): Order | undefined;
export function parseOrder(
  column: string | undefined,
  reverse: boolean,
  known: readonly { readonly title: string }[],
): Order | undefined {
  if (column !== undefined) return { title: titleOf(column, known), reverse };
  if (reverse) throw new UsageError('--reverse needs --sort');
  return undefined;
}

function titleOf(name: string, known: readonly { readonly title: string }[]): string {
  const column = known.find(({ title }) => title === name.trim().toUpperCase());
  if (column !== undefined) return column.title;
  throw new UsageError(
    `there is no column ${JSON.stringify(name)}: give some of ${known.map(({ title }) => title).join(', ')}`,
  );
}
