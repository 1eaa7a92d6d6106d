import type { JobIdentity, Reading } from '../../job.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import type { Cgroup } from './cgroup.ts';
import type { CgroupDirectory, Place } from './cgroup-directory.ts';
import type { CgroupPlaces } from './cgroup-places.ts';
import { Cgroup1 } from './cgroup1.ts';
import { Cgroup2 } from './cgroup2.ts';
import { OwnFigures } from './own-figures.ts';
import type { PidList } from './pids.ts';

/**
 * A container on a host that has version 1 controllers and a version 2 hierarchy beside them, and which has a cgroup in
 * both. A controller belongs to one version at a time: those that are mounted as version 1 are read there. Processor
 * time comes from v2's cpu.stat, which needs no controller and splits user and kernel time better than cpuacct's ticks;
 * so do the processes, whose list is never stale there.
 */
export class CgroupHybrid implements Cgroup {
  readonly kind = 'cgroup v1 + v2';
  readonly #places: CgroupPlaces;
  readonly #v2: CgroupDirectory;
  readonly #one: Cgroup1;
  readonly #two: Cgroup2;
  #own: OwnFigures | undefined;

  constructor(places: CgroupPlaces, v2: CgroupDirectory) {
    this.#places = places;
    this.#v2 = v2;
    this.#one = new Cgroup1(places);
    this.#two = new Cgroup2(v2);
  }

  memory(): Reading<MemoryStatistics> {
    return this.#places.isVersion1('memory') ? this.#one.memory() : this.#two.memory();
  }

  anonymousMemory(): Reading<number> {
    return this.#places.isVersion1('memory') ? this.#one.anonymousMemory() : this.#two.anonymousMemory();
  }

  /** Before Linux 4.15 cpu.stat is only where the cpu controller is. */
  processor(): Reading<ProcessorStatistics> {
    const reading = this.#two.processor();
    return reading.values === undefined ? this.#one.processor() : reading;
  }

  storage(): Reading<StorageStatistics> {
    return this.#places.isVersion1('blkio') ? this.#one.storage() : this.#two.storage();
  }

  /** A controller that v1 does not have is v2's, and so is what belongs to no controller. */
  #placeOf(controller: string): Place {
    return this.#places.isVersion1(controller) ? this.#places.placeOf(controller) : this.#v2;
  }

  pids(): PidList {
    return this.#two.pids();
  }

  holds(cgroups: ReadonlyMap<string, string>): boolean {
    return this.#two.holds(cgroups);
  }

  identity(hasAnswered: boolean): JobIdentity {
    return this.#two.identity(hasAnswered);
  }

  get own(): OwnFigures {
    this.#own ??= new OwnFigures((controller) => this.#placeOf(controller));
    return this.#own;
  }

  letGo(): void {
    this.#places.letGo();
  }

  close(): void {
    this.#places.close();
  }
}
