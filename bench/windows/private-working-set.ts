import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchResult, Effort, Row } from '../harness.ts';
import { atLeast, atMost } from '../harness.ts';
import type { Figures, Measured } from '../measure.ts';
import { medianOf, ratioOf, spreadOf } from '../measure.ts';

/** What test/windows/lab.mjs gives: a way to run a Windows program, and the C programs of the lab. */
interface Lab {
  runtime(node: 20 | 22, options: { hook: boolean }): Runtime;
  close(): void | Promise<void>;
}

interface Runtime {
  readonly label: string;
  readonly command: string;
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  path(path: string): string;
  stop(): void | Promise<void>;
}

interface LabModule {
  setUpWineLab(options: { root: string; log: (line: string) => void }): Promise<Lab>;
  setUpWindowsLab(options: { root: string; log: (line: string) => void }): Promise<Lab>;
}

/** What was measured with so many bystanders. */
export interface Turn {
  readonly turn: number;
  readonly bystanders: number;
  readonly figures: readonly (readonly [string, Figures])[];
}

/** What the program inside writes. */
export interface MeasuredInside {
  readonly turns: readonly Turn[];
  /** With a hook that answers at once; empty where there is no hook. */
  readonly atOnce: readonly (readonly [string, Figures])[];
}

/** Processes in the job. */
export const members = 10;
/** On Windows itself there is none. */
export const hasHook = process.env['SILOSTAT_LAB_HOOK'] !== undefined;

export function turnsOf({ smoke }: Effort): number {
  return smoke ? 1 : 2;
}

const crowds = { full: [0, 200, 500], smoke: [0, 20] };
const root = fileURLToPath(new URL('../../../', import.meta.url));
const labModule = join(root, 'test/windows/lab.mjs');
const inside = fileURLToPath(new URL('./inside.js', import.meta.url));

/** Each call is a round trip to Wine's server then, and the lab's hook answers what Wine does not know: ratios, not times. */
const inWine = process.platform === 'win32' ? '' : ' (in Wine: only the ratios mean something)';

/** How the private working set of a job with 10 processes is read, beside a C program that makes the same calls. */
export const windowsPrivateWorkingSet: Bench = {
  name: 'windows',
  title: `Windows: a job with 10 processes${inWine}`,
  about:
    'A C program makes the same calls as silostat, in turns with it, with few and with many other processes on the host.',
  seconds: { full: 900, smoke: 150 },
  unavailable: () => {
    if (process.platform === 'win32') return undefined;
    if (!existsSync(labModule)) return 'there is no Wine lab';
    return ['wine', 'taskset'].map(missing).find((reason) => reason !== undefined);
  },
  run: async (effort) => judge(await measure(effort)),
};

function missing(program: string): string | undefined {
  return spawnSync(program, ['--version']).error === undefined ? undefined : `needs ${program} (npm test installs it)`;
}

async function measure(effort: Effort): Promise<MeasuredInside> {
  const { setUpWineLab, setUpWindowsLab } = (await import(labModule)) as LabModule;
  const setUp = process.platform === 'win32' ? setUpWindowsLab : setUpWineLab;
  const lab = await setUp({ root, log: (line) => console.error(line) });
  const folder = mkdtempSync(join(tmpdir(), 'silostat-bench-'));
  try {
    const runtime = lab.runtime(22, { hook: process.platform !== 'win32' });
    // A server that is already up may run on any processor: the one that this run starts is pinned with it.
    await runtime.stop();
    return await runInside(runtime, effort, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await lab.close();
  }
}

async function runInside(runtime: Runtime, effort: Effort, folder: string): Promise<MeasuredInside> {
  const [result, log] = [join(folder, 'result.json'), join(folder, 'log.txt')];
  const output = openSync(log, 'w');
  const kind = effort.smoke ? 'smoke' : 'full';
  const args = [kind, effort.rounds, effort.perRound, ...crowds[kind]].map(String);
  const child = spawn(runtime.command, [...runtime.prefix, runtime.path(inside), runtime.path(result), ...args], {
    env: { ...process.env, ...runtime.env },
    stdio: ['ignore', output, output],
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  closeSync(output);
  if (code === 0) return JSON.parse(readFileSync(result, 'utf8')) as MeasuredInside;
  throw new Error(`the measuring program ended with ${code}:\n${readFileSync(log, 'utf8')}`);
}

function judge({ turns, atOnce }: MeasuredInside): BenchResult {
  const counts = [...new Set(turns.map(({ bystanders }) => bystanders))];
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const at = (bystanders: number) =>
    turns.filter((turn) => turn.bystanders === bystanders).map(({ figures }): Measured => new Map(figures));
  const rows: Row[] = counts.flatMap((count) => {
    const names = [...(at(count)[0]?.keys() ?? [])];
    return names.map((name): Row => {
      const { low, median, high } = spreadOf(at(count).map((turn) => medianOf(turn, name) / 1000));
      return { name: `${name}, ${count} bystanders`, low, median, high, unit: 'µs' };
    });
  });
  const ratio = (what: string) => {
    const all = turns.map(({ figures }) => ratioOf(new Map(figures), `silostat ${what}`, `C ${what}`));
    return atMost(`${what}: silostat / C`, spreadOf(all).median, 1.1);
  };
  const growth = (name: string) => {
    const before = at(least).map((turn) => medianOf(turn, name));
    return spreadOf(at(most).map((turn, index) => medianOf(turn, name) / (before[index] ?? Number.NaN))).median;
  };
  const checks = [
    ratio('Statistics'),
    ratio('ProcessList'),
    ratio('per process'),
    // In Wine the lab's hook adds up a job's memory over all processes of the host, for C as well.
    atMost(
      `Statistics: ${most} / ${least} bystanders, silostat's growth / C's growth`,
      growth('silostat Statistics') / growth('C Statistics'),
      1.1,
    ),
    atMost(`silostat per process: ${most} / ${least} bystanders`, growth('silostat per process'), 1.1),
    atLeast(`silostat host-wide: ${most} / ${least} bystanders`, growth('silostat host-wide'), 1.5),
  ];
  if (atOnce.length > 0) {
    const own = new Map(atOnce);
    const us = (medianOf(own, 'list and processes') - medianOf(own, 'list')) / members / 1000;
    checks.push(atMost('own time for a process, the hook answering at once, µs', us, 2));
  }
  return { rows, checks };
}
