import type { ProcessReading } from '../../job.ts';
import type { Sources } from '../../report.ts';
import type { ProcessTreeEntry } from '../../schema/own.ts';
import { parseCommandLine } from '../parse/command-line.ts';
import { parseProcessStat } from '../parse/proc-stat.ts';
import { KernelFile, readBeginning, scratchBytes } from '../read.ts';
import type { ProcessGroup } from './members.ts';
import { readMembers } from './members.ts';
import type { ProcFs } from './proc.ts';
import { isExitedState } from './process-memory.ts';

/** A command line may be megabytes; nobody looks at all of that. */
const longestCommandLine = 4096;

const sources: Sources = Object.freeze({
  ParentProcessId: '/proc/PID/stat ppid',
  CommandLine: '/proc/PID/cmdline',
});

/**
 * Who started whom in a cgroup and its sub-cgroups, by pid. A process that does not let us read it is listed with its pid alone.
 * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone, ERR_PARSE.
 */
export function processTreeOf(proc: ProcFs, group: ProcessGroup): ProcessReading<ProcessTreeEntry[]> {
  const { readings, denied, tally } = readMembers(proc, group, (pid) => readEntry(proc, pid));
  const values = [...readings.map(({ value }) => value), ...denied.map((pid) => ({ ProcessId: pid }))];
  values.sort((a, b) => a.ProcessId - b.ProcessId);
  return { values, sources, processes: tally };
}

/** undefined for one that has exited. `stat` is opened first and read last: all that was read is of one process. */
function readEntry(proc: ProcFs, pid: number): ProcessTreeEntry | undefined {
  const directory = `${proc.root}/${pid}`;
  const stat = new KernelFile(`${directory}/stat`);
  try {
    const read = readBeginning(`${directory}/cmdline`, longestCommandLine);
    const CommandLine = parseCommandLine(scratchBytes(), read);
    const length = stat.read();
    const { state, parent } = parseProcessStat(scratchBytes(), length, stat.path);
    if (isExitedState(state)) return undefined;
    return {
      ProcessId: pid,
      ...(typeof parent === 'number' && { ParentProcessId: parent }),
      ...(CommandLine !== undefined && { CommandLine }),
    };
  } finally {
    stat.close();
  }
}
