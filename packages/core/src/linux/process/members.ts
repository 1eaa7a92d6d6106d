import { isSilostatError } from '../../errors.ts';
import type { ProcessTally } from '../../report.ts';
import type { PidList } from '../cgroup/pids.ts';
import type { ProcFs } from './proc.ts';

/** Whose processes are read. */
export interface ProcessGroup {
  pids(): PidList;
  /** Tells from a process's /proc/PID/cgroup whether it is one of them. */
  holds(cgroups: ReadonlyMap<string, string>): boolean;
}

/** What was read of each process, and what became of the others. */
export interface MemberReadings<T> {
  readonly readings: readonly { readonly pid: number; readonly value: T }[];
  /** The processes that did not let us read them. */
  readonly denied: readonly number[];
  readonly tally: ProcessTally;
}

/**
 * Reads each process of a group; `read` gives undefined for one that has exited. A pid may be another process's by the
 * time that it is read, so the processes are listed again afterwards: one that still is in the list is a member, and the
 * few others are asked where they belong. Where all are pinned by open files of an earlier reading, there is no doubt.
 * @throws SilostatError ERR_NOT_FOUND when the group has gone, ERR_PARSE.
 */
export function readMembers<T>(
  proc: ProcFs,
  group: ProcessGroup,
  read: (pid: number) => T | undefined,
  kept?: { isPinned(pid: number): boolean },
): MemberReadings<T> {
  const { pids, hidden } = group.pids();
  const tally: ProcessTally = {
    listed: pids.length + hidden,
    read: 0,
    gone: 0,
    denied: 0,
    reused: 0,
    unreadable: hidden,
  };
  const readings: { pid: number; value: T }[] = [];
  const denied: number[] = [];
  for (const pid of pids) {
    try {
      const value = read(pid);
      if (value === undefined) tally.gone += 1;
      else readings.push({ pid, value });
    } catch (error) {
      if (isDenied(error, proc, pid)) denied.push(pid);
      else tally.gone += 1;
    }
  }
  // One that could not be read may have gone with the whole group, which only the second list tells.
  const isCertain = readings.length === pids.length && readings.every(({ pid }) => kept?.isPinned(pid) === true);
  const still = new Set(isCertain ? pids : group.pids().pids);
  const members = readings.filter(({ pid }) => still.has(pid) || isStillMember(proc, group, pid, tally));
  const refused = denied.filter((pid) => still.has(pid));
  tally.read = members.length;
  tally.denied = refused.length;
  tally.gone += denied.length - refused.length;
  return { readings: members, denied: refused, tally };
}

/** True for a process that refuses us or hides from us, false for one that has gone; any other error is thrown on. */
function isDenied(error: unknown, proc: ProcFs, pid: number): boolean {
  if (!isSilostatError(error)) throw error;
  if (error.code === 'ERR_ACCESS_DENIED') return true;
  if (error.code !== 'ERR_NOT_FOUND') throw error;
  return proc.isHidden(pid);
}

/** For one that is not in the second list: it has exited, its pid is another's, or it moved while the list was made. */
function isStillMember(proc: ProcFs, group: ProcessGroup, pid: number, tally: ProcessTally): boolean {
  try {
    if (group.holds(proc.cgroupsOf(pid))) return true;
    tally.reused += 1;
  } catch (error) {
    if (!isSilostatError(error) || error.code === 'ERR_PARSE') throw error;
    tally.gone += 1;
  }
  return false;
}
