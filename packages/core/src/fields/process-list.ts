import type { Field } from './field.ts';

/** Figures of each process in `ProcessList`. */
export const processListFields: readonly Field[] = [
  {
    path: 'ProcessList.UserTime100ns',
    each: 'ProcessList',
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
    each: 'ProcessList',
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
    each: 'ProcessList',
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
    each: 'ProcessList',
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
    each: 'ProcessList',
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
];
