import type { ComputeSystemSummary } from 'silostat';
import { renderDuration } from './duration.ts';
import { unknown } from './figure.ts';
import { shortIds } from './ids.ts';
import { type Column, renderTable } from './table.ts';

interface Row {
  readonly id: string;
  readonly summary: ComputeSystemSummary;
}

/** The table of `ls`. `now` is in milliseconds since 1970. `all`: with a column that tells containers from the rest. */
export function renderList(summaries: readonly ComputeSystemSummary[], now: number, all: boolean): string[] {
  const ids = shortIds(summaries.map((summary) => summary.Id));
  const rows = summaries.map((summary, at): Row => ({ id: ids[at] ?? summary.Id, summary }));
  return renderTable(all ? [...who, type, ...what(now)] : [...who, ...what(now)], rows);
}

const who: readonly Column<Row>[] = [
  { title: 'ID', cell: (row) => row.id },
  { title: 'NAME', cell: (row) => nameOf(row.summary) },
];

const type: Column<Row> = { title: 'TYPE', cell: (row) => row.summary.SystemType };

function what(now: number): Column<Row>[] {
  return [
    { title: 'OWNER', cell: (row) => ownerOf(row.summary) },
    { title: 'STATE', cell: (row) => row.summary.State },
    { title: 'PIDS', align: 'right', cell: (row) => String(row.summary.ProcessCount ?? unknown) },
    { title: 'UP', align: 'right', cell: (row) => age(row.summary, now) },
    { title: 'IMAGE', cell: (row) => row.summary.Image ?? unknown },
  ];
}

function nameOf(summary: ComputeSystemSummary): string {
  if (summary.Names.length > 0) return summary.Names.join(',');
  const { Namespace, Name } = summary.Pod ?? {};
  if (Name === undefined) return unknown;
  return Namespace === undefined ? Name : `${Namespace}/${Name}`;
}

function ownerOf(summary: ComputeSystemSummary): string {
  const owner = summary.Owner === '' ? unknown : summary.Owner;
  return summary.Verified === false ? `${owner} (unverified)` : owner;
}

/** Time since it started; of what has ended nobody knows here for how long it ran. */
function age(summary: ComputeSystemSummary, now: number): string {
  if (summary.StartTime === undefined || summary.State === 'Stopped') return unknown;
  const started = Date.parse(summary.StartTime);
  return Number.isNaN(started) ? unknown : renderDuration(Math.max(0, now - started) * 10_000);
}
