import { existsSync, readFileSync } from 'node:fs';
import type { ComputeSystem } from '#core/index.js';
import { openComputeSystem } from '#core/index.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Check, Effort, Row } from '../harness.ts';
import { atLeast, atMost } from '../harness.ts';
import { awaited, measure, ratioOf, timeRows } from '../measure.ts';
import { pathOf, procsFolder, setProcesses, startContainer, whyNoContainers } from './container.ts';
import type { PeerLibrary } from './peer-libraries.ts';
import { peerLibraries } from './peer-libraries.ts';

const processes = 10;
const [statistics, both, once] = [
  'silostat: Statistics',
  'silostat: and ProcessList',
  'silostat: open, Statistics, close',
];

/** Libraries on the same work. */
export const peersInProcess: Bench = {
  name: 'libraries',
  title: 'Libraries: a container of 10 processes',
  about:
    'Library beside library, by the clock. Those that take pids are handed them (pidusage, psutil with its Process objects kept); the others list all processes of the host, which is what they offer. psutil is timed by Python itself. silostat reads again and again as its sampler does, which keeps what makes the next reading cheap.',
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
  const container = await startContainer(undo);
  await setProcesses(container, processes);
  const system = await openComputeSystem(pathOf(container));
  undo.add(() => system.close());
  const pids = readFileSync(`${procsFolder(container)}/cgroup.procs`, 'utf8')
    .trim()
    .split('\n')
    .map(Number);
  const peers = await peerLibraries(undo, pids);
  const answers = await compareAnswers(system, peers);
  const ours = [
    awaited(statistics, () => system.properties(['Statistics']), { batch: 50 }),
    awaited(both, () => system.query(['Statistics', 'ProcessList'], { againInMs: 1000 }), { batch: 5 }),
    awaited(once, () => readOnce(pathOf(container))),
  ];
  if (!effort.smoke) for (const each of ours) await each.sample(200);
  const measured = await measure([...ours, ...peers], { ...effort, rounds: Math.min(effort.rounds, 25) });
  const nodes = peers.filter(({ isNode }) => isNode).map(({ name }) => name);
  const faster = (name: string) => Math.min(...nodes.map((peer) => ratioOf(measured, peer, name)));
  return {
    rows: [...timeRows(measured, statistics), ...answers.rows],
    checks: [
      atLeast(`${statistics}: times as fast as the fastest Node library`, faster(statistics), 15),
      atLeast(`${both}: times as fast as the fastest Node library`, faster(both), 4),
      atLeast(`${once}: times as fast as the fastest Node library`, faster(once), 1.5),
      ...answers.checks,
    ],
  };
}

async function readOnce(path: string): Promise<void> {
  const system = await openComputeSystem(path);
  await system.properties(['Statistics']);
  system.close();
}

/** The resident memory of the processes, which all of them tell. */
async function compareAnswers(
  system: ComputeSystem,
  peers: readonly PeerLibrary[],
): Promise<{ rows: Row[]; checks: Check[] }> {
  const { ProcessList = [] } = await system.properties(['ProcessList']);
  const own = ProcessList.reduce(
    (sum, each) => sum + (each.MemoryWorkingSetPrivateBytes ?? 0) + (each.MemoryWorkingSetSharedBytes ?? 0),
    0,
  );
  const rows: Row[] = [{ name: 'resident memory by silostat', median: own / 1e6, unit: 'MB' }];
  const checks: Check[] = [];
  for (const peer of peers) {
    const theirs = await peer.residentBytes?.();
    if (theirs === undefined) continue;
    rows.push({ name: `resident memory by ${peer.name}`, median: theirs / 1e6, unit: 'MB' });
    checks.push(atMost(`resident memory, silostat's off from that by ${peer.name}`, Math.abs(own / theirs - 1), 0.05));
  }
  return { rows, checks };
}
