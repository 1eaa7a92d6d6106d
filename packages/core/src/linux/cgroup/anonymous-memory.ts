import type { Reading } from '../../job.ts';
import type { Place } from './cgroup-directory.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';

const member = 'MemoryUsagePrivateWorkingSetBytes';

/** `rss` of v1 alone leaves out the sub-cgroups. */
const rows: Readonly<Record<'anon' | 'total_rss', readonly FigureRow[]>> = {
  anon: rowsOf('anon'),
  total_rss: rowsOf('total_rss'),
};

function rowsOf(key: string): readonly FigureRow[] {
  const whyMissing = 'the memory controller is not enabled for this cgroup';
  return [{ file: 'memory.stat', member, key, whyMissing }];
}

/**
 * Resident anonymous memory of the whole cgroup, in bytes: one line of memory.stat. Each page counts once, however
 * many processes map it; the kernel's own sum lags behind by 2 s at worst.
 */
export class AnonymousMemory {
  readonly #table: FigureTable<{ [member]?: number }>;

  /** @param key the line of memory.stat. @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(place: Place, key: keyof typeof rows) {
    this.#table = new FigureTable(place, 'Memory', rows[key]);
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<number> {
    const { values, sources, absent } = this.#table.read();
    const bytes = values?.[member];
    return absent === undefined ? { values: bytes, sources } : { values: bytes, sources, absent };
  }
}
