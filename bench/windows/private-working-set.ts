import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchResult, Effort, Row } from '../harness.ts';
import { atLeast, atMost } from '../harness.ts';

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

/** Medians in nanoseconds, by contestant and number of bystanders. */
export type Measured = Record<string, Record<string, number>>;

export const fewBystanders = 20;
export const manyBystanders = 400;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const labModule = join(root, 'test/windows/lab.mjs');
const inside = fileURLToPath(new URL('./inside.js', import.meta.url));
const secondsAtMost = 300;

/** Each call is a round trip to Wine's server then, and the lab's hook answers what Wine does not know: ratios, not times. */
const inWine = process.platform === 'win32' ? '' : ' (in Wine: only the ratios mean something)';

/** How the private working set of a job with 10 processes is read, beside a C program that makes the same calls. */
export const windowsPrivateWorkingSet: Bench = {
  name: 'windows',
  title: `Windows: private working set of a job with 10 processes${inWine}`,
  about:
    'A C program makes the same calls as silostat, in turns with it, with few and with many other processes on the host.',
  seconds: { full: 600, smoke: 150 },
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

async function measure(effort: Effort): Promise<Measured> {
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

async function runInside(runtime: Runtime, effort: Effort, folder: string): Promise<Measured> {
  const [result, log] = [join(folder, 'result.json'), join(folder, 'log.txt')];
  const output = openSync(log, 'w');
  const command = [runtime.command, ...runtime.prefix, runtime.path(inside), runtime.path(result)];
  const child = spawn(command[0] ?? '', [...command.slice(1), String(effort.rounds), String(effort.perRound)], {
    env: { ...process.env, ...runtime.env },
    stdio: ['ignore', output, output],
    timeout: secondsAtMost * 1000,
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  closeSync(output);
  if (code === 0) return JSON.parse(readFileSync(result, 'utf8')) as Measured;
  throw new Error(`the measuring program ended with ${code}:\n${readFileSync(log, 'utf8')}`);
}

function judge(measured: Measured): BenchResult {
  const at = (name: string, bystanders: number) => measured[name]?.[bystanders] ?? Number.NaN;
  const growth = (name: string) => at(name, manyBystanders) / at(name, fewBystanders);
  const rows = Object.entries(measured).flatMap(([name, byBystanders]) =>
    Object.entries(byBystanders).map(
      ([bystanders, ns]): Row => ({ name: `${name}, ${bystanders} bystanders`, median: ns / 1000, unit: 'µs' }),
    ),
  );
  const ratio = (way: string, bystanders: number) =>
    atMost(
      `${way}, ${bystanders} bystanders: silostat / C`,
      at(`silostat ${way}`, bystanders) / at(`C ${way}`, bystanders),
      1.15,
    );
  return {
    rows,
    checks: [
      ratio('per process', fewBystanders),
      ratio('per process', manyBystanders),
      ratio('all figures', 0),
      atMost('per process: 400 / 20 bystanders', growth('silostat per process'), 1.1),
      atLeast('host-wide: 400 / 20 bystanders', growth('silostat host-wide'), 1.5),
    ],
  };
}
