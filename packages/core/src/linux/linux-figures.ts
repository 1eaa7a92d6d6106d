import type { Reading } from '../job.ts';
import type { Absences, Sources } from '../report.ts';
import type { LinuxFigures } from '../schema/own.ts';
import type { Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';
import type { ParseNumber } from './parse/single-number.ts';
import { parseLimit } from './parse/single-number.ts';

/** A figure of the property type `Linux`: where it stands on either version. */
interface LinuxRow {
  readonly member: keyof LinuxFigures;
  readonly controller: string;
  /** Its file on v1; left out where v1 does not have it. */
  readonly v1?: string;
  readonly v2: string;
  /** The line, where the file has several. */
  readonly key?: string;
  /** How the file is read; as a plain number if left out. */
  readonly parse?: ParseNumber;
  /** The oldest kernel that has it, where that is later than cgroup v2. */
  readonly sinceLinux?: string;
}

/** To add a figure: a row here, a member in schema/own.ts, an entry in fields.ts. */
const rows: readonly LinuxRow[] = [
  { member: 'PidsCurrent', controller: 'pids', v1: 'pids.current', v2: 'pids.current' },
  { member: 'PidsLimit', controller: 'pids', v1: 'pids.max', v2: 'pids.max', parse: parseLimit },
];

/** The figures of all controllers, those of one controller from one place. */
export class LinuxFigureTables {
  readonly #tables: readonly FigureTable<LinuxFigures>[];
  readonly #sources: Sources;

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(placeOf: (controller: string) => Place) {
    const controllers = [...new Set(rows.map((row) => row.controller))];
    this.#tables = controllers.map((controller) => {
      const place = placeOf(controller);
      const version = isPlaced(place) ? place.hierarchy.version : undefined;
      const ours = rows.filter((row) => row.controller === controller).map((row) => figureRow(row, version));
      return new FigureTable<LinuxFigures>(place, '', ours);
    });
    this.#sources = Object.freeze(Object.assign({}, ...this.#tables.map((table) => table.sources)));
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<LinuxFigures> {
    let values: LinuxFigures | undefined;
    let absent: Absences | undefined;
    for (const table of this.#tables) {
      const reading = table.read();
      if (reading.values !== undefined) values = { ...values, ...reading.values };
      if (reading.absent !== undefined) absent = { ...absent, ...reading.absent };
    }
    return absent === undefined ? { values, sources: this.#sources } : { values, sources: this.#sources, absent };
  }
}

function figureRow(row: LinuxRow, version: 1 | 2 | undefined): FigureRow {
  const { member, controller, key, parse } = row;
  const since = row.sinceLinux === undefined ? '' : `it needs Linux ${row.sinceLinux}, or `;
  const common = { member, ...(key === undefined ? {} : { key }), ...(parse === undefined ? {} : { parse }) };
  if (version === 1 && row.v1 === undefined) {
    return { ...common, file: row.v2, whyMissing: 'cgroup v1 does not have it' };
  }
  const file = version === 1 && row.v1 !== undefined ? row.v1 : row.v2;
  return { ...common, file, whyMissing: `${since}the ${controller} controller is not enabled for this cgroup` };
}
