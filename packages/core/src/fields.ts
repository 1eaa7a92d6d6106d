export type FieldUnit = 'bytes' | '100ns' | 'count' | 'processors' | 'timestamp';
export type FieldKind = 'counter' | 'gauge';

/** One figure of the documents. Every output (columns, JSON docs, metrics, docs/metrics.md) is fed from this list. */
export interface Field {
  /** Where it stands in a `Properties` document; `ProcessList.` members stand in each process. */
  readonly path: string;
  /** Short title for a column or a chart. */
  readonly title: string;
  /** One sentence: what the number is. */
  readonly meaning: string;
  readonly unit: FieldUnit;
  readonly kind: FieldKind;
  /** Where it is read; absent = that system does not have it. */
  readonly source: { readonly cgroup2?: string; readonly cgroup1?: string; readonly windows?: string };
  /** Oldest Linux kernel that has it on cgroup v2, where that is later than cgroup v2 itself (4.5). */
  readonly sinceLinux?: string;
  /** Windows counts it in 32 bits: it begins anew although the container does not. */
  readonly wraps?: true;
}

/** The field catalogue: every figure once. */
export const fields: readonly Field[] = [
  {
    path: 'Statistics.Uptime100ns',
    title: 'Uptime',
    meaning: 'Time since the container started.',
    unit: '100ns',
    kind: 'gauge',
    source: {
      cgroup2: "the engine's state file, else the create time of the oldest process (estimated)",
      cgroup1: "the engine's state file, else the create time of the oldest process (estimated)",
      windows: 'our own clock for what we started, HCS where it was asked anyway, else the oldest process (estimated)',
    },
  },
  {
    path: 'Statistics.Processor.TotalRuntime100ns',
    title: 'CPU time',
    meaning: 'Processor time used by all processes of the container since it started, those that have exited included.',
    unit: '100ns',
    kind: 'counter',
    source: {
      cgroup2: 'cpu.stat usage_usec',
      cgroup1: 'cpuacct.usage (hybrid: cpu.stat usage_usec of the v2 hierarchy)',
      windows: 'job class 1: TotalUserTime + TotalKernelTime',
    },
  },
  {
    path: 'Statistics.Processor.RuntimeUser100ns',
    title: 'User time',
    meaning: 'The part of the processor time that was spent in user mode.',
    unit: '100ns',
    kind: 'counter',
    source: {
      cgroup2: 'cpu.stat user_usec',
      cgroup1: 'cpuacct.usage_user (hybrid: cpu.stat user_usec of the v2 hierarchy)',
      windows: 'job class 1: TotalUserTime',
    },
  },
  {
    path: 'Statistics.Processor.RuntimeKernel100ns',
    title: 'Kernel time',
    meaning: 'The part of the processor time that was spent in the kernel.',
    unit: '100ns',
    kind: 'counter',
    source: {
      cgroup2: 'cpu.stat system_usec',
      cgroup1: 'cpuacct.usage_sys (hybrid: cpu.stat system_usec of the v2 hierarchy)',
      windows: 'job class 1: TotalKernelTime',
    },
  },
  {
    path: 'Statistics.Memory.MemoryUsageCommitBytes',
    title: 'Commit',
    meaning:
      'What the memory limit acts on: commit charge on Windows; on Linux the charge of the cgroup, page cache and kernel memory included.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: 'memory.current',
      cgroup1: 'memory.usage_in_bytes',
      windows: 'job class 28: JobMemory',
    },
  },
  {
    path: 'Statistics.Memory.MemoryUsageCommitPeakBytes',
    title: 'Commit peak',
    meaning: 'The largest commit (Windows) or charge (Linux) so far.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: 'memory.peak',
      cgroup1: 'memory.max_usage_in_bytes',
      windows: 'job class 28: PeakJobMemoryUsed',
    },
    sinceLinux: '5.19',
  },
  {
    path: 'Statistics.Memory.MemoryUsagePrivateWorkingSetBytes',
    title: 'Private working set',
    meaning: 'Resident memory that cannot be shared with other processes: anonymous memory on Linux.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: 'memory.stat anon',
      cgroup1: 'memory.stat total_rss',
      windows: 'sum over the processes of the job: process class 3, PrivateWorkingSetSize',
    },
  },
  {
    path: 'Statistics.Storage.ReadCountNormalized',
    title: 'Reads',
    meaning: 'Read operations that reached a block device.',
    unit: 'count',
    kind: 'counter',
    source: {
      cgroup2: 'io.stat rios',
      cgroup1: 'blkio.throttle.io_serviced_recursive Read',
      windows: 'job class 42: ReadStats.IoCount',
    },
  },
  {
    path: 'Statistics.Storage.ReadSizeBytes',
    title: 'Read',
    meaning: 'Bytes read from block devices.',
    unit: 'bytes',
    kind: 'counter',
    source: {
      cgroup2: 'io.stat rbytes',
      cgroup1: 'blkio.throttle.io_service_bytes_recursive Read',
      windows: 'job class 42: ReadStats.TotalSize',
    },
  },
  {
    path: 'Statistics.Storage.WriteCountNormalized',
    title: 'Writes',
    meaning: 'Write operations that reached a block device.',
    unit: 'count',
    kind: 'counter',
    source: {
      cgroup2: 'io.stat wios',
      cgroup1: 'blkio.throttle.io_serviced_recursive Write',
      windows: 'job class 42: WriteStats.IoCount',
    },
  },
  {
    path: 'Statistics.Storage.WriteSizeBytes',
    title: 'Written',
    meaning: 'Bytes written to block devices.',
    unit: 'bytes',
    kind: 'counter',
    source: {
      cgroup2: 'io.stat wbytes',
      cgroup1: 'blkio.throttle.io_service_bytes_recursive Write',
      windows: 'job class 42: WriteStats.TotalSize',
    },
  },
  {
    path: 'ProcessList.UserTime100ns',
    title: 'User time',
    meaning: 'Processor time of one process in user mode.',
    unit: '100ns',
    kind: 'counter',
    source: {
      cgroup2: '/proc/PID/stat utime',
      cgroup1: '/proc/PID/stat utime',
      windows: 'process class 4: UserTime',
    },
  },
  {
    path: 'ProcessList.KernelTime100ns',
    title: 'Kernel time',
    meaning: 'Processor time of one process in the kernel.',
    unit: '100ns',
    kind: 'counter',
    source: {
      cgroup2: '/proc/PID/stat stime',
      cgroup1: '/proc/PID/stat stime',
      windows: 'process class 4: KernelTime',
    },
  },
  {
    path: 'ProcessList.MemoryCommitBytes',
    title: 'Commit',
    meaning: 'Private commit of one process; on Linux its anonymous memory, resident or swapped.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: '/proc/PID/statm resident - shared + /proc/PID/status VmSwap',
      cgroup1: '/proc/PID/statm resident - shared + /proc/PID/status VmSwap',
      windows: 'process class 3: PrivateUsage',
    },
  },
  {
    path: 'ProcessList.MemoryWorkingSetPrivateBytes',
    title: 'Private working set',
    meaning:
      'Resident memory of one process that cannot be shared; on Linux pages shared by fork count in each process.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: '/proc/PID/statm resident - shared',
      cgroup1: '/proc/PID/statm resident - shared',
      windows: 'process class 3: PrivateWorkingSetSize',
    },
  },
  {
    path: 'ProcessList.MemoryWorkingSetSharedBytes',
    title: 'Shared working set',
    meaning: 'Resident memory of one process that can be shared: files, images, shared memory.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: '/proc/PID/statm shared',
      cgroup1: '/proc/PID/statm shared',
      windows: 'process class 3: WorkingSetSize - PrivateWorkingSetSize',
    },
  },
  {
    path: 'Limits.MemoryBytes',
    title: 'Memory limit',
    meaning: 'The most that the commit (Windows) or the charge (Linux) may be.',
    unit: 'bytes',
    kind: 'gauge',
    source: { windows: 'job class 9: JobMemoryLimit' },
  },
  {
    path: 'Limits.Processors',
    title: 'Processor limit',
    meaning: 'The most processor time per time, in processors: 0.5 is half of one.',
    unit: 'processors',
    kind: 'gauge',
    source: { windows: 'job class 15: CpuRate of all processors' },
  },
  {
    path: 'Limits.ProcessCount',
    title: 'Process limit',
    meaning: 'The most processes at a time.',
    unit: 'count',
    kind: 'gauge',
    source: { windows: 'job class 9: ActiveProcessLimit' },
  },
  {
    path: 'Faults.PageFaultCount',
    title: 'Page faults',
    meaning: 'Page faults of all processes of the container since it started, those that have exited included.',
    unit: 'count',
    kind: 'counter',
    source: { windows: 'job class 1: TotalPageFaultCount' },
    wraps: true,
  },
  {
    path: 'Faults.MajorPageFaultCount',
    title: 'Major page faults',
    meaning: 'Those page faults that had to read from a disk.',
    unit: 'count',
    kind: 'counter',
    source: {},
  },
  {
    path: 'Linux.PidsCurrent',
    title: 'Threads',
    meaning: 'Threads in the cgroup now, those of zombies included: what the limit of the pids controller acts on.',
    unit: 'count',
    kind: 'gauge',
    source: { cgroup2: 'pids.current', cgroup1: 'pids.current' },
  },
  {
    path: 'Linux.PidsLimit',
    title: 'Thread limit',
    meaning: 'The most threads that the cgroup may have; null = no limit.',
    unit: 'count',
    kind: 'gauge',
    source: { cgroup2: 'pids.max', cgroup1: 'pids.max' },
  },
];
