import type { ComputeSystemSummary } from 'silostat';
import type { ValueColumn } from './columns.ts';
import { unknown } from './figure.ts';

/** Pod as people write it: `namespace/name`; undefined where there is none. */
export function podOf({ Pod }: Pick<ComputeSystemSummary, 'Pod'>): string | undefined {
  if (Pod?.Name === undefined) return undefined;
  return Pod.Namespace === undefined ? Pod.Name : `${Pod.Namespace}/${Pod.Name}`;
}

/** Labels as `key=value`, separated by commas. */
function labelsOf({ Labels }: Pick<ComputeSystemSummary, 'Labels'>): string | undefined {
  const labels = Object.entries(Labels ?? {});
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${value}`).join(',');
}

/** A column of text that somebody else wrote. */
export function textColumn<Row>(
  title: string,
  member: string,
  meaning: string,
  value: (row: Row) => string | undefined,
): ValueColumn<Row> {
  return { title, member, meaning, value, cell: (row) => value(row) || unknown };
}

/** Columns of what the list of containers says of one. */
export function summaryColumns<Row>(
  summaryOf: (row: Row) => ComputeSystemSummary | undefined,
): readonly ValueColumn<Row>[] {
  const of = (pick: (summary: ComputeSystemSummary) => string | undefined) => (row: Row) => {
    const summary = summaryOf(row);
    return summary === undefined ? undefined : pick(summary);
  };
  return [
    textColumn(
      'STATE',
      'State',
      'Running, Paused, Created, Stopped or Unknown.',
      of((summary) => summary.State),
    ),
    textColumn(
      'IMAGE',
      'Image',
      'Image that it was made of.',
      of((summary) => summary.Image),
    ),
    textColumn('POD', 'Pod', 'Kubernetes pod, as namespace/name.', of(podOf)),
    textColumn('LABELS', 'Labels', 'Labels, as key=value.', of(labelsOf)),
    textColumn(
      'TYPE',
      'SystemType',
      'Container, VirtualMachine, Service or Cgroup.',
      of((summary) => summary.SystemType),
    ),
    textColumn(
      'PATH',
      'Path',
      "Linux: the cgroup, as in /proc/PID/cgroup. Windows: the job object's name.",
      of((summary) => summary.CgroupPath ?? summary.JobName),
    ),
  ];
}
