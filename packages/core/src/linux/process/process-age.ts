import { isSilostatError } from '../../errors.ts';
import type { PidList } from '../cgroup/pids.ts';
import type { ProcFs } from './proc.ts';

/** The oldest of some processes, with its create time in 100 ns since 1970-01-01 UTC; undefined when none could be read. */
export function oldestOf(
  proc: ProcFs,
  { pids }: PidList,
): { readonly pid: number; readonly created: bigint } | undefined {
  let oldest: { pid: number; created: bigint } | undefined;
  for (const pid of pids) {
    try {
      const created = proc.createTime(pid);
      if (oldest === undefined || created < oldest.created) oldest = { pid, created };
    } catch (error) {
      // Exited, or not to be read: the others tell.
      if (!isSilostatError(error) || error.code === 'ERR_PARSE') throw error;
    }
  }
  return oldest;
}
