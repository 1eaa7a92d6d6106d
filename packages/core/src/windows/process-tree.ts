import type { ProcessReading } from '../job.ts';
import type { Absences, Sources } from '../report.ts';
import type { ProcessTreeEntry } from '../schema/own.ts';
import { PROCESS_BASIC_INFORMATION, ProcessBasicInformation, ProcessCommandLineInformation } from './abi/process.ts';
import type { Handle } from './call/handle.ts';
import { allocateOnce } from './call/memory.ts';
import type { NtStatus } from './call/nt-status.ts';
import { succeeded } from './call/nt-status.ts';
import { queryProcess } from './call/process.ts';
import { isExact, uint64 } from './counter.ts';
import { visitMembers } from './members.ts';
import type { OpenJob } from './open-job.ts';
import { readPids } from './pid-list.ts';
import { readProcessText } from './process-text.ts';

const basic = allocateOnce(PROCESS_BASIC_INFORMATION.size);
const longestCommandLine = 4096;

const sources: Sources = Object.freeze({
  ParentProcessId: 'process class 0: InheritedFromUniqueProcessId',
  CommandLine: 'process class 60',
});
const withoutCommandLine: Absences = Object.freeze({
  CommandLine: Object.freeze({
    code: 'ERR_UNSUPPORTED',
    message: 'this Windows does not tell the command line of a process without a look into its memory (Windows 8.1)',
  } as const),
});

/** Who started whom in the job; a process that denies us is listed by its id alone. */
export function readProcessTree(job: OpenJob): ProcessReading<ProcessTreeEntry[]> {
  const values: ProcessTreeEntry[] = [];
  const processes = visitMembers(
    job,
    readPids(job),
    (process, pid) => readEntry(process, pid, values),
    (pid, outcome) => {
      if (outcome === 'denied' || outcome === 'unreadable') values.push({ ProcessId: pid });
    },
  );
  const isToldNowhere = processes.read > 0 && values.every(({ CommandLine }) => CommandLine === undefined);
  return { values, sources, processes, ...(isToldNowhere && { absent: withoutCommandLine }) };
}

function readEntry(process: Handle, pid: number, values: ProcessTreeEntry[]): NtStatus {
  const status = queryProcess(process, ProcessBasicInformation, basic());
  if (!succeeded(status)) return status;
  const entry: ProcessTreeEntry = { ProcessId: pid };
  const parent = uint64(basic().view, PROCESS_BASIC_INFORMATION.InheritedFromUniqueProcessId);
  if (isExact(parent)) entry.ParentProcessId = parent;
  const commandLine = readProcessText(process, ProcessCommandLineInformation);
  if (commandLine) entry.CommandLine = commandLine.slice(0, longestCommandLine);
  values.push(entry);
  return status;
}
