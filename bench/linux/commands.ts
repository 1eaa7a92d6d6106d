import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { libraryUrl, silostatBin } from '#test/support/checkout.js';
import { run } from '#test/support/command.js';
import type { EngineContainer } from '#test/support/engines.js';
import { containerd, podman } from '#test/support/engines.js';
import { makeLoopDisk } from '#test/support/loop-disk.js';
import { scratchFolder } from '#test/support/scratch.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Effort, Row } from '../harness.ts';
import type { Contestant } from '../measure.ts';
import { inProcess, measure, timeRows } from '../measure.ts';
import { pathOf, procsFolder, setProcesses, startContainer, whyNoContainers } from './container.ts';

const processes = 10;
const node = process.execPath;

/** The command line's start-up, and other tools' commands on the same container. */
export const commands: Bench = {
  name: 'commands',
  title: 'Commands: start-up, and one container of 10 processes by other tools',
  about:
    'Whole commands by the clock, from start to exit. silostat is a Node program: most of its time is Node starting. `runc events --stats`, `ctr task metrics` and `podman stats` read their own container; `podman stats` waits for a second reading.',
  seconds: { full: 400, smoke: 60 },
  unavailable: () => whyNoContainers('ps'),
  run: async (effort) => {
    using undo = new Undo();
    return await measureCommands(undo, effort);
  },
};

async function measureCommands(undo: Undo, effort: Effort): Promise<BenchResult> {
  const container = await startContainer(undo);
  await setProcesses(container, processes);
  const path = pathOf(container);
  const pids = readFileSync(`${procsFolder(container)}/cgroup.procs`, 'utf8')
    .trim()
    .split('\n')
    .join();
  const own: readonly (readonly string[])[] = [
    [node, '-e', '0'],
    [node, '--input-type=module', '-e', `await import(${JSON.stringify(libraryUrl)})`],
    [node, silostatBin, '--version'],
    [node, silostatBin, 'ls'],
    [node, silostatBin, 'inspect', path],
  ];
  const names = ['node -e 0', "node, import 'silostat'", 'silostat --version', 'silostat ls', 'silostat inspect ID'];
  const contestants = [
    ...own.map((command, index) => timed(names[index] ?? '', command)),
    timed('ps -o pid,rss,time -p PIDS', ['ps', '-o', 'pid,rss,time', '-p', pids]),
    timed('runc events --stats ID', ['runc', 'events', '--stats', container.id]),
  ];
  const engines = effort.smoke ? [] : await enginesOf(undo);
  const measured = await measure([...contestants, ...engines], { ...effort, rounds: Math.min(effort.rounds, 15) });
  const rows: Row[] = timeRows(measured).map((row) => inMilliseconds(row));
  own.forEach((command, index) => {
    rows.push({ name: `${names[index]}: memory at most`, median: mostMemory(undo, command), unit: 'MB' });
  });
  const docker = spawnSync('docker', ['info']).status === 0 ? [] : ['docker stats: no Docker engine runs here'];
  return { rows, checks: [], notes: docker };
}

/** One run for a sample, two a turn. */
function timed(name: string, [program = '', ...args]: readonly string[]): Contestant {
  const { sample } = inProcess(name, () => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
    if (status !== 0) throw new Error(`${name}: ${status}: ${stderr}`);
  });
  return { name, sample: () => sample(2) };
}

/** The engines' own commands, each on a container of its own. */
async function enginesOf(undo: Undo): Promise<Contestant[]> {
  const disk = makeLoopDisk(undo, 16);
  const contestants: Contestant[] = [];
  for (const [name, start, tool] of [
    ['ctr task metrics', containerd, 'ctr'],
    ['podman stats --no-stream', podman, 'podman'],
  ] as const) {
    if ((await run(tool, ['--version']).catch(() => undefined))?.code !== 0) continue;
    const engine: EngineContainer = await start(undo, disk);
    await engine.workload.fork(processes - 1);
    const { sample } = inProcess(name, () => engine.figures());
    contestants.push({ name, sample: () => sample(1) });
  }
  return contestants;
}

function inMilliseconds(row: Row): Row {
  const { low = Number.NaN, high = Number.NaN } = row;
  return { ...row, median: row.median / 1000, low: low / 1000, high: high / 1000, unit: 'ms' };
}

/** As the kernel counted it, in MB; the program itself says so as it ends. */
function mostMemory(undo: Undo, [program = '', ...args]: readonly string[]): number {
  const file = `${scratchFolder(undo)}/most`;
  const says =
    "process.on('exit', () => require('fs').writeFileSync(process.env.MOST_MEMORY, String(process.resourceUsage().maxRSS)))";
  const preload = `${file}.cjs`;
  writeFileSync(preload, says);
  spawnSync(program, ['--require', preload, ...args], { env: { ...process.env, MOST_MEMORY: file } });
  return Number(readFileSync(file, 'utf8')) / 1000;
}
