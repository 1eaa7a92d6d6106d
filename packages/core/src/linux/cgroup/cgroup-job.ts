import { isGone, SilostatError } from '../../errors.ts';
import type { AcquireOptions, Job, JobAccess, JobIdentity, ProcessReading, Reading } from '../../job.ts';
import { privateWorkingSetPath } from '../../read-statistics.ts';
import type { Faults, Limits, LinuxFigures, ProcessTreeEntry } from '../../schema/own.ts';
import type { ProcessDetails } from '../../schema/process-details.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import { KeptProcesses } from '../process/kept-processes.ts';
import type { ProcFs } from '../process/proc.ts';
import { oldestOf } from '../process/process-age.ts';
import { processListOf } from '../process/process-list.ts';
import { sumPrivateWorkingSets } from '../process/process-memory.ts';
import { processTreeOf } from '../process/process-tree.ts';
import type { Cgroup, CgroupReference } from './cgroup.ts';
import { KeptCgroup } from './kept-cgroup.ts';
import { readNetwork } from './network.ts';
import { openCgroup } from './open-cgroup.ts';

/** Longer than this no process is pinned for a reading to come. */
const longestKeptMs = 10_000;

/** A cgroup as a job. Finds it with the first query, and keeps the descriptors of its figure files until `close()`. */
export function openCgroupJobAccess(reference: CgroupReference): JobAccess {
  const kept = new KeptCgroup(reference.path, () => openCgroup(reference), {
    isFollowed: reference.seen !== undefined,
  });
  return new CgroupJobAccess(kept, reference.hierarchies.proc);
}

/** Hands out the kept cgroup, query by query. */
export class CgroupJobAccess implements JobAccess {
  readonly #kept: KeptCgroup;
  readonly #proc: ProcFs;
  #processes: KeptProcesses | undefined;
  #isReadAgainSoon = false;

  constructor(kept: KeptCgroup, proc: ProcFs) {
    this.#kept = kept;
    this.#proc = proc;
  }

  acquire({ againInMs = Number.POSITIVE_INFINITY }: AcquireOptions = {}): Job {
    this.#kept.settle();
    this.#isReadAgainSoon = againInMs <= longestKeptMs;
    return new CgroupJob(this.#kept, this.#proc, this.#isReadAgainSoon ? this : undefined);
  }

  /** The descriptors of the figure files are kept for the next query, those of its processes for a while. */
  release(): void {
    if (this.#isReadAgainSoon) this.#processes?.closeAfter(longestKeptMs);
    else this.#processes?.closeAll();
  }

  close(): void {
    this.#processes?.closeAll();
    this.#kept.close();
  }

  /** Made when a list of processes is first asked for: it seldom is. */
  keepProcesses(): KeptProcesses {
    this.#processes ??= new KeptProcesses();
    return this.#processes.use();
  }
}

/**
 * A cgroup during one query. What is read in one query is of one cgroup: where it turns out to have been removed before
 * the query (the kept descriptors answer ENODEV at the first question), a new one of the same name is opened, once; is it
 * removed later than that, the query fails with ERR_NOT_FOUND.
 */
class CgroupJob implements Job {
  readonly kind: string;
  readonly #kept: KeptCgroup;
  readonly #proc: ProcFs;
  /** Absent: no files of processes are kept for a reading to come. */
  readonly #keeper: CgroupJobAccess | undefined;
  /** The cgroup that has answered in this query. */
  #answeredBy: Cgroup | undefined;

  constructor(kept: KeptCgroup, proc: ProcFs, keeper: CgroupJobAccess | undefined) {
    this.#kept = kept;
    this.#proc = proc;
    this.#keeper = keeper;
    this.kind = kept.get().kind;
  }

  memory(): Reading<MemoryStatistics> {
    return this.#ask((cgroup) => cgroup.memory());
  }

  processor(): Reading<ProcessorStatistics> {
    return this.#ask((cgroup) => cgroup.processor());
  }

  storage(): Reading<StorageStatistics> {
    return this.#ask((cgroup) => cgroup.storage());
  }

  /** One read of memory.stat; without a memory controller, the sum over the processes. */
  privateWorkingSet(): ProcessReading<number> {
    const anonymous = this.#ask((cgroup) => cgroup.anonymousMemory());
    if (privateWorkingSetPath in anonymous.sources) return anonymous;
    return this.#ask((cgroup) => sumPrivateWorkingSets(this.#proc, cgroup));
  }

  processList(): ProcessReading<ProcessDetails[]> {
    return this.#ask((cgroup) => processListOf(this.#proc, cgroup, this.#keeper?.keepProcesses()));
  }

  processTree(): ProcessReading<ProcessTreeEntry[]> {
    return this.#ask((cgroup) => processTreeOf(this.#proc, cgroup));
  }

  limits(): Reading<Limits> {
    return this.#ask((cgroup) => cgroup.own.limits());
  }

  faults(): Reading<Faults> {
    return this.#ask((cgroup) => cgroup.own.faults());
  }

  /** The cgroup's figures, and the network as its processes see it. */
  linux(): Reading<LinuxFigures> {
    const figures = this.#ask((cgroup) => cgroup.own.linux());
    const network = this.#ask((cgroup) => readNetwork(this.#proc, cgroup.pids()));
    const values = { ...figures.values, ...network.values };
    return {
      values: Object.keys(values).length > 0 ? values : undefined,
      sources: { ...figures.sources, ...network.sources },
      absent: { ...figures.absent, ...network.absent },
    };
  }

  oldestProcess(): bigint | undefined {
    return this.#ask((cgroup) => oldestOf(this.#proc, cgroup.pids())?.created);
  }

  identity(): JobIdentity {
    return this.#ask((cgroup) => cgroup.identity(cgroup === this.#answeredBy));
  }

  #ask<T>(question: (cgroup: Cgroup) => T): T {
    const cgroup = this.#kept.get();
    if (this.#answeredBy !== undefined && this.#answeredBy !== cgroup) throw this.#removed(undefined);
    try {
      const answer = question(cgroup);
      this.#answeredBy = cgroup;
      return answer;
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#kept.drop(cgroup);
      if (this.#answeredBy !== undefined) throw this.#removed(error);
      return this.#askNewOne(question);
    }
  }

  #askNewOne<T>(question: (cgroup: Cgroup) => T): T {
    try {
      const cgroup = this.#kept.get();
      const answer = question(cgroup);
      this.#answeredBy = cgroup;
      return answer;
    } catch (error) {
      throw isGone(error) ? this.#removed(error) : error;
    }
  }

  #removed(cause: unknown): SilostatError {
    return new SilostatError('ERR_NOT_FOUND', {
      subject: this.#kept.path,
      operation: 'read cgroup',
      reason: 'it has been removed',
      cause,
    });
  }
}
