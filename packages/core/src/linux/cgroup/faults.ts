import type { Reading } from '../../job.ts';
import type { Faults } from '../../schema/own.ts';
import type { Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';

/** Page faults of the whole cgroup, those of exited processes and of sub-cgroups included. */
export class FaultCounters {
  readonly #table: FigureTable<Faults>;

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(place: Place) {
    const prefix = isPlaced(place) && place.hierarchy.version === 1 ? 'total_' : '';
    const row = (member: keyof Faults, key: string): FigureRow => ({
      member,
      file: 'memory.stat',
      key: `${prefix}${key}`,
      whyMissing: 'the memory controller is not enabled for this cgroup',
    });
    this.#table = new FigureTable(place, '', [
      row('PageFaultCount', 'pgfault'),
      row('MajorPageFaultCount', 'pgmajfault'),
    ]);
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<Faults> {
    return this.#table.read();
  }
}
