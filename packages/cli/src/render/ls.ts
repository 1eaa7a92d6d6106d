import type { ComputeSystemSummary } from 'silostat';
import { columnsOf, type Order, sortRows, type ValueColumn } from './columns.ts';
import { renderDuration } from './duration.ts';
import { unknown } from './figure.ts';
import { podOf, summaryColumns, textColumn } from './identity-columns.ts';
import { shortIds } from './ids.ts';
import { renderTable } from './table.ts';

interface Row {
  readonly id: string;
  readonly summary: ComputeSystemSummary;
  /** In milliseconds since 1970. */
  readonly now: number;
}

export interface ListView {
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly titles: readonly string[];
  readonly order?: Order;
}

const who = ['ID', 'NAME'];
const what = ['OWNER', 'STATE', 'PIDS', 'UP', 'IMAGE'];

/** The columns unless some are chosen; `all`: with one that tells containers from the rest. */
export function defaultListTitles(all: boolean): readonly string[] {
  return all ? [...who, 'TYPE', ...what] : [...who, ...what];
}

export const listColumns: readonly ValueColumn<Row>[] = [
  {
    title: 'ID',
    member: 'Id',
    meaning: 'Id; hashes are cut.',
    cell: (row) => row.id,
    value: (row) => row.summary.Id,
  },
  textColumn('NAME', 'Names', 'Names, or else the pod.', (row) => nameOf(row.summary)),
  textColumn('OWNER', 'Owner', 'Engine: docker, containerd, podman, ...', (row) => ownerOf(row.summary)),
  ...summaryColumns<Row>((row) => row.summary),
  {
    title: 'PIDS',
    member: 'ProcessCount',
    meaning: 'Living processes, those of nested groups included.',
    align: 'right',
    cell: ({ summary }) => String(summary.ProcessCount ?? unknown),
    value: ({ summary }) => summary.ProcessCount,
  },
  {
    title: 'UP',
    member: 'Uptime100ns',
    meaning: 'Time since it started.',
    align: 'right',
    cell: (row) => {
      const ticks = uptimeOf(row);
      return ticks === undefined ? unknown : renderDuration(ticks);
    },
    value: uptimeOf,
  },
  textColumn('STARTED', 'StartTime', 'When it started, in UTC.', (row) => row.summary.StartTime),
];

/** The table of `ls`: a header and a line per container. */
export function renderList(summaries: readonly ComputeSystemSummary[], view: ListView): string[] {
  const ids = shortIds(summaries.map((summary) => summary.Id));
  const rows = summaries.map((summary, at): Row => ({ id: ids[at] ?? summary.Id, summary, now: view.now }));
  const [by] = view.order === undefined ? [] : columnsOf<Row, ValueColumn<Row>>([view.order.title], listColumns);
  const ordered = by === undefined ? rows : sortRows(rows, by, view.order?.reverse === true);
  return renderTable(columnsOf<Row, ValueColumn<Row>>(view.titles, listColumns), ordered);
}

function nameOf(summary: ComputeSystemSummary): string | undefined {
  return summary.Names.length > 0 ? summary.Names.join(',') : podOf(summary);
}

function ownerOf(summary: ComputeSystemSummary): string | undefined {
  if (summary.Verified === false) return `${summary.Owner || unknown} (unverified)`;
  return summary.Owner || undefined;
}

/** Time since it started, in 100 ns; of what has ended nobody knows here for how long it ran. */
function uptimeOf({ summary, now }: Row): number | undefined {
  if (summary.StartTime === undefined || summary.State === 'Stopped') return undefined;
  const started = Date.parse(summary.StartTime);
  return Number.isNaN(started) ? undefined : Math.max(0, now - started) * 10_000;
}
