import type { Properties, Rates, StartedProcesses } from 'silostat';
import type { ValueColumn } from './columns.ts';
import { csvHeader, csvLine } from './csv.ts';
import { renderDuration } from './duration.ts';
import { renderFigure, unknown } from './figure.ts';
import { fitWidth } from './width.ts';

/** What a command has used so far. */
export interface ProgressRow {
  readonly properties: Properties;
  /** Since it started. */
  readonly elapsed100ns: number;
  /** Since the row before; absent in the first one. */
  readonly rates?: Rates;
  readonly started: StartedProcesses;
}

type CsvColumn = Pick<ValueColumn<ProgressRow>, 'member' | 'value'>;

const columns: readonly CsvColumn[] = [
  { member: 'Timestamp', value: ({ properties }) => properties.Statistics?.Timestamp },
  { member: 'Elapsed100ns', value: ({ elapsed100ns }) => elapsed100ns },
  { member: 'CpuPercent', value: ({ rates }) => rates?.processors && rates.processors * 100 },
  { member: 'TotalRuntime100ns', value: ({ properties }) => properties.Statistics?.Processor?.TotalRuntime100ns },
  { member: 'RuntimeUser100ns', value: ({ properties }) => properties.Statistics?.Processor?.RuntimeUser100ns },
  { member: 'RuntimeKernel100ns', value: ({ properties }) => properties.Statistics?.Processor?.RuntimeKernel100ns },
  memory('MemoryUsagePrivateWorkingSetBytes'),
  memory('MemoryUsageCommitBytes'),
  memory('MemoryUsageCommitPeakBytes'),
  { member: 'ReadSizeBytes', value: ({ properties }) => properties.Statistics?.Storage?.ReadSizeBytes },
  { member: 'WriteSizeBytes', value: ({ properties }) => properties.Statistics?.Storage?.WriteSizeBytes },
  { member: 'ProcessesStarted', value: ({ started }) => ('count' in started ? started.count : undefined) },
];

function memory(
  member: 'MemoryUsagePrivateWorkingSetBytes' | 'MemoryUsageCommitBytes' | 'MemoryUsageCommitPeakBytes',
): CsvColumn {
  return { member, value: ({ properties }) => properties.Statistics?.Memory?.[member] };
}

export function progressCsvHeader(): string {
  return csvHeader(columns);
}

export function progressCsvLine(row: ProgressRow): string {
  return csvLine(columns, row);
}

/** One line of at most that many cells. */
export function renderLiveLine({ properties, elapsed100ns, rates, started }: ProgressRow, width: number): string {
  const { Processor, Memory, Storage } = properties.Statistics ?? {};
  const percent = rates?.processors === undefined ? unknown : (rates.processors * 100).toFixed(1);
  const parts = [
    `silostat: ${renderDuration(elapsed100ns)}`,
    `CPU ${percent}%, ${renderFigure(Processor?.TotalRuntime100ns, '100ns')}`,
    `private ${renderFigure(Memory?.MemoryUsagePrivateWorkingSetBytes, 'bytes')}`,
    `commit ${renderFigure(Memory?.MemoryUsageCommitBytes, 'bytes')}`,
    ...(Storage === undefined ? [] : [`written ${renderFigure(Storage.WriteSizeBytes, 'bytes')}`]),
    ...('count' in started ? [`${started.count} started`] : []),
  ];
  return fitWidth(parts.join('  '), width);
}
