import type { Reading } from '../job.ts';
import type { Reason, Sources } from '../report.ts';
import type { Faults } from '../schema/own.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../schema/statistics.ts';
import {
  IO_COUNTERS,
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION,
  JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION,
  JOBOBJECT_IO_ATTRIBUTION_INFORMATION,
  JOBOBJECT_IO_ATTRIBUTION_STATS,
  JOBOBJECT_MEMORY_USAGE_INFORMATION,
  JobObjectBasicAccountingInformation,
  JobObjectBasicAndIoAccountingInformation,
  JobObjectIoAttribution,
  JobObjectMemoryUsageInformation,
} from './abi/job-object.ts';
import { STATUS_NOT_FOUND } from './abi/status.ts';
import { queryJob } from './call/job.ts';
import { allocateOnce } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import type { CounterMember } from './counter.ts';
import { copyCounters, isExact, tooLarge, uint64 } from './counter.ts';
import { ntError } from './errors.ts';
import type { OpenJob } from './open-job.ts';
import { queryOrThrow } from './open-job.ts';

const memoryUsage = allocateOnce(JOBOBJECT_MEMORY_USAGE_INFORMATION.size);
const accounting = allocateOnce(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION.size);
const accountingAndIo = allocateOnce(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION.size);
const ioAttribution = allocateOnce(JOBOBJECT_IO_ATTRIBUTION_INFORMATION.size);

const memorySources: Sources = Object.freeze({
  'Memory.MemoryUsageCommitBytes': 'job class 28: JobMemory',
  'Memory.MemoryUsageCommitPeakBytes': 'job class 28: PeakJobMemoryUsed',
});
const processorSources: Sources = Object.freeze({ Processor: 'job class 1: TotalUserTime, TotalKernelTime' });
const storageSources: Sources = Object.freeze({ Storage: 'job class 42: ReadStats, WriteStats' });
const faultSources: Sources = Object.freeze({ PageFaultCount: 'job class 1: TotalPageFaultCount' });
const nothing: Sources = Object.freeze({});

const notTracked = Object.freeze({
  Storage: Object.freeze({
    code: 'ERR_UNSUPPORTED',
    message: 'I/O attribution is switched off for this job (ERROR_NOT_FOUND 1168); its owner can enable it',
  } as const),
});
const noHardFaults = Object.freeze({
  MajorPageFaultCount: Object.freeze({
    code: 'ERR_UNSUPPORTED',
    message: 'a job object counts all page faults only',
  } as const),
});

const memoryMembers: readonly CounterMember[] = [
  {
    key: 'MemoryUsageCommitBytes',
    path: 'Memory.MemoryUsageCommitBytes',
    offset: JOBOBJECT_MEMORY_USAGE_INFORMATION.JobMemory,
  },
  {
    key: 'MemoryUsageCommitPeakBytes',
    path: 'Memory.MemoryUsageCommitPeakBytes',
    offset: JOBOBJECT_MEMORY_USAGE_INFORMATION.PeakJobMemoryUsed,
  },
];
const { ReadStats, WriteStats } = JOBOBJECT_IO_ATTRIBUTION_INFORMATION;
const { IoCount, TotalSize } = JOBOBJECT_IO_ATTRIBUTION_STATS;
const storageMembers: readonly CounterMember[] = [
  { key: 'ReadCountNormalized', path: 'Storage.ReadCountNormalized', offset: ReadStats + IoCount },
  { key: 'ReadSizeBytes', path: 'Storage.ReadSizeBytes', offset: ReadStats + TotalSize },
  { key: 'WriteCountNormalized', path: 'Storage.WriteCountNormalized', offset: WriteStats + IoCount },
  { key: 'WriteSizeBytes', path: 'Storage.WriteSizeBytes', offset: WriteStats + TotalSize },
];

/** Commit charge of the job and its peak, in bytes. */
export function readMemory(job: OpenJob): Reading<MemoryStatistics> {
  queryOrThrow(job, JobObjectMemoryUsageInformation, memoryUsage(), 'read memory of job');
  return parseMemory(memoryUsage().view);
}

export function parseMemory(view: DataView): Reading<MemoryStatistics> {
  return counters(view, memoryMembers, memorySources);
}

/** Processor time of all processes that ever were in the job, in 100 ns. */
export function readProcessor(job: OpenJob): Reading<ProcessorStatistics> {
  queryOrThrow(job, JobObjectBasicAccountingInformation, accounting(), 'read processor time of job');
  return parseProcessor(accounting().view);
}

export function parseProcessor(view: DataView): Reading<ProcessorStatistics> {
  const { TotalUserTime, TotalKernelTime } = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION;
  const user = uint64(view, TotalUserTime);
  const kernel = uint64(view, TotalKernelTime);
  if (!isExact(user + kernel)) {
    const reason = tooLarge(view, user > kernel ? TotalUserTime : TotalKernelTime);
    return { values: undefined, sources: processorSources, absent: { Processor: reason } };
  }
  const values = { TotalRuntime100ns: user + kernel, RuntimeUser100ns: user, RuntimeKernel100ns: kernel };
  return { values, sources: processorSources };
}

/** Input and output that Windows attributes to the job. A job on which nobody switched that on has none: absent, not 0. */
export function readStorage(job: OpenJob): Reading<StorageStatistics> {
  const status = queryJob(job.handle, JobObjectIoAttribution, ioAttribution());
  if (status === STATUS_NOT_FOUND) return { values: undefined, sources: nothing, absent: notTracked };
  if (succeeded(status)) return parseStorage(ioAttribution().view);
  const api = `NtQueryInformationJobObject class ${JobObjectIoAttribution}`;
  throw ntError(api, status, { operation: 'read storage of job', subject: job.name });
}

export function parseStorage(view: DataView): Reading<StorageStatistics> {
  return counters(view, storageMembers, storageSources);
}

/** Page faults since the job was made. Windows counts them in 32 bits, so the count starts anew after 2^32. */
export function readFaults(job: OpenJob): Reading<Faults> {
  queryOrThrow(job, JobObjectBasicAccountingInformation, accounting(), 'read page faults of job');
  const count = accounting().view.getUint32(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION.TotalPageFaultCount, true);
  return { values: { PageFaultCount: count }, sources: faultSources, absent: noHardFaults };
}

/** How many processes the job has, and ever had. */
export interface ProcessCounts {
  readonly active: number;
  readonly total: number;
}

export function readProcessCounts(job: OpenJob): ProcessCounts {
  queryOrThrow(job, JobObjectBasicAccountingInformation, accounting(), 'count processes of job');
  const { ActiveProcesses, TotalProcesses } = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION;
  const { view } = accounting();
  return { active: view.getUint32(ActiveProcesses, true), total: view.getUint32(TotalProcesses, true) };
}

/** Operations and bytes that the job's processes asked for, caches and pipes included, in the order of IO_COUNTERS. */
export interface RequestedIo {
  readonly readOperations: number;
  readonly writeOperations: number;
  readonly otherOperations: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly otherBytes: number;
}

/** What the processes asked for, not what reached a disk: see {@link readStorage} for that. */
export function readRequestedIo(job: OpenJob): RequestedIo {
  queryOrThrow(job, JobObjectBasicAndIoAccountingInformation, accountingAndIo(), 'read I/O of job');
  return parseRequestedIo(accountingAndIo().view);
}

export function parseRequestedIo(view: DataView): RequestedIo {
  const at = JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION.IoInfo;
  return {
    readOperations: uint64(view, at + IO_COUNTERS.ReadOperationCount),
    writeOperations: uint64(view, at + IO_COUNTERS.WriteOperationCount),
    otherOperations: uint64(view, at + IO_COUNTERS.OtherOperationCount),
    readBytes: uint64(view, at + IO_COUNTERS.ReadTransferCount),
    writtenBytes: uint64(view, at + IO_COUNTERS.WriteTransferCount),
    otherBytes: uint64(view, at + IO_COUNTERS.OtherTransferCount),
  };
}

function counters<T>(view: DataView, members: readonly CounterMember[], sources: Sources): Reading<T> {
  const values: Record<string, number> = {};
  const absent: Record<string, Reason> = {};
  copyCounters(view, members, values, absent);
  return { values: values as T, sources, absent };
}
