import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ComputeSystem } from '#core/index.js';
import { openComputeSystem } from '#core/index.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Check, Effort, Row } from '../harness.ts';
import { atMost } from '../harness.ts';
import type { Contestant } from '../measure.ts';
import { awaited, measure, medianOf, processorClock, ratioOf, spreadOf } from '../measure.ts';
import { CFloor, keptFigureFiles, withKeys } from './c-floor.ts';
import { whyNoContainers } from './container.ts';
import { makeCrowd } from './crowd.ts';
import type { SampledRound } from './sampling.ts';

const processes = 3;
const sizes = { full: [1, 100, 1000], smoke: [1, 10] };
const rounds = { few: 30, many: 600, smoke: 2 };
/** Most of what a reading leaves behind is dead a moment later: 4 MB hold that, and 16 would be taken. */
const smallYoungHeap = '--max-semi-space-size=4';
const program = fileURLToPath(new URL('./sampling.js', import.meta.url));

/** What sampling costs as the containers become many. */
export const manyContainers: Bench = {
  name: 'many',
  title: 'Many: 1, 100 and 1,000 containers of 3 processes, sampled each second',
  about:
    'A program that does nothing but `sampler.sample()` once a second, 1,000 containers for 10 minutes, beside an idle program that watches its event loop; Node with `--max-semi-space-size=4`, without which it takes some 30 MB more. Before that, what one container costs when there are 1,000 of them, beside C. Containers are cgroups in all hierarchies, as an engine makes them.',
  seconds: { full: 1200, smoke: 60 },
  unavailable: () => whyNoContainers(),
  run: async (effort) => {
    using undo = new Undo();
    const all = sizes[effort.smoke ? 'smoke' : 'full'];
    const paths = await makeCrowd(undo, Math.max(...all), processes);
    const growth = await measureGrowth(undo, paths, effort);
    const sampled = await sampleAll(paths, all, effort);
    return { rows: [...growth.rows, ...sampled.rows], checks: [...growth.checks, ...sampled.checks] };
  },
};

/** What one container costs alone, and among all of them. */
async function measureGrowth(undo: Undo, paths: readonly string[], effort: Effort): Promise<BenchResult> {
  const systems: ComputeSystem[] = [];
  const contestants: Contestant[] = [];
  for (const count of [1, paths.length]) {
    for (const path of paths.slice(systems.length, count)) systems.push(await openAndRead(path));
    const read = systems.slice(0, count);
    const { report } = await (systems[0] ?? raise()).query(['Statistics']);
    const figures = withKeys(keptFigureFiles(), report.types.Statistics?.sources ?? {});
    const batch = Math.max(1, Math.round(100 / count));
    contestants.push(new CFloor(undo, { figures }).contestant(`C, ${count}`, 'statistics', batch));
    const readAll = async () => {
      for (const system of read) await system.properties(['Statistics']);
    };
    contestants.push(awaited(`silostat, ${count}`, readAll, { batch, clock: processorClock }));
  }
  const measured = await measure(contestants, effort);
  for (const system of systems) system.close();
  const all = paths.length;
  const each = (name: string, count: number): Row => {
    return {
      name: `${name}, ${count} open: each`,
      median: medianOf(measured, `${name}, ${count}`) / count / 1000,
      unit: 'µs',
    };
  };
  const growth = ratioOf(measured, `silostat, ${all}`, 'silostat, 1') / ratioOf(measured, `C, ${all}`, 'C, 1');
  return {
    rows: ['C', 'silostat'].flatMap((name) => [each(name, 1), each(name, all)]),
    checks: [atMost(`cost of one container, ${all} / 1 open: silostat's growth / C's growth`, growth, 1.2)],
  };
}

async function openAndRead(path: string): Promise<ComputeSystem> {
  const system = await openComputeSystem(path);
  await system.properties(['Statistics']);
  return system;
}

async function sampleAll(paths: readonly string[], all: readonly number[], { smoke }: Effort): Promise<BenchResult> {
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const count of all) {
    const most = count === Math.max(...all);
    const length = smoke ? rounds.smoke : most ? rounds.many : rounds.few;
    const [lines, idle] = await Promise.all([sampleIn(paths.slice(0, count), length), sampleIn([], length)]);
    const result = judge(count, lines, idle, most);
    rows.push(...result.rows);
    checks.push(...result.checks);
  }
  return { rows, checks };
}

/** Runs the program on these containers; the first rounds open files and compile, so they do not count. */
async function sampleIn(paths: readonly string[], length: number): Promise<SampledRound[]> {
  const child = spawn(process.execPath, [smallYoungHeap, program, String(length)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(paths.join('\n'));
  const exited = once(child, 'exit');
  const lines: SampledRound[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as SampledRound);
  const [code] = await exited;
  if (code !== 0) throw new Error(`the sampling program ended with ${code}`);
  const missing = lines.find(({ read }) => read !== paths.length);
  if (missing !== undefined) throw new Error(`a round read ${missing.read} of ${paths.length} containers`);
  return lines.slice(Math.min(lines.length - 1, 20));
}

function judge(
  count: number,
  lines: readonly SampledRound[],
  idle: readonly SampledRound[],
  most: boolean,
): { rows: Row[]; checks: Check[] } {
  const percent = spreadOf(lines.map(({ cpuUs }) => cpuUs / 10_000));
  const mean = lines.reduce((sum, { cpuUs }) => sum + cpuUs / 10_000, 0) / lines.length;
  const rss = lines.map(({ rssBytes }) => rssBytes / 1e6);
  const stretches = lines.flatMap((line) => line.stretches);
  const ownMs = highest(stretches.map(({ cpuUs }) => cpuUs / 1000));
  const name = (what: string) => `${count} sampled: ${what}`;
  const rows: Row[] = [
    { name: name('processor, of one'), ...percent, unit: '%', note: `mean ${mean.toFixed(2)} %` },
    { name: name('resident memory'), ...spreadOf(rss), unit: 'MB', note: `at most ${Math.max(...rss).toFixed(0)} MB` },
    { name: name('descriptors'), median: spreadOf(lines.map(({ descriptors }) => descriptors)).median, unit: '' },
    { name: name('a round'), ...spreadOf(lines.map(({ wallUs }) => wallUs / 1000)), unit: 'ms' },
    { name: name('own stretch of the event loop, 99th of 100'), median: ownMs, unit: 'ms', note: 'processor time' },
    { name: name('the same by the clock'), median: highest(stretches.map(({ wallUs }) => wallUs / 1000)), unit: 'ms' },
    {
      name: name('lateness of an idle program, 99th of 100'),
      median: highest(idle.map(({ lateUs }) => lateUs / 1000)),
      unit: 'ms',
    },
  ];
  if (!most) return { rows, checks: [] };
  return {
    rows,
    checks: [
      atMost(name('% of one processor'), mean, 3),
      atMost(name('MB of resident memory'), Math.max(...rss), 100),
      atMost(name('least resident memory, last / second fifth of the time'), flatness(rss), 1.03),
      atMost(name('descriptors, last / first'), (lines.at(-1)?.descriptors ?? 0) / (lines[0]?.descriptors ?? 0), 1),
      atMost(name('own stretch, ms, 99th of 100'), ownMs, 10),
    ],
  };
}

function highest(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

/** The heap may find its size in the first fifth; after that, what is left right after its garbage was collected is compared. */
function flatness(values: readonly number[]): number {
  const fifth = Math.max(1, Math.floor(values.length / 5));
  return Math.min(...values.slice(-fifth)) / Math.min(...values.slice(fifth, 2 * fifth));
}

function raise(): never {
  throw new Error('there is no container');
}
