import { existsSync, readFileSync } from 'node:fs';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Check, Effort, Row } from '../harness.ts';
import { atLeast, atMost } from '../harness.ts';
import { measure, ratioOf, timeRows } from '../measure.ts';
import { pathOf, procsFolder, setProcesses, startContainer, whyNoContainers } from './container.ts';
import type { Target } from './libraries.ts';
import { installPeers, libraries, ours, peers } from './libraries.ts';
import type { LibraryProcess } from './library-process.ts';
import { inNode, psutil } from './library-process.ts';

const processes = 10;
/** Long enough for a library to find its pace in a turn, and short enough for many turns. */
const turns = { rounds: 25, perRound: 40 };

/** Libraries on the same work. */
export const peersInProcess: Bench = {
  name: 'libraries',
  title: 'Libraries: a container of 10 processes',
  about:
    'Library beside library, by the clock: each in a process of its own, and they take turns; the first readings of a turn do not count. Those that take pids are handed them (pidusage, psutil with its Process objects kept); the others list all processes of the host, which is what they offer. silostat reads again and again as its sampler does, which keeps what makes the next reading cheap; and, beside that, opens the container, reads once and closes it, each time anew; what it knows of the host by then, and of files that have not changed, it need not look up.',
  seconds: { full: 300, smoke: 90 },
  unavailable: () =>
    existsSync('/usr/lib/python3/dist-packages/psutil')
      ? whyNoContainers('python3')
      : 'needs psutil (npm test installs it)',
  run: async (effort) => {
    using undo = new Undo();
    return await measureLibraries(undo, effort);
  },
};

async function measureLibraries(undo: Undo, effort: Effort): Promise<BenchResult> {
  installPeers();
  const target = await startTarget(undo);
  const contestants = [...libraries.map((library) => inNode(undo, library, target)), psutil(undo, target)];
  if (!effort.smoke) for (const each of contestants) await each.warmUp();
  const measured = await measure(contestants, effort.smoke ? effort : { ...effort, ...turns });
  const faster = (name: string) => Math.min(...peers.map((peer) => ratioOf(measured, peer.name, name)));
  const isFaster = (name: string, times: number) =>
    atLeast(`${name}: times as fast as the fastest Node library`, faster(name), times);
  const answers = compareAnswers(contestants);
  return {
    rows: [...timeRows(measured, ours.statistics), ...answers.rows],
    checks: [
      isFaster(ours.statistics, 15),
      isFaster(ours.both, 4),
      // The peers are handed the pids, and need not look for whose they are.
      isFaster(ours.onceByPath, 1.5),
      ...answers.checks,
    ],
  };
}

async function startTarget(undo: Undo): Promise<Target> {
  const container = await startContainer(undo);
  await setProcesses(container, processes);
  const pids = readFileSync(`${procsFolder(container)}/cgroup.procs`, 'utf8')
    .trim()
    .split('\n')
    .map(Number);
  return { path: pathOf(container), id: container.id, pids };
}

/** The resident memory of the processes, which nearly all of them tell. */
function compareAnswers(contestants: readonly LibraryProcess[]): { rows: Row[]; checks: Check[] } {
  const told = contestants.flatMap(({ name, rss }) =>
    rss === undefined ? [] : { name: name === ours.both ? 'silostat' : name, rss },
  );
  const own = told.find(({ name }) => name === 'silostat')?.rss ?? Number.NaN;
  const others = told.filter(({ name }) => name !== 'silostat');
  return {
    rows: told.map(({ name, rss }) => ({ name: `resident memory by ${name}`, median: rss / 1e6, unit: 'MB' })),
    checks: others.map(({ name, rss }) =>
      atMost(`resident memory, silostat's off from that by ${name}`, Math.abs(own / rss - 1), 0.05),
    ),
  };
}
