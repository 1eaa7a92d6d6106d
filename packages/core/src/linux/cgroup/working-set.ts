import type { Reading } from '../../job.ts';
import type { Sources } from '../../report.ts';
import type { LinuxFigures } from '../../schema/own.ts';
import type { Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import { FigureTable } from './figure-table.ts';

const member = 'WorkingSetBytes';
const whyMissing = 'the memory controller is not enabled for this cgroup';

/** The two figures that the working set is the difference of. */
interface Parts {
  charge?: number;
  inactive?: number;
}

/** The charge of the cgroup less its inactive page cache, never negative: what kubelet calls the working set. */
export class WorkingSet {
  readonly #parts: FigureTable<Parts>;
  readonly sources: Sources;

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(place: Place) {
    const one = isPlaced(place) && place.hierarchy.version === 1;
    const charge = one ? 'memory.usage_in_bytes' : 'memory.current';
    const key = one ? 'total_inactive_file' : 'inactive_file';
    this.#parts = new FigureTable(place, '', [
      { member: 'charge', file: charge, whyMissing },
      { member: 'inactive', file: 'memory.stat', key, whyMissing, whyNoLine: 'this kernel does not write it' },
    ]);
    this.sources = Object.freeze({ [member]: `${charge} - memory.stat ${key}` });
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<LinuxFigures> {
    const { values, absent } = this.#parts.read();
    if (values?.charge !== undefined && values.inactive !== undefined) {
      return { values: { [member]: Math.max(0, values.charge - values.inactive) }, sources: this.sources };
    }
    const [reason] = Object.values(absent ?? {});
    return { values: undefined, sources: {}, ...(reason !== undefined && { absent: { [member]: reason } }) };
  }
}
