/**
 * HCS schema 2 `Statistics`. A member that was not read is absent; 0 is a measured 0.
 * Sizes are bytes, times 100 ns units, counters run since the container started unless said.
 */
export interface Statistics {
  /** When the reading began, RFC 3339 in UTC. */
  Timestamp?: string;
  /** When the container started, RFC 3339 in UTC; estimated where the report says so. */
  ContainerStartTime?: string;
  /** Time since ContainerStartTime, in 100 ns. */
  Uptime100ns?: number;
  Processor?: ProcessorStatistics;
  Memory?: MemoryStatistics;
  Storage?: StorageStatistics;
}

/** Processor time of all the container's processes, those that have exited included, in 100 ns. */
export interface ProcessorStatistics {
  TotalRuntime100ns?: number;
  RuntimeUser100ns?: number;
  RuntimeKernel100ns?: number;
}

export interface MemoryStatistics {
  /** What the memory limit acts on, in bytes: commit charge on Windows, the cgroup's charge (page cache included) on Linux. */
  MemoryUsageCommitBytes?: number;
  /** The largest MemoryUsageCommitBytes so far, in bytes. */
  MemoryUsageCommitPeakBytes?: number;
  /** Resident memory that cannot be shared, in bytes: private working set on Windows, anonymous memory on Linux. */
  MemoryUsagePrivateWorkingSetBytes?: number;
}

/** Input and output at the block layer: what a cache answered is not counted. */
export interface StorageStatistics {
  ReadCountNormalized?: number;
  ReadSizeBytes?: number;
  WriteCountNormalized?: number;
  WriteSizeBytes?: number;
}
