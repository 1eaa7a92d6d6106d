import { isGone } from '../../errors.ts';
import type { ProcessReading } from '../../job.ts';
import type { Reason, Sources } from '../../report.ts';
import type { ProcessDetails } from '../../schema/process-details.ts';
import { tooLarge } from '../cgroup/figure-table.ts';
import type { Counter } from '../parse/counter.ts';
import { add } from '../parse/counter.ts';
import type { ProcessStat } from '../parse/proc-stat.ts';
import { parseProcessStat } from '../parse/proc-stat.ts';
import { parseSwap } from '../parse/proc-status.ts';
import { parseStatm } from '../parse/statm.ts';
import { KernelFile, readAtOnce, scratchBytes } from '../read.ts';
import type { KeptProcesses, ProcessFiles } from './kept-processes.ts';
import type { ProcessGroup } from './members.ts';
import { readMembers } from './members.ts';
import type { ProcFs } from './proc.ts';
import { hasMemory, isExitedState, readThreadMemory } from './process-memory.ts';

/** What was read of one process. Sizes are bytes, times clock ticks. */
interface ProcessFacts {
  readonly stat: ProcessStat;
  readonly private: Counter;
  readonly shared: Counter;
  readonly swapped: Counter;
}

const common = {
  ImageName: '/proc/PID/stat comm',
  CreateTimestamp: '/proc/PID/stat starttime + /proc/stat btime',
  UserTime100ns: '/proc/PID/stat utime',
  KernelTime100ns: '/proc/PID/stat stime',
  MemoryWorkingSetPrivateBytes: '/proc/PID/statm resident - shared',
  MemoryWorkingSetSharedBytes: '/proc/PID/statm shared',
};
const sources: Sources = Object.freeze({
  ...common,
  MemoryCommitBytes: '/proc/PID/statm resident - shared + /proc/PID/status VmSwap',
});
const sourcesWithoutSwap: Sources = Object.freeze({
  ...common,
  MemoryCommitBytes: '/proc/PID/statm resident - shared (the host has no swap)',
});

/**
 * The processes of a cgroup and its sub-cgroups with each one's own figures, by pid. One that does not let us read it
 * is listed with its pid alone.
 * @param kept keeps the processes' files for the next reading
 * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone, ERR_PARSE.
 */
export function processListOf(
  proc: ProcFs,
  group: ProcessGroup,
  kept?: KeptProcesses,
): ProcessReading<ProcessDetails[]> {
  const hasSwap = proc.hasSwap();
  const { readings, denied, tally } = readMembers(proc, group, (pid) => readProcess(proc, pid, hasSwap, kept), kept);
  kept?.retain(readings);
  const absent: Record<string, Reason> = {};
  const values = readings.map(({ pid, value }) => detailsOf(proc, pid, value, absent));
  for (const pid of denied) values.push({ ProcessId: pid });
  if (denied.length > 0) values.sort((a, b) => a.ProcessId - b.ProcessId);
  return { values, sources: hasSwap ? sources : sourcesWithoutSwap, absent, processes: tally };
}

/**
 * Reads one process; undefined for one that has exited. All its files are opened before `stat` is read: as that answers,
 * the process was there all the time, so no other one can have had its pid meanwhile.
 */
function readProcess(proc: ProcFs, pid: number, hasSwap: boolean, kept?: KeptProcesses): ProcessFacts | undefined {
  const directory = `${proc.root}/${pid}`;
  const known = kept?.filesOf(pid);
  if (known !== undefined) {
    try {
      return readFacts(proc, pid, hasSwap, known);
    } catch (error) {
      // It has gone, and its pid may be another's by now.
      kept?.drop(pid);
      if (!isGone(error)) throw error;
    }
  }
  const opened = kept?.open(directory, pid);
  if (opened !== undefined) return readFacts(proc, pid, hasSwap, opened);
  const files = openFiles(directory);
  try {
    return readFacts(proc, pid, hasSwap, files);
  } finally {
    files.stat.close();
    files.statm.close();
  }
}

function openFiles(directory: string): ProcessFiles {
  const stat = new KernelFile(`${directory}/stat`);
  try {
    return { stat, statm: new KernelFile(`${directory}/statm`) };
  } catch (error) {
    stat.close();
    throw error;
  }
}

function readFacts(
  proc: ProcFs,
  pid: number,
  hasSwap: boolean,
  { stat, statm }: ProcessFiles,
): ProcessFacts | undefined {
  const memory = readMemory(proc, pid, statm, hasSwap);
  const length = stat.read();
  const facts = parseProcessStat(scratchBytes(), length, stat.path);
  if (isExitedState(facts.state) && !memory.isOfThread) return undefined;
  return { stat: facts, private: memory.private, shared: memory.shared, swapped: memory.swapped };
}

interface ProcessMemory {
  readonly private: Counter;
  readonly shared: Counter;
  readonly swapped: Counter;
  /** True where the first thread has exited and another one told. */
  readonly isOfThread: boolean;
}

function readMemory(proc: ProcFs, pid: number, file: KernelFile, hasSwap: boolean): ProcessMemory {
  const length = file.read();
  const own = parseStatm(scratchBytes(), length, file.path);
  const thread = hasMemory(own) ? undefined : readThreadMemory(proc, pid);
  const statm = thread?.statm ?? own;
  return {
    private: proc.pagesToBytes(statm.private),
    shared: proc.pagesToBytes(statm.shared),
    swapped: hasSwap ? readSwapped(thread?.directory ?? `${proc.root}/${pid}`) : 0,
    isOfThread: thread !== undefined,
  };
}

function readSwapped(directory: string): Counter {
  const file = `${directory}/status`;
  const length = readAtOnce(file);
  return parseSwap(scratchBytes(), length, file) ?? 0;
}

function detailsOf(proc: ProcFs, pid: number, facts: ProcessFacts, absent: Record<string, Reason>): ProcessDetails {
  const { stat } = facts;
  const details: ProcessDetails = {
    ProcessId: pid,
    ImageName: stat.comm,
    CreateTimestamp: proc.createTextOf(stat, `${proc.root}/${pid}/stat`),
  };
  const put = (member: NumberMember, counter: Counter) => {
    if (typeof counter === 'number') details[member] = counter;
    else absent[member] = tooLarge(counter);
  };
  put('UserTime100ns', proc.clockTicksTo100ns(stat.userTicks));
  put('KernelTime100ns', proc.clockTicksTo100ns(stat.systemTicks));
  put('MemoryCommitBytes', add(facts.private, facts.swapped));
  put('MemoryWorkingSetPrivateBytes', facts.private);
  put('MemoryWorkingSetSharedBytes', facts.shared);
  return details;
}

type NumberMember =
  | 'UserTime100ns'
  | 'KernelTime100ns'
  | 'MemoryCommitBytes'
  | 'MemoryWorkingSetPrivateBytes'
  | 'MemoryWorkingSetSharedBytes';
