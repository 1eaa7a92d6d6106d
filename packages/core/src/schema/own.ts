/** The limits in force: the least of the container's own and its ancestors'. `null` = no limit; absent = not read. */
export interface Limits {
  /** Most that the commit (Windows) or the charge (Linux) may be, in bytes. */
  MemoryBytes?: number | null;
  /** Whose memory limit it is: a cgroup path; absent where there is none, and on Windows. */
  MemorySetBy?: string;
  /** Most processor time per time, in processors (0.5 = half of one). */
  Processors?: number | null;
  ProcessorsSetBy?: string;
  /** Most processes (Windows) or threads (Linux) at a time. */
  ProcessCount?: number | null;
  ProcessCountSetBy?: string;
}

/** Page faults of all processes since the container started. */
export interface Faults {
  /** All page faults. */
  PageFaultCount?: number;
  /** Those that had to read from a disk. */
  MajorPageFaultCount?: number;
}

/** The Linux kernel's own figures that HCS has no name for. Sizes are bytes, times 100 ns units. */
export interface LinuxFigures {
  /** Memory that cannot be had back at once: the charge less the inactive page cache, never negative; as kubelet defines it. */
  WorkingSetBytes?: number;
  /** Page cache, shared memory included. */
  CacheBytes?: number;
  /** Shared memory: tmpfs, System V and anonymous shared mappings. */
  SharedMemoryBytes?: number;
  /** Memory that the kernel holds for the container. */
  KernelBytes?: number;
  /** What has been swapped out. */
  SwapBytes?: number;
  /** Processes that were killed because the memory limit was reached. */
  OutOfMemoryKillCount?: number;
  /** Periods in which a processor limit was enforced. */
  PeriodCount?: number;
  /** Those in which the container had to wait. */
  ThrottledPeriodCount?: number;
  /** How long it had to wait for its processor limit, all processors added up. */
  ThrottledTime100ns?: number;
  /** How long some of its tasks waited for a processor. */
  CpuPressureSome100ns?: number;
  /** How long all of its runnable tasks waited for a processor. */
  CpuPressureFull100ns?: number;
  /** How long some of its tasks waited for memory. */
  MemoryPressureSome100ns?: number;
  /** How long all of its tasks waited for memory at once. */
  MemoryPressureFull100ns?: number;
  /** How long some of its tasks waited for input and output. */
  IoPressureSome100ns?: number;
  /** How long all of its tasks waited for input and output at once. */
  IoPressureFull100ns?: number;
  /** Threads in the cgroup now (zombies included), from the pids controller. */
  PidsCurrent?: number;
  /** Most that PidsCurrent may be; null = no limit. */
  PidsLimit?: number | null;
  /** Huge pages in use, one entry for each page size of the host. */
  HugePages?: HugePages[];
  /** The network of the container's network namespace. */
  Network?: Network;
}

export interface HugePages {
  /** As the kernel writes it: "2MB", "1GB". */
  PageSize: string;
  UsedBytes: number;
}

export interface Network {
  /** "host": the container has the host's network, whose traffic is not its own; then there are no interfaces here. */
  Namespace: 'own' | 'host';
  /** The interfaces of the container's own namespace, the loopback left out. Counters run since each was made. */
  Interfaces?: NetworkInterface[];
}

/** Who started whom: one process of the container. */
export interface ProcessTreeEntry {
  ProcessId: number;
  /**
   * Who started it. On Linux its living parent, 0 where that is outside of what we see; on Windows whoever it was then: by now the id may
   * be nobody's, or that of a younger process.
   */
  ParentProcessId?: number;
  /** The command line, at most 4096 bytes of it. On Linux the arguments, separated by spaces; absent where there is none. */
  CommandLine?: string;
}

/** One network interface, with HCS' names for its counters, as the container sees it: received is what came in. */
export interface NetworkInterface {
  Name: string;
  BytesReceived: number;
  PacketsReceived: number;
  DroppedPacketsIncoming: number;
  ErrorsIncoming: number;
  BytesSent: number;
  PacketsSent: number;
  DroppedPacketsOutgoing: number;
  ErrorsOutgoing: number;
}
