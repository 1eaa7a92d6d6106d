import type { Field } from './field.ts';

/** Figures of `Limits` and `Faults`. */
export const limitFields: readonly Field[] = [
  {
    path: 'Limits.MemoryBytes',
    title: 'Memory limit',
    meaning: 'The most that the commit (Windows) or the charge (Linux) may be.',
    unit: 'bytes',
    kind: 'gauge',
    source: {
      cgroup2: 'memory.max, of the cgroup and its ancestors',
      cgroup1: 'memory.limit_in_bytes, of the cgroup and its ancestors',
      windows: 'job class 9: JobMemoryLimit',
    },
  },
  {
    path: 'Limits.Processors',
    title: 'Processor limit',
    meaning: 'The most processor time per time, in processors: 0.5 is half of one.',
    unit: 'processors',
    kind: 'gauge',
    source: {
      cgroup2: 'cpu.max, of the cgroup and its ancestors',
      cgroup1: 'cpu.cfs_quota_us / cpu.cfs_period_us, of the cgroup and its ancestors',
      windows: 'job class 15: CpuRate of all processors',
    },
    sinceLinux: '4.15',
  },
  {
    path: 'Limits.ProcessCount',
    title: 'Process limit',
    meaning: 'The most processes (Windows) or threads (Linux) at a time.',
    unit: 'count',
    kind: 'gauge',
    source: {
      cgroup2: 'pids.max, of the cgroup and its ancestors',
      cgroup1: 'pids.max, of the cgroup and its ancestors',
      windows: 'job class 9: ActiveProcessLimit',
    },
  },
  {
    path: 'Faults.PageFaultCount',
    title: 'Page faults',
    meaning: 'Page faults of all processes of the container since it started, those that have exited included.',
    unit: 'count',
    kind: 'counter',
    source: {
      cgroup2: 'memory.stat pgfault',
      cgroup1: 'memory.stat total_pgfault',
      windows: 'job class 1: TotalPageFaultCount',
    },
    wraps: true,
  },
  {
    path: 'Faults.MajorPageFaultCount',
    title: 'Major page faults',
    meaning: 'Those page faults that had to read from a disk.',
    unit: 'count',
    kind: 'counter',
    source: { cgroup2: 'memory.stat pgmajfault', cgroup1: 'memory.stat total_pgmajfault' },
  },
];
