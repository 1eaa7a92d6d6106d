import {
  type Field,
  fields,
  type ProcessDetails,
  type ProcessTreeEntry,
  type PropertyType,
  type QueryResult,
  rfc3339FromUnixMs,
  type TypeReport,
} from 'silostat';
import { renderDuration } from './duration.ts';
import { memberAt, renderFigure, renderLowerBound, unknown } from './figure.ts';
import { renderFigureList } from './figure-list.ts';
import { renderJson } from './json.ts';
import { inTree, type TreeRow } from './process-tree.ts';
import { type Column, renderTable } from './table.ts';
import { visible } from './visible.ts';
import { wrap } from './wrap.ts';

export interface PageOptions {
  readonly names: readonly string[];
  /** With the sources, who answered, and how long it took. */
  readonly explain: boolean;
  /** Of the terminal, in cells. */
  readonly width: number;
}

/** The page of `inspect`: who it is, then each figure with its meaning, or why it is absent. */
export function renderPage(result: QueryResult, options: PageOptions): string[] {
  const lines = heading(result, options);
  for (const [type, report] of Object.entries(result.report.types)) {
    lines.push('', ...section(type as PropertyType, report, result, options));
  }
  if (options.explain) lines.push('', ...course(result));
  return lines;
}

function heading(result: QueryResult, options: PageOptions): string[] {
  const { Id, SystemType, RuntimeOsType, Owner, State } = result.properties;
  const what = [SystemType, RuntimeOsType, Owner === '' ? undefined : Owner, State].filter(
    (part) => part !== undefined,
  );
  const who = options.names.length === 0 ? Id : `${options.names.join(', ')}  ${Id}`;
  return [visible(who), visible(what.join(', '))];
}

function section(type: PropertyType, report: TypeReport, result: QueryResult, options: PageOptions): string[] {
  const value = memberAt(result.properties, type);
  const rows = fields.filter((field) => field.path.startsWith(`${type}.`));
  if (value === undefined && report.answeredBy === undefined) {
    return [type, `  ${unknown}  ${whyUnanswered(report, result)}`];
  }
  const absent = absences(report, options);
  if (type === 'ProcessTree' && Array.isArray(value)) return [type, ...processTree(value), ...absent];
  if (Array.isArray(value)) return [type, ...processTable(value, rows), ...legend(rows, report, options), ...absent];
  if (rows.length === 0) return [type, ...renderJson(value ?? null).split('\n'), ...absent];
  const single = rows.filter(({ each }) => each === undefined);
  return [type, ...figures(single, report, result, options), ...lists(rows, report, result, options), ...absent];
}

function whyUnanswered(report: TypeReport, result: QueryResult): string {
  return visible((report.fallback ?? result.report.notOpened)?.message ?? 'nobody answered');
}

/** A line (or more, on a narrow terminal) per figure: title, value, meaning. */
function figures(rows: readonly Field[], report: TypeReport, result: QueryResult, options: PageOptions): string[] {
  const cells = rows.map((field) => figureText(field, report, result));
  const titleWidth = Math.max(...rows.map((field) => field.title.length));
  const valueWidth = Math.max(...cells.map((cell) => cell.length));
  return rows.flatMap((field, at) => {
    const start = `  ${field.title.padEnd(titleWidth)}  ${(cells[at] ?? '').padStart(valueWidth)}  `;
    return wrap(start, `${setBy(field, result)}${meaningOf(field, report, options)}`, options.width);
  });
}

/** Whose limit it is; empty for what is no limit. */
function setBy(field: Field, { properties }: QueryResult): string {
  const path = memberAt(properties, `${field.path.replace(/Bytes$/, '')}SetBy`);
  return typeof path === 'string' ? visible(`set by ${path}: `) : '';
}

function figureText(field: Field, report: TypeReport, result: QueryResult): string {
  const figure = renderFigure(memberAt(result.properties, field.path), field.unit);
  const path = pathInType(field);
  return visible(report.lowerBounds.includes(path) ? renderLowerBound(figure, report.processes) : figure);
}

/** The figures that stand in lists, list after list. */
function lists(rows: readonly Field[], report: TypeReport, result: QueryResult, options: PageOptions): string[] {
  const paths = new Set(rows.flatMap(({ each }) => each ?? []));
  const meaning = (field: Field): string => meaningOf(field, report, options);
  return [...paths].flatMap((path) => {
    const ofList = rows.filter(({ each }) => each === path);
    return renderFigureList(result.properties, path, ofList, meaning, options.width);
  });
}

/** What the figure is; with `explain` where it was read. */
function meaningOf(field: Field, report: TypeReport, options: PageOptions): string {
  const path = pathInType(field);
  const parts = [field.meaning];
  if (report.estimated.includes(path)) parts.push('(estimated)');
  const source = options.explain ? nearest(report.sources, path) : undefined;
  if (source !== undefined) parts.push(`[${source}]`);
  return visible(parts.join(' '));
}

/** The entry for a path, or for the longest path above it: an entry stands for all below it. */
function nearest<Value>(entries: Readonly<Record<string, Value>>, path: string): Value | undefined {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('.'))) {
    const entry = entries[at];
    if (entry !== undefined) return entry;
    if (!at.includes('.')) return undefined;
  }
}

function pathInType(field: Field): string {
  return field.path.slice(field.path.indexOf('.') + 1);
}

function processTable(processes: readonly ProcessDetails[], rows: readonly Field[]): string[] {
  const columns: Column<ProcessDetails>[] = [
    { title: 'PID', align: 'right', cell: (process) => String(process.ProcessId) },
    { title: 'Name', cell: (process) => process.ImageName ?? unknown },
    ...rows.map(
      (field): Column<ProcessDetails> => ({
        title: field.title,
        align: 'right',
        cell: (process) => renderFigure(memberAt(process, pathInType(field)), field.unit),
      }),
    ),
  ];
  return renderTable(columns, processes).map((line) => `  ${line}`);
}

function processTree(entries: readonly ProcessTreeEntry[]): string[] {
  const columns: Column<TreeRow>[] = [
    { title: 'PID', align: 'right', cell: ({ process }) => String(process.ProcessId) },
    { title: 'Command', cell: ({ process, branch }) => branch + (process.CommandLine ?? unknown) },
  ];
  return renderTable(columns, inTree(entries)).map((line) => `  ${line}`);
}

/** What the columns of the process table mean. */
function legend(rows: readonly Field[], report: TypeReport, options: PageOptions): string[] {
  return rows.flatMap((field) => wrap(`  ${field.title}: `, meaningOf(field, report, options), options.width));
}

/** Why members are absent: one reason may stand for many. */
function absences(report: TypeReport, options: PageOptions): string[] {
  return Object.entries(report.absent).flatMap(([path, { message }]) =>
    wrap(`  ${unknown} ${visible(path)}: `, visible(message), options.width),
  );
}

/** Who answered, and how long it took. */
function course(result: QueryResult): string[] {
  const { report } = result;
  const took = (milliseconds: number): string => renderDuration(Math.floor(milliseconds * 10_000));
  const lines = [
    'Report',
    `  asked ${rfc3339FromUnixMs(report.startedAt.getTime())}, took ${took(report.durationMs)}, kernel object: ${report.kernel ?? 'none'}`,
  ];
  if (report.notOpened !== undefined) lines.push(`  not opened: ${visible(report.notOpened.message)}`);
  for (const [type, entry] of Object.entries(report.types)) {
    lines.push(
      `  ${type}: answered by ${entry.answeredBy ?? 'nobody'} in ${took(entry.durationMs)}${shortfall(entry)}`,
    );
    for (const reason of [entry.fallback, entry.serviceFailure]) {
      if (reason !== undefined) lines.push(`    ${visible(reason.message)}`);
    }
  }
  return lines;
}

function shortfall(entry: TypeReport): string {
  const tally = entry.processes;
  const processes = tally === undefined ? '' : `, ${tally.read} of ${tally.listed} processes read`;
  return entry.complete ? processes : `${processes}, incomplete`;
}
