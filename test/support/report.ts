import assert from 'node:assert/strict';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Properties, StorageStatistics } from 'silostat';

/** `silostat run --export-json`, as far as it is compared. */
export interface RunDocument {
  readonly ExitCode?: number;
  readonly WallTime100ns: number;
  readonly Properties: Properties;
  readonly Peak: { readonly MemoryUsageCommitBytes?: number; readonly MemoryUsagePrivateWorkingSetBytes?: number };
  readonly Started: { readonly Count: number; readonly IsLowerBound: boolean } | { readonly Absent: object };
  readonly Report: { readonly Types: { readonly Statistics: { readonly Absent?: Readonly<Record<string, object>> } } };
}

const mebibyte = 2 ** 20;
const ticksPerMs = 10_000;
const leastTolerance100ns = 20 * ticksPerMs;
const tolerance = 0.05;

/** What the report of report.c (test/live/c) is, wherever it runs; times are what it says that it took. */
const expected = {
  exitCode: 7,
  started: 5,
  peakBytes: 3 * 64 * mebibyte,
  writtenBytes: 3 * 8 * mebibyte,
};

/** The file that report.c writes into has all its bytes already: nothing but them reaches the disk. */
const reportFileBytes = expected.writtenBytes;

export function makeReportFile(path: string): void {
  const fd = openSync(path, 'w', 0o666);
  writeSync(fd, Buffer.alloc(reportFileBytes));
  fsyncSync(fd);
  closeSync(fd);
}

/**
 * Holds a report of report.c against what it has to be: exit status and processes started equal, wall and CPU within 5 % or
 * 20 ms, peak memory within 5 %, bytes written equal.
 * @param system a row of the table in docs/cli.md: what may be absent there is what has to be absent, each with its reason
 * @param said what the program wrote: each process's processor time, and when it ended
 * @returns the figures, for the log
 */
export function assertSameReport(document: RunDocument, system: string, said: string): string {
  const { wall100ns, runtime100ns } = timesOf(said);
  const { Statistics = {} } = document.Properties;
  const absent = new Set(Object.keys(document.Report.Types.Statistics.Absent ?? {}));
  if ('Absent' in document.Started) absent.add('Started');
  const started = 'Count' in document.Started ? document.Started.Count : undefined;
  const figures: [name: string, path: string, value: number | undefined, wanted: number, slack: number][] = [
    ['exit code', '', document.ExitCode, expected.exitCode, 0],
    ['processes started', 'Started', started, expected.started, 0],
    ['wall', '', document.WallTime100ns, wall100ns, slackOf(wall100ns)],
    ['CPU', 'Processor', Statistics.Processor?.TotalRuntime100ns, runtime100ns, slackOf(runtime100ns)],
    [
      'peak private',
      '',
      document.Peak.MemoryUsagePrivateWorkingSetBytes,
      expected.peakBytes,
      share(expected.peakBytes),
    ],
    [
      'peak commit',
      'Memory.MemoryUsageCommitPeakBytes',
      document.Peak.MemoryUsageCommitBytes,
      expected.peakBytes,
      share(expected.peakBytes),
    ],
    ['written', 'Storage', Statistics.Storage?.WriteSizeBytes, expected.writtenBytes, 0],
  ];
  const log = figures.map(([name, , value]) => `${name} ${value ?? 'absent'}`).join(', ');
  for (const [name, path, value, wanted, slack] of figures) {
    if (value === undefined) assert.ok(path !== '' && absent.has(path), `${name} is absent without a reason: ${log}`);
    else assert.ok(Math.abs(value - wanted) <= slack, `${name} is ${value}, not ${wanted} +- ${slack}: ${log}`);
  }
  assert.equal('Count' in document.Started && document.Started.IsLowerBound, false);
  assertPresent(Statistics.Storage, absent);
  assert.deepEqual([...absent].sort(), documentedAbsences(system), `${system}: docs/cli.md lists something else`);
  return log;
}

/** All of storage or the reason of what is not there. */
function assertPresent(storage: StorageStatistics | undefined, absent: ReadonlySet<string>): void {
  for (const member of ['ReadSizeBytes', 'ReadCountNormalized', 'WriteCountNormalized'] as const) {
    const isExplained = absent.has('Storage') || absent.has(`Storage.${member}`);
    assert.equal(storage?.[member] === undefined, isExplained, `Storage.${member}`);
  }
}

/** From the table "What is absent where". */
function documentedAbsences(system: string): string[] {
  const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  const row = text.split(/\r?\n/).find((line) => line.startsWith(`| ${system} |`));
  assert.ok(row !== undefined, `docs/cli.md has no row for ${system}`);
  const [, , cell = ''] = row.split('|');
  return [...cell.matchAll(/`([\w.]+)`/g)].map(([, path = '']) => path).sort();
}

function timesOf(said: string): { wall100ns: number; runtime100ns: number } {
  const lines = [...said.matchAll(/^(\w+) (\d+) (\d+)\r?$/gm)];
  assert.deepEqual(lines.map(([, role]) => role).sort(), ['daemon', 'main', 'starter', 'worker', 'worker'], said);
  const sum = lines.reduce((total, [, , cpu]) => total + Number(cpu), 0);
  const last = Math.max(...lines.map(([, , , end]) => Number(end)));
  return { wall100ns: last * ticksPerMs, runtime100ns: sum * ticksPerMs };
}

function slackOf(time100ns: number): number {
  return Math.max(leastTolerance100ns, share(time100ns));
}

function share(value: number): number {
  return value * tolerance;
}
