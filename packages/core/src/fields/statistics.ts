import type { Field } from './field.ts';

/** Figures of `Statistics`. */
export const statisticsFields: readonly Field[] = [
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
    sinceLinux: '4.15',
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
    sinceLinux: '4.15',
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
    sinceLinux: '4.15',
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
];
