import type { JobIdentity, Reading } from '../../job.ts';
import type { Reason } from '../../report.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import { parseNanoseconds } from '../parse/single-number.ts';
import { AnonymousMemory } from './anonymous-memory.ts';
import type { Cgroup } from './cgroup.ts';
import { identityOf } from './cgroup-directory.ts';
import type { CgroupPlaces } from './cgroup-places.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';
import { OwnFigures } from './own-figures.ts';
import type { PidList } from './pids.ts';
import { readPidsOf } from './pids.ts';
import type { StorageFigures } from './storage.ts';
import { openStorage1 } from './storage.ts';

const notOffered = 'this kernel does not have it';

const memoryRows: readonly FigureRow[] = [
  { member: 'MemoryUsageCommitBytes', file: 'memory.usage_in_bytes', whyMissing: notOffered },
  { member: 'MemoryUsageCommitPeakBytes', file: 'memory.max_usage_in_bytes', whyMissing: notOffered },
];

const processorRows: readonly FigureRow[] = [
  { member: 'TotalRuntime100ns', file: 'cpuacct.usage', parse: parseNanoseconds, whyMissing: notOffered },
  { member: 'RuntimeUser100ns', file: 'cpuacct.usage_user', parse: parseNanoseconds, whyMissing: notOffered },
  { member: 'RuntimeKernel100ns', file: 'cpuacct.usage_sys', parse: parseNanoseconds, whyMissing: notOffered },
];

const noPressure: Reason = Object.freeze({ code: 'ERR_UNSUPPORTED', message: 'cgroup v1 does not have it' });

/** A cgroup of version 1: a directory for each hierarchy. Figures are taken where they include the sub-cgroups. */
export class Cgroup1 implements Cgroup {
  readonly kind = 'cgroup v1';
  readonly #places: CgroupPlaces;
  #memory: FigureTable<MemoryStatistics> | undefined;
  #anonymous: AnonymousMemory | undefined;
  #processor: FigureTable<ProcessorStatistics> | undefined;
  #storage: StorageFigures | undefined;
  #own: OwnFigures | undefined;

  constructor(places: CgroupPlaces) {
    this.#places = places;
  }

  memory(): Reading<MemoryStatistics> {
    this.#memory ??= new FigureTable(this.#places.placeOf('memory'), 'Memory', memoryRows);
    return this.#memory.read();
  }

  /** `total_rss`: `rss` alone leaves out the sub-cgroups. */
  anonymousMemory(): Reading<number> {
    this.#anonymous ??= new AnonymousMemory(this.#places.placeOf('memory'), 'total_rss');
    return this.#anonymous.read();
  }

  processor(): Reading<ProcessorStatistics> {
    this.#processor ??= new FigureTable(this.#places.placeOf('cpuacct'), 'Processor', processorRows);
    return this.#processor.read();
  }

  storage(): Reading<StorageStatistics> {
    this.#storage ??= openStorage1(this.#places.placeOf('blkio'));
    return this.#storage.read();
  }

  pids(): PidList {
    const { directory, path } = this.#places.primary;
    return readPidsOf(directory, path);
  }

  holds(cgroups: ReadonlyMap<string, string>): boolean {
    return this.#places.primary.holds(cgroups);
  }

  identity(hasAnswered: boolean): JobIdentity {
    return identityOf(this.#places.primary, hasAnswered);
  }

  get own(): OwnFigures {
    this.#own ??= new OwnFigures((controller) =>
      controller === 'pressure' ? noPressure : this.#places.placeOf(controller),
    );
    return this.#own;
  }

  letGo(): void {
    this.#places.letGo();
  }

  close(): void {
    this.#places.close();
  }
}
