import type { ProcessReading } from '../job.ts';
import type { Absences, Sources } from '../report.ts';
import type { ProcessDetails } from '../schema/process-details.ts';
import { rfc3339FromFiletime, unixTicksFromFiletime } from '../schema/time.ts';
import { KERNEL_USER_TIMES, ProcessTimes, ProcessVmCounters, VM_COUNTERS_EX, VM_COUNTERS_EX2 } from './abi/process.ts';
import type { Handle } from './call/handle.ts';
import type { NativeMemory } from './call/memory.ts';
import { allocateOnce } from './call/memory.ts';
import type { NtStatus } from './call/nt-status.ts';
import { succeeded } from './call/nt-status.ts';
import { queryProcess } from './call/process.ts';
import { isExact, uint64 } from './counter.ts';
import { readImageName } from './image-name.ts';
import { visitMembers } from './members.ts';
import type { OpenJob } from './open-job.ts';
import { readPids } from './pid-list.ts';
import { hasVmCountersEx2 } from './private-working-set.ts';

const times = allocateOnce(KERNEL_USER_TIMES.size);
const counters = allocateOnce(VM_COUNTERS_EX.size);
const countersEx2 = allocateOnce(VM_COUNTERS_EX2.size);

const filetimeOfYear10000 = 2_650_467_744_000_000_000n;

const sources: Sources = Object.freeze({
  ProcessId: 'job class 3: ProcessIdList',
  ImageName: 'process class 27: last component',
  CreateTimestamp: 'process class 4: CreateTime',
  UserTime100ns: 'process class 4: UserTime',
  KernelTime100ns: 'process class 4: KernelTime',
  MemoryCommitBytes: 'process class 3: PrivateUsage',
  MemoryWorkingSetPrivateBytes: 'process class 3: PrivateWorkingSetSize',
  MemoryWorkingSetSharedBytes: 'process class 3: WorkingSetSize - PrivateWorkingSetSize',
});
const noEx2 = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message: 'this Windows does not tell the private working set of a process (VM_COUNTERS_EX2, Windows 10 1607)',
} as const);
const withoutEx2: Absences = Object.freeze({
  MemoryWorkingSetPrivateBytes: noEx2,
  MemoryWorkingSetSharedBytes: noEx2,
});

/**
 * The processes of the job, each with its own figures, without a look at any other process. One that denies us is listed by
 * its id alone; those that have exited, and pids that belong to others by now, are not listed.
 */
export function readProcessList(job: OpenJob): ProcessReading<ProcessDetails[]> {
  const values: ProcessDetails[] = [];
  const hasEx2 = hasVmCountersEx2();
  const processes = visitMembers(
    job,
    readPids(job),
    (process, pid) => readDetails(process, pid, hasEx2, values),
    (pid, outcome) => {
      if (outcome === 'denied' || outcome === 'unreadable') values.push({ ProcessId: pid });
    },
  );
  return hasEx2 ? { values, sources, processes } : { values, sources, processes, absent: withoutEx2 };
}

/** Create time of the oldest living process of the job, in 100 ns since 1970-01-01 UTC, and its id. */
export function readOldestProcess(job: OpenJob): { pid: number; unixTicks: bigint } | undefined {
  let oldest: { pid: number; unixTicks: bigint } | undefined;
  visitMembers(job, readPids(job), (process, pid) => {
    const status = queryProcess(process, ProcessTimes, times());
    if (!succeeded(status)) return status;
    const created = parseCreateTime(times().view);
    if (created === undefined) return status;
    const unixTicks = unixTicksFromFiletime(created);
    if (oldest === undefined || unixTicks < oldest.unixTicks) oldest = { pid, unixTicks };
    return status;
  });
  return oldest;
}

/** The answer that decides whether the process counts as read is the one about its memory. */
function readDetails(process: Handle, pid: number, hasEx2: boolean, values: ProcessDetails[]): NtStatus {
  const into = hasEx2 ? countersEx2() : counters();
  const status = queryProcess(process, ProcessVmCounters, into);
  if (!succeeded(status)) return status;
  const details: ProcessDetails = { ProcessId: pid };
  const name = readImageName(process);
  if (name !== undefined) details.ImageName = name;
  if (succeeded(queryProcess(process, ProcessTimes, times()))) parseTimes(times().view, details);
  parseCounters(into, hasEx2, details);
  values.push(details);
  return status;
}

export function parseTimes(view: DataView, details: ProcessDetails): void {
  const created = parseCreateTime(view);
  if (created !== undefined) details.CreateTimestamp = rfc3339FromFiletime(created);
  const user = uint64(view, KERNEL_USER_TIMES.UserTime);
  const kernel = uint64(view, KERNEL_USER_TIMES.KernelTime);
  if (isExact(user)) details.UserTime100ns = user;
  if (isExact(kernel)) details.KernelTime100ns = kernel;
}

/** A FILETIME; undefined for none, and for what no clock can have shown: a process that is ending may give either. */
function parseCreateTime(view: DataView): bigint | undefined {
  const filetime = view.getBigUint64(KERNEL_USER_TIMES.CreateTime, true);
  return filetime > 0n && filetime < filetimeOfYear10000 ? filetime : undefined;
}

/** Sizes of one process; they are far below 2^53, the size of an address space. */
export function parseCounters({ view }: Pick<NativeMemory, 'view'>, hasEx2: boolean, details: ProcessDetails): void {
  details.MemoryCommitBytes = uint64(view, VM_COUNTERS_EX2.PrivateUsage);
  if (!hasEx2) return;
  const privateBytes = uint64(view, VM_COUNTERS_EX2.PrivateWorkingSetSize);
  details.MemoryWorkingSetPrivateBytes = privateBytes;
  details.MemoryWorkingSetSharedBytes = Math.max(0, uint64(view, VM_COUNTERS_EX2.WorkingSetSize) - privateBytes);
}
