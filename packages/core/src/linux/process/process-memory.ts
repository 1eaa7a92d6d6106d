import { readdirSync } from 'node:fs';
import { isSilostatError } from '../../errors.ts';
import type { ProcessReading } from '../../job.ts';
import { privateWorkingSetPath } from '../../read-statistics.ts';
import type { Reason, Sources } from '../../report.ts';
import { tooLarge } from '../cgroup/figure-table.ts';
import { systemError } from '../errors.ts';
import type { Counter } from '../parse/counter.ts';
import { add } from '../parse/counter.ts';
import { parseProcessStat } from '../parse/proc-stat.ts';
import type { Statm } from '../parse/statm.ts';
import { parseStatm } from '../parse/statm.ts';
import { readAtOnce, scratchBytes } from '../read.ts';
import type { ProcessGroup } from './members.ts';
import { readMembers } from './members.ts';
import type { ProcFs } from './proc.ts';

const sources: Sources = Object.freeze({
  [privateWorkingSetPath]:
    'sum of /proc/PID/statm resident - shared over the processes (pages shared by fork count in each of them)',
});

/**
 * The private working set where there is no memory controller: the sum of the processes' resident anonymous memory, in
 * bytes. A process that cannot be read makes it a lower bound.
 * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone, ERR_PARSE.
 */
export function sumPrivateWorkingSets(proc: ProcFs, group: ProcessGroup): ProcessReading<number> {
  const { readings, tally } = readMembers(proc, group, (pid) => readPrivatePages(proc, pid));
  const pages = readings.reduce<Counter>((sum, { value }) => add(sum, value), 0);
  const bytes = proc.pagesToBytes(pages);
  const nothingRead = tally.read === 0 && tally.denied + tally.unreadable > 0;
  if (!nothingRead && typeof bytes === 'number') return { values: bytes, sources, processes: tally };
  const reason: Reason = typeof bytes === 'number' ? noneRead : tooLarge(bytes);
  return { values: undefined, sources, absent: { [privateWorkingSetPath]: reason }, processes: tally };
}

const noneRead: Reason = Object.freeze({
  code: 'ERR_ACCESS_DENIED',
  message: 'none of the processes could be read, and there is no memory controller to ask',
});

/** Resident anonymous pages of one process; undefined for one that has exited. */
function readPrivatePages(proc: ProcFs, pid: number): Counter | undefined {
  const file = `${proc.root}/${pid}/statm`;
  const length = readAtOnce(file);
  const statm = parseStatm(scratchBytes(), length, file);
  if (hasMemory(statm)) return statm.private;
  const threads = readThreadMemory(proc, pid);
  if (threads !== undefined) return threads.statm.private;
  return hasExited(proc, pid) ? undefined : 0;
}

/** False for a zombie, for a process whose first thread has exited, and for a kernel thread. */
export function hasMemory(statm: Statm): boolean {
  return statm.private !== 0 || statm.shared !== 0;
}

/**
 * The memory of a process whose first thread has exited while others run: /proc/PID/statm is 0 then, that of another
 * thread is right. Undefined when no thread has memory. `directory` is the thread's own in /proc.
 * @throws SilostatError ERR_NOT_FOUND when the process has exited, ERR_ACCESS_DENIED, ERR_PARSE.
 */
export function readThreadMemory(
  proc: ProcFs,
  pid: number,
): { readonly statm: Statm; readonly directory: string } | undefined {
  for (const thread of threadsOf(proc, pid)) {
    const directory = `${proc.root}/${pid}/task/${thread}`;
    const file = `${directory}/statm`;
    try {
      const length = readAtOnce(file);
      const statm = parseStatm(scratchBytes(), length, file);
      if (hasMemory(statm)) return { statm, directory };
    } catch (error) {
      // This thread has ended meanwhile; another may be left.
      if (!isSilostatError(error) || error.code !== 'ERR_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

function threadsOf(proc: ProcFs, pid: number): string[] {
  const directory = `${proc.root}/${pid}/task`;
  const first = String(pid);
  try {
    return readdirSync(directory).filter((thread) => thread !== first);
  } catch (error) {
    throw systemError(error, 'list the threads of', first, directory);
  }
}

function hasExited(proc: ProcFs, pid: number): boolean {
  const file = `${proc.root}/${pid}/stat`;
  const length = readAtOnce(file);
  return isExitedState(parseProcessStat(scratchBytes(), length, file).state);
}

/** Z: a zombie. X: on its way out. */
export function isExitedState(state: string): boolean {
  return state === 'Z' || state === 'X';
}
