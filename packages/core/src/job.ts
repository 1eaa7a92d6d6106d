import type { Absences, ProcessTally, Sources } from './report.ts';
import type { Faults, Limits, LinuxFigures, ProcessTreeEntry } from './schema/own.ts';
import type { ProcessDetails } from './schema/process-details.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from './schema/statistics.ts';

/**
 * One answer of the kernel. `values` holds what was read; what was not stands in `absent`, by path within the
 * property type (`Memory.MemoryUsageCommitPeakBytes`, or `Storage` for the whole section, and then `values` is undefined).
 * Readers hand out the same frozen `sources` each time: nothing is built per reading that does not change.
 */
export interface Reading<T> {
  readonly values: T | undefined;
  readonly sources: Sources;
  readonly absent?: Absences;
}

/** A reading that was added up, or listed, over the job's processes. */
export interface ProcessReading<T> extends Reading<T> {
  readonly processes?: ProcessTally;
}

/** What tells a job from one that is made later under the same name: one mark that is known of both, and differs. */
export interface JobIdentity {
  /** Silo id on Windows, inode on Linux; undefined where there is none. */
  readonly object?: string;
  /** Birth of the kernel object, or create time of the first process seen. */
  readonly birth?: string;
}

/**
 * The kernel's accounting group of processes: a job object or silo on Windows, a cgroup on Linux.
 *
 * Every method is synchronous and asks the kernel anew. It throws a SilostatError when the question as a whole could not
 * be answered: ERR_NOT_FOUND if the job has gone (then nothing else of it is worth anything), any other code for this
 * question alone. A member that this kernel or configuration does not offer is no error: it is in `absent`.
 */
export interface Job {
  /** What kind of object it is, for the report: "cgroup v1", "cgroup v2", "cgroup v1 + v2", "silo", "job object". */
  readonly kind: string;
  memory(): Reading<MemoryStatistics>;
  processor(): Reading<ProcessorStatistics>;
  storage(): Reading<StorageStatistics>;
  /** Bytes that become Memory.MemoryUsagePrivateWorkingSetBytes. */
  privateWorkingSet(): ProcessReading<number>;
  processList(): ProcessReading<ProcessDetails[]>;
  limits?(): Reading<Limits>;
  faults?(): Reading<Faults>;
  linux?(): Reading<LinuxFigures>;
  processTree?(): ProcessReading<ProcessTreeEntry[]>;
  /** Create time of the oldest living process, in 100 ns since 1970-01-01 UTC; undefined when none could be read. */
  oldestProcess(): bigint | undefined;
  identity(): JobIdentity;
}

export interface AcquireOptions {
  /**
   * The same is asked again after so many milliseconds: what makes that cheaper may be kept until then. (Windows keeps handles
   * of the job's processes, for 10 s at most.)
   */
  readonly againInMs?: number;
}

/**
 * How a compute system gets at its job. Windows opens it for each query and closes it right after (a kept handle would
 * keep a dead container alive); Linux keeps the descriptors until `close()`.
 */
export interface JobAccess {
  /** The job, open. Throws ERR_NOT_FOUND, ERR_ACCESS_DENIED, ... */
  acquire(options?: AcquireOptions): Job;
  /** The query is over. */
  release(job: Job): void;
  /** Everything that is kept is let go. Harmless a second time. */
  close(): void;
}
