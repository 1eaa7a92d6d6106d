import {
  ComputeSystem,
  type ComputeSystemSummary,
  type Limits,
  type LinuxFigures,
  type MemoryStatistics,
  NativeError,
  type ProcessDetails,
  type ProcessorStatistics,
  type ProcessTally,
  type ProcessTreeEntry,
  type Reason,
  SilostatError,
  type StorageStatistics,
} from 'silostat';

/** What a fake container's kernel object answers; tests change it between readings. */
export interface Script {
  id: string;
  names: string[];
  owner: string;
  processor: ProcessorStatistics;
  memory: MemoryStatistics;
  /** undefined: absent, with a reason. */
  storage: StorageStatistics | undefined;
  storageReason?: string;
  privateBytes: number | undefined;
  tally?: ProcessTally;
  processes: ProcessDetails[];
  processAbsent?: Readonly<Record<string, Reason>>;
  /** Left out: a kernel object that has none. */
  tree?: ProcessTreeEntry[];
  processTally?: ProcessTally;
  limits?: Limits;
  linux?: LinuxFigures;
  /** Why members of Linux are absent. */
  linuxAbsent?: Record<string, Reason>;
  /** Thrown by whatever is asked. */
  failure?: unknown;
  /** Inode and birth. */
  birth: string;
  closed: number;
}

const mebibyte = 1024 * 1024;

export function script(overrides: Partial<Script> = {}): Script {
  return {
    id: '3f1c00000000000000000000000000000000000000000000000000000000a001',
    names: ['web-1'],
    owner: 'docker',
    processor: { TotalRuntime100ns: 123_456_789, RuntimeUser100ns: 100_000_000, RuntimeKernel100ns: 23_456_789 },
    memory: { MemoryUsageCommitBytes: 180 * mebibyte, MemoryUsageCommitPeakBytes: 200 * mebibyte },
    storage: { ReadCountNormalized: 3, ReadSizeBytes: 4096, WriteCountNormalized: 50, WriteSizeBytes: 50 * mebibyte },
    privateBytes: 103 * mebibyte,
    processes: [{ ProcessId: 41, ImageName: 'nginx', UserTime100ns: 5_000_000 }, { ProcessId: 42 }],
    birth: '1',
    closed: 0,
    ...overrides,
  };
}

const notCounted: Reason = {
  code: 'ERR_UNSUPPORTED',
  message: 'not counted before a throttle rule was set',
  cause: new NativeError('read blkio.throttle.io_service_bytes', 'errno', 95, 'ENOTSUP'),
};

/** The library's own ComputeSystem over the script. */
export function fakeSystem(told: Script): ComputeSystem {
  const answer = <T>(values: T, path: string, source: string) => {
    if (told.failure !== undefined) throw told.failure;
    return { values, sources: { [path]: source } };
  };
  const job = {
    kind: 'cgroup v2',
    memory: () => answer(told.memory, 'Memory', 'memory.current'),
    processor: () => answer(told.processor, 'Processor', 'cpu.stat'),
    storage: () =>
      told.storage === undefined
        ? {
            values: undefined,
            sources: {},
            absent: { Storage: { ...notCounted, message: told.storageReason ?? notCounted.message } },
          }
        : answer(told.storage, 'Storage', 'io.stat'),
    privateWorkingSet: () => ({
      ...answer(told.privateBytes, 'Memory.MemoryUsagePrivateWorkingSetBytes', 'memory.stat'),
      ...(told.tally !== undefined && { processes: told.tally }),
    }),
    processList: () => ({
      ...answer(told.processes, 'ProcessList', 'cgroup.procs'),
      ...(told.processAbsent !== undefined && { absent: told.processAbsent }),
      ...(told.processTally !== undefined && { processes: told.processTally }),
    }),
    ...(told.tree !== undefined && { processTree: () => answer(told.tree, 'ParentProcessId', '/proc/PID/stat ppid') }),
    ...(told.limits !== undefined && { limits: () => answer(told.limits, 'MemoryBytes', 'memory.max') }),
    ...(told.linux !== undefined && {
      linux: () => ({ ...answer(told.linux, 'Network', '/proc/PID/net/dev'), absent: told.linuxAbsent ?? {} }),
    }),
    oldestProcess: () => undefined,
    identity: () => ({ object: '1', birth: told.birth }),
  };
  return new ComputeSystem({
    identity: { Id: told.id, SystemType: 'Container', RuntimeOsType: 'Linux', Owner: told.owner },
    names: told.names,
    jobs: {
      acquire: () => job,
      release: () => {},
      close: () => {
        told.closed++;
      },
    },
    clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5), monotonicNs: () => 0n },
  });
}

export function summaryOf(told: Script): ComputeSystemSummary {
  return {
    Id: told.id,
    Names: told.names,
    SystemType: 'Container',
    RuntimeOsType: 'Linux',
    Owner: told.owner,
    State: 'Running',
    ProcessCount: told.processes.length,
    CgroupPath: `/${told.owner}/${told.id}`,
  };
}

export function notFound(subject: string): SilostatError {
  return new SilostatError('ERR_NOT_FOUND', {
    subject,
    operation: 'open container',
    reason: 'there is none of that id or name',
  });
}
