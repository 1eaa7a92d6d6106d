import type { JobIdentity, Reading } from '../../job.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import { AnonymousMemory } from './anonymous-memory.ts';
import type { Cgroup } from './cgroup.ts';
import type { CgroupDirectory } from './cgroup-directory.ts';
import { identityOf } from './cgroup-directory.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';
import { OwnFigures } from './own-figures.ts';
import type { PidList } from './pids.ts';
import { readPidsOf } from './pids.ts';
import type { StorageFigures } from './storage.ts';
import { openStorage2 } from './storage.ts';

const noMemory = 'the memory controller is not enabled for this cgroup';
const noCpuStat = 'this kernel has it only with the cpu controller';

const memoryRows: readonly FigureRow[] = [
  { member: 'MemoryUsageCommitBytes', file: 'memory.current', whyMissing: noMemory },
  { member: 'MemoryUsageCommitPeakBytes', file: 'memory.peak', whyMissing: `it needs Linux 5.19, or ${noMemory}` },
];

/** cpu.stat has the three times also where the cpu controller is not enabled. */
const processorRows: readonly FigureRow[] = [
  { member: 'TotalRuntime100ns', file: 'cpu.stat', key: 'usage_usec', scale: 10, whyMissing: noCpuStat },
  { member: 'RuntimeUser100ns', file: 'cpu.stat', key: 'user_usec', scale: 10, whyMissing: noCpuStat },
  { member: 'RuntimeKernel100ns', file: 'cpu.stat', key: 'system_usec', scale: 10, whyMissing: noCpuStat },
];

/** A cgroup of version 2: one directory for all controllers. All its figures include the sub-cgroups. */
export class Cgroup2 implements Cgroup {
  readonly kind = 'cgroup v2';
  readonly #directory: CgroupDirectory;
  #memory: FigureTable<MemoryStatistics> | undefined;
  #anonymous: AnonymousMemory | undefined;
  #processor: FigureTable<ProcessorStatistics> | undefined;
  #storage: StorageFigures | undefined;
  #own: OwnFigures | undefined;

  constructor(directory: CgroupDirectory) {
    this.#directory = directory;
  }

  memory(): Reading<MemoryStatistics> {
    this.#memory ??= new FigureTable(this.#directory, 'Memory', memoryRows);
    return this.#memory.read();
  }

  anonymousMemory(): Reading<number> {
    this.#anonymous ??= new AnonymousMemory(this.#directory, 'anon');
    return this.#anonymous.read();
  }

  processor(): Reading<ProcessorStatistics> {
    this.#processor ??= new FigureTable(this.#directory, 'Processor', processorRows);
    return this.#processor.read();
  }

  storage(): Reading<StorageStatistics> {
    this.#storage ??= openStorage2(this.#directory);
    return this.#storage.read();
  }

  pids(): PidList {
    return readPidsOf(this.#directory.directory, this.#directory.path);
  }

  holds(cgroups: ReadonlyMap<string, string>): boolean {
    return this.#directory.holds(cgroups);
  }

  identity(hasAnswered: boolean): JobIdentity {
    return identityOf(this.#directory, hasAnswered);
  }

  get own(): OwnFigures {
    this.#own ??= new OwnFigures(() => this.#directory);
    return this.#own;
  }

  letGo(): void {
    this.#directory.letGo();
  }

  close(): void {
    this.#directory.close();
  }
}
