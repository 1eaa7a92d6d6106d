import type { ProcessTally, Properties, Rates } from 'silostat';
import { fieldAt, memberAt, renderFigure, renderLowerBound, unknown } from './figure.ts';
import { shortIds } from './ids.ts';
import { type Column, renderTable } from './table.ts';

/** One container in the table of `stats`. */
export interface StatsRow {
  readonly names: readonly string[];
  readonly properties: Properties;
  /** Absent before there are two readings. */
  readonly rates?: Rates;
  readonly processCount?: number;
  /** Members of Statistics that are a lower bound. */
  readonly lowerBounds: readonly string[];
  readonly tally?: ProcessTally;
}

interface Row extends StatsRow {
  readonly id: string;
}

/** A column, and for the help text what its number is. */
interface StatsColumn extends Column<Row> {
  readonly meaning: string;
}

const columns: readonly StatsColumn[] = [
  { title: 'ID', meaning: 'Id; hashes are cut.', cell: (row) => row.id },
  { title: 'NAME', meaning: 'Names.', cell: (row) => row.names.join(',') || unknown },
  {
    title: 'CPU%',
    meaning: 'Processor use since the reading before, in percent of one processor.',
    align: 'right',
    cell: (row) => percent(row.rates?.processors),
  },
  figureColumn('CPU-TIME', 'Processor.TotalRuntime100ns'),
  figureColumn('PRIVATE', 'Memory.MemoryUsagePrivateWorkingSetBytes'),
  figureColumn('COMMIT', 'Memory.MemoryUsageCommitBytes'),
  figureColumn('READ', 'Storage.ReadSizeBytes'),
  figureColumn('WRITE', 'Storage.WriteSizeBytes'),
  {
    title: 'PIDS',
    meaning: 'Living processes.',
    align: 'right',
    cell: (row) => String(row.processCount ?? unknown),
  },
];

/** The table of `stats`: a header and a line per container. */
export function renderStats(rows: readonly StatsRow[]): string[] {
  const ids = shortIds(rows.map((row) => row.properties.Id));
  return renderTable(
    columns,
    rows.map((row, at): Row => ({ ...row, id: ids[at] ?? row.properties.Id })),
  );
}

/** What each column means, for the help text. */
export function statsColumnHelp(): string[] {
  return columns.map((column) => `  ${column.title.padEnd(10)}${column.meaning}`);
}

/** Of one processor: two busy ones are 200. */
function percent(processors: number | undefined): string {
  return processors === undefined ? unknown : (processors * 100).toFixed(1);
}

/** A column of the catalogue's: its unit makes the cell, its sentence the help. `path` is within Statistics. */
function figureColumn(title: string, path: string): StatsColumn {
  const field = fieldAt(`Statistics.${path}`);
  return {
    title,
    meaning: field.meaning,
    align: 'right',
    cell: (row) => {
      const figure = renderFigure(memberAt(row.properties, field.path), field.unit);
      return row.lowerBounds.includes(path) ? renderLowerBound(figure, row.tally) : figure;
    },
  };
}
