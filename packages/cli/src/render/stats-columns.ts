import {
  type ComputeSystemSummary,
  type Field,
  fields,
  type ProcessTally,
  type Properties,
  type PropertyType,
  type Rates,
} from 'silostat';
import { renderBytes } from './bytes.ts';
import type { ValueColumn } from './columns.ts';
import { memberAtNames, renderFigure, renderLowerBound, unknown } from './figure.ts';
import { summaryColumns, textColumn } from './identity-columns.ts';

/** One container in the tables of `stats` and `top`. */
export interface StatsRow {
  readonly names: readonly string[];
  readonly properties: Properties;
  /** Absent before there are two readings. */
  readonly rates?: Rates;
  readonly processCount?: number;
  /** Members of Statistics that are a lower bound. */
  readonly lowerBounds: readonly string[];
  readonly tally?: ProcessTally;
  /** What the list says of it; absent where nobody asked. */
  readonly summary?: ComputeSystemSummary;
}

/** A row with the id as it is shown. */
export interface IdentifiedRow extends StatsRow {
  readonly id: string;
}

export interface StatsColumn extends ValueColumn<IdentifiedRow> {
  /** What has to be asked for it; absent: the identity and the list are enough. */
  readonly type?: PropertyType;
  /** Needs the list. */
  readonly fromList?: true;
  /** True where the row's value is only a lower bound. */
  isLowerBound?(row: StatsRow): boolean;
}

export const defaultStatsTitles: readonly string[] = [
  ...['ID', 'NAME', 'CPU%', 'CPU-TIME', 'PRIVATE', 'COMMIT', 'READ', 'WRITE', 'PIDS'],
];

/** Titles that are shorter than what the catalogue's would make. */
const shortTitles: Readonly<Record<string, string>> = {
  'Statistics.Memory.MemoryUsagePrivateWorkingSetBytes': 'PRIVATE',
  'Statistics.Storage.WriteSizeBytes': 'WRITE',
};

/** Every column that there is: who it is, the rates, then each figure of the catalogue that stands once. */
export const statsColumns: readonly StatsColumn[] = [
  {
    title: 'ID',
    member: 'Id',
    meaning: 'Id; hashes are cut.',
    cell: (row) => row.id,
    value: (row) => row.properties.Id,
  },
  textColumn('NAME', 'Names', 'Names.', (row: IdentifiedRow) => row.names.join(',') || undefined),
  textColumn(
    'OWNER',
    'Owner',
    'Engine: docker, containerd, podman, ...',
    (row: IdentifiedRow) => row.properties.Owner || undefined,
  ),
  ...summaryColumns<IdentifiedRow>((row) => row.summary).map((column) => ({ ...column, fromList: true }) as const),
  {
    title: 'CPU%',
    member: 'CpuPercent',
    meaning: 'Processor use since the reading before, in percent of one processor.',
    align: 'right',
    type: 'Statistics',
    cell: (row) => percent(row.rates?.processors),
    value: (row) => (row.rates?.processors === undefined ? undefined : row.rates.processors * 100),
  },
  commitShare(),
  rateColumn('READ/S', 'ReadBytesPerSecond', 'Bytes read from block devices per second.', 'readBytesPerSecond'),
  rateColumn('WRITE/S', 'WriteBytesPerSecond', 'Bytes written to block devices per second.', 'writeBytesPerSecond'),
  {
    title: 'PIDS',
    member: 'ProcessCount',
    meaning: 'Living processes.',
    align: 'right',
    type: 'ProcessList',
    cell: (row) => String(row.processCount ?? unknown),
    value: (row) => row.processCount,
  },
  ...fields.filter(({ each, unit }) => each === undefined && unit !== 'timestamp').map(figureColumn),
];

/** What has to be asked for those columns. Statistics always is: its time stands in every document. */
export function typesFor(columns: readonly StatsColumn[]): PropertyType[] {
  return [...new Set<PropertyType>(['Statistics', ...columns.flatMap(({ type }) => type ?? [])])];
}

/** Of one processor: two busy ones are 200. */
function percent(processors: number | undefined): string {
  return processors === undefined ? unknown : (processors * 100).toFixed(1);
}

function commitShare(): StatsColumn {
  const value = ({ properties }: StatsRow): number | undefined => {
    const commit = properties.Statistics?.Memory?.MemoryUsageCommitBytes;
    const limit = properties.Limits?.MemoryBytes;
    return commit === undefined || !limit ? undefined : (commit / limit) * 100;
  };
  return {
    title: 'COMMIT%',
    member: 'CommitPercent',
    meaning: 'Commit in percent of its limit; a dash also where there is no limit.',
    align: 'right',
    type: 'Limits',
    value,
    cell: (row) => value(row)?.toFixed(1) ?? unknown,
  };
}

function rateColumn(title: string, member: string, meaning: string, rate: keyof Rates): StatsColumn {
  return {
    title,
    member,
    meaning,
    align: 'right',
    type: 'Statistics',
    value: (row) => row.rates?.[rate],
    cell: (row) => {
      const perSecond = row.rates?.[rate];
      return perSecond === undefined ? unknown : renderBytes(Math.round(perSecond));
    },
  };
}

/** A column of the catalogue's: its unit makes the cell, its sentence the help. */
function figureColumn(field: Field): StatsColumn {
  const names = field.path.split('.');
  const [type = '', ...path] = names;
  const inType = path.join('.');
  const isLowerBound = (row: StatsRow): boolean => type === 'Statistics' && row.lowerBounds.includes(inType);
  return {
    title: shortTitles[field.path] ?? field.title.toUpperCase().replaceAll(' ', '-'),
    member: type === 'Statistics' ? (path.at(-1) ?? '') : field.path,
    meaning: field.meaning,
    align: 'right',
    type: type as PropertyType,
    isLowerBound,
    value: (row) => memberAtNames(row.properties, names) as number | null | undefined,
    cell: (row) => {
      const figure = renderFigure(memberAtNames(row.properties, names), field.unit);
      return isLowerBound(row) ? renderLowerBound(figure, row.tally) : figure;
    },
  };
}
