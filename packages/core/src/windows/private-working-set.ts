import type { ProcessReading } from '../job.ts';
import { privateWorkingSetPath } from '../read-statistics.ts';
import type { ProcessTally, Reason, Sources } from '../report.ts';
import { ProcessVmCounters, VM_COUNTERS_EX2 } from './abi/process.ts';
import type { Handle } from './call/handle.ts';
import { allocateOnce } from './call/memory.ts';
import type { NtStatus } from './call/nt-status.ts';
import { succeeded } from './call/nt-status.ts';
import { queryOwnProcess, queryProcess } from './call/process.ts';
import { uint64 } from './counter.ts';
import { newTally, visitMembers } from './members.ts';
import type { OpenJob } from './open-job.ts';
import { readPids } from './pid-list.ts';
import type { ProcessSnapshot } from './process-snapshot.ts';
import { readProcessSnapshot } from './process-snapshot.ts';

const counters = allocateOnce(VM_COUNTERS_EX2.size);
const perProcess: Sources = Object.freeze({
  [privateWorkingSetPath]: 'sum over the processes of the job: process class 3, PrivateWorkingSetSize',
});
const hostWide: Sources = Object.freeze({
  [privateWorkingSetPath]: 'host-wide pass over all processes: system class 5, WorkingSetPrivateSize',
});

let hasEx2: boolean | undefined;

/**
 * Private working set of all processes of the job, in bytes.
 *
 * Costs four calls a process of the job, however many others there are. Only where Windows has no VM_COUNTERS_EX2 (before
 * 10 1607) are all processes of the host read instead; `sources` says so. If no process could be read the value is absent.
 * @throws SilostatError as the list of processes does
 */
export function readPrivateWorkingSet(job: OpenJob): ProcessReading<number> {
  return hasVmCountersEx2() ? readPerProcess(job) : readHostWide(job);
}

/** True where Windows gives the private working set of a single process; asked once, about ourselves. */
export function hasVmCountersEx2(): boolean {
  hasEx2 ??= succeeded(queryOwnProcess(ProcessVmCounters, counters()));
  return hasEx2;
}

function readPerProcess(job: OpenJob): ProcessReading<number> {
  const into = counters();
  let bytes = 0;
  const tally = visitMembers(job, readPids(job), (process: Handle): NtStatus => {
    const status = queryProcess(process, ProcessVmCounters, into);
    if (succeeded(status)) bytes += uint64(into.view, VM_COUNTERS_EX2.PrivateWorkingSetSize);
    return status;
  });
  return privateWorkingSet(bytes, tally, perProcess);
}

/**
 * The same from one pass over all processes of the host.
 *
 * The pids are listed again after the pass: one that has left the list may stand for another process in it.
 */
export function readHostWide(job: OpenJob): ProcessReading<number> {
  const pids = readPids(job);
  const snapshot = readProcessSnapshot(new Set(pids));
  return sumSnapshot(pids, snapshot, new Set(readPids(job)));
}

/** Adds up the entries of the processes that were in the job before and after the pass. */
export function sumSnapshot(
  pids: readonly number[],
  snapshot: ProcessSnapshot,
  still: ReadonlySet<number>,
): ProcessReading<number> {
  const tally = newTally(pids.length);
  let bytes = 0;
  for (const pid of pids) {
    const entry = snapshot.get(pid);
    if (entry === undefined || !still.has(pid)) tally.gone++;
    else if (entry.privateBytes === 0 && entry.workingSetBytes > 0) tally.unreadable++;
    else {
      tally.read++;
      bytes += entry.privateBytes;
    }
  }
  return privateWorkingSet(bytes, tally, hostWide);
}

/** A sum over no process at all is 0 only where there was none to read. */
function privateWorkingSet(bytes: number, processes: ProcessTally, sources: Sources): ProcessReading<number> {
  const unread = processes.denied + processes.unreadable;
  if (processes.read > 0 || unread === 0) return { values: bytes, sources, processes };
  return { values: undefined, sources, processes, absent: { [privateWorkingSetPath]: noneRead(processes) } };
}

function noneRead({ listed, denied, unreadable }: ProcessTally): Reason {
  return denied >= unreadable
    ? { code: 'ERR_ACCESS_DENIED', message: `none of ${listed} processes could be read: ${denied} denied access` }
    : { code: 'ERR_UNSUPPORTED', message: `none of ${listed} processes gave its private working set` };
}
