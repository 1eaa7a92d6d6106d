/** The limits in force. `null` = no limit; absent = not read. */
export interface Limits {
  /** The least memory limit of the container and its ancestors, in bytes. */
  MemoryBytes?: number | null;
  /** The least processor limit of the container and its ancestors, in processors (0.5 = half of one). */
  Processors?: number | null;
  /** Most processes (Windows) or threads (Linux) at a time. */
  ProcessCount?: number | null;
}

/** Page faults of all processes since the container started. */
export interface Faults {
  /** All page faults. */
  PageFaultCount?: number;
  /** Those that had to read from a disk. */
  MajorPageFaultCount?: number;
}

/** The Linux kernel's own figures that HCS has no name for. Sizes are bytes. */
export interface LinuxFigures {
  /** Threads in the cgroup now (zombies included), from the pids controller. */
  PidsCurrent?: number;
  /** Most that PidsCurrent may be; null = no limit. */
  PidsLimit?: number | null;
}
