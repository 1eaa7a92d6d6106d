import type { QueryResult, StartedProcesses, Statistics, StorageStatistics, TypeReport } from 'silostat';
import { renderDuration } from './duration.ts';
import { renderFigure, unknown } from './figure.ts';
import { reportDocument } from './json.ts';
import { visible } from './visible.ts';
import { fitWidth } from './width.ts';

/** In the report's first line, in cells. */
const longestCommand = 160;

/** What `run` has to tell when all is over. */
export interface RunOutcome {
  readonly command: readonly string[];
  readonly ending: { readonly code: number } | { readonly signal: NodeJS.Signals };
  readonly wall100ns: number;
  /** The final reading, with the memory that was last seen in use. */
  readonly result: QueryResult;
  /** The largest private working set that was seen, in bytes. */
  readonly peak: number | undefined;
  /** How many readings saw living processes. */
  readonly readings: number;
  readonly started: StartedProcesses;
}

/** `run --export-json`: the same as a document. */
export function runDocument(outcome: RunOutcome): object {
  const { command, ending, wall100ns, result, peak, readings, started } = outcome;
  const commitPeak = result.properties.Statistics?.Memory?.MemoryUsageCommitPeakBytes;
  return {
    Command: command,
    ...('code' in ending ? { ExitCode: ending.code } : { Signal: ending.signal }),
    WallTime100ns: wall100ns,
    Properties: result.properties,
    Peak: {
      MemoryUsageCommitBytes: commitPeak,
      MemoryUsagePrivateWorkingSetBytes: peak,
      Readings: readings,
    },
    Started: startedDocument(started),
    Report: reportDocument(result.report),
  };
}

/** The report for people: what it was, how it ended, what it used. */
export function renderRunReport(outcome: RunOutcome): string[] {
  const statistics = outcome.result.properties.Statistics ?? {};
  const type = outcome.result.report.types.Statistics;
  const lines: [string, string][] = [
    ['ended', endingText(outcome)],
    ['wall time', renderDuration(outcome.wall100ns)],
    ['CPU time', cpuText(statistics, outcome.wall100ns, type)],
    ['private memory', privateText(statistics, outcome)],
    ['commit', commitText(statistics, type)],
    ...storageLines(statistics, type),
    ['processes', startedText(outcome.started)],
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  return [
    `silostat: ${fitWidth(visible(outcome.command.map(quoted).join(' ')), longestCommand)}`,
    ...lines.map(([title, text]) => `  ${title.padEnd(width)}  ${visible(text)}`),
  ];
}

/** As a shell would have to be given it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function endingText({ ending, result }: RunOutcome): string {
  const kills = result.properties.Linux?.OutOfMemoryKillCount ?? 0;
  const how = 'code' in ending ? `exit code ${ending.code}` : `by signal ${ending.signal}`;
  return kills === 0
    ? how
    : `${how}; out of memory: ${kills === 1 ? '1 process was' : `${kills} processes were`} killed`;
}

function startedText(started: StartedProcesses): string {
  if ('absent' in started) return `${unknown} (${started.absent.message})`;
  return `${started.isLowerBound ? '>= ' : ''}${started.count} started`;
}

function startedDocument(started: StartedProcesses): object {
  if ('absent' in started) return { Absent: { Code: started.absent.code, Message: started.absent.message } };
  return { Count: started.count, IsLowerBound: started.isLowerBound, Source: started.source };
}

function cpuText(statistics: Statistics, wall100ns: number, type: TypeReport | undefined): string {
  const { TotalRuntime100ns: total, RuntimeUser100ns: user, RuntimeKernel100ns: kernel } = statistics.Processor ?? {};
  if (total === undefined) return absent(type, 'Processor');
  const average = wall100ns > 0 ? `, ${(total / wall100ns).toFixed(2)} processors on average` : '';
  const split = `${renderFigure(user, '100ns')} user, ${renderFigure(kernel, '100ns')} kernel`;
  return `${renderDuration(total)} (${split}${average})`;
}

function privateText(statistics: Statistics, outcome: RunOutcome): string {
  const bytes = statistics.Memory?.MemoryUsagePrivateWorkingSetBytes;
  if (bytes === undefined) return `${unknown} (it ended before its memory was read)`;
  const times = outcome.readings === 1 ? '1 reading' : `${outcome.readings} readings`;
  return `${renderFigure(bytes, 'bytes')} last, ${renderFigure(outcome.peak, 'bytes')} at most in ${times}`;
}

function commitText(statistics: Statistics, type: TypeReport | undefined): string {
  const { MemoryUsageCommitBytes: last, MemoryUsageCommitPeakBytes: peak } = statistics.Memory ?? {};
  if (last === undefined && peak === undefined) return absent(type, 'Memory');
  return `${renderFigure(last, 'bytes')} last, ${renderFigure(peak, 'bytes')} at most`;
}

function storageLines(statistics: Statistics, type: TypeReport | undefined): [string, string][] {
  if (statistics.Storage === undefined) return [['disk', absent(type, 'Storage')]];
  return [
    ['read', storageText(statistics.Storage, 'Read')],
    ['written', storageText(statistics.Storage, 'Write')],
  ];
}

function storageText(storage: StorageStatistics, way: 'Read' | 'Write'): string {
  const bytes = renderFigure(storage[`${way}SizeBytes`], 'bytes');
  const operations = storage[`${way}CountNormalized`];
  return operations === undefined ? bytes : `${bytes} in ${operations} operations that reached a disk`;
}

/** A dash, and why. */
function absent(type: TypeReport | undefined, section: string): string {
  const entries = Object.entries(type?.absent ?? {});
  const [, reason] = entries.find(([path]) => path === section || path.startsWith(`${section}.`)) ?? [];
  return reason === undefined ? unknown : `${unknown} (${reason.message})`;
}
