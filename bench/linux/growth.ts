import { openComputeSystem } from '#core/index.js';
import { mustRun } from '#test/support/command.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Check, Effort, Row } from '../harness.ts';
import { atLeast, atMost } from '../harness.ts';
import type { Contestant, Measured } from '../measure.ts';
import { awaited, inProcess, measure, medianOf, processorClock, spreadOf } from '../measure.ts';
import { pathOf, setProcesses, startContainer, whyNoContainers } from './container.ts';
import { startSleepers } from './crowd.ts';
import { callsOfOneReading } from './system-calls.ts';

const types = ['Statistics', 'ProcessList'] as const;
const processes = 10;
const crowds = { full: [0, 1000, 5000], smoke: [0, 200] };
const hostWide = 'ps -e (all of /proc)';

/** What bystanders on the host cost. */
export const hostGrowth: Bench = {
  name: 'growth',
  title: 'Growth: a container of 10 processes, with 0, 1,000 and 5,000 other processes on the host',
  about:
    'The same container is read again and again while other processes sleep on the host; the numbers of bystanders take turns. The host-wide way is `ps -e`, by the clock; silostat is `await system.properties([type])`, by processor time. strace counts the system calls of one reading.',
  seconds: { full: 400, smoke: 60 },
  unavailable: () => whyNoContainers('strace', 'ps'),
  run: async (effort) => {
    using undo = new Undo();
    return await measureGrowth(undo, effort);
  },
};

async function measureGrowth(undo: Undo, effort: Effort): Promise<BenchResult> {
  const container = await startContainer(undo);
  await setProcesses(container, processes);
  const sleepers = await startSleepers(undo);
  const path = pathOf(container);
  const system = await openComputeSystem(path);
  undo.add(() => system.close());
  const ways = [
    ...types.map((type) => awaited(type, () => system.properties([type]), { batch: 20, clock: processorClock })),
    ps,
  ];
  const all = crowds[effort.smoke ? 'smoke' : 'full'];
  const turns = effort.smoke ? 1 : 5;
  const part: Effort = { ...effort, rounds: Math.ceil(effort.rounds / turns) };
  const measured = new Map<number, Measured[]>(all.map((count) => [count, []]));
  const calls = new Map<number, string[]>();
  if (!effort.smoke) await measure(ways, part);
  for (let turn = 0; turn < turns; turn++) {
    for (const count of all) {
      await sleepers.fork(count);
      measured.get(count)?.push(await measure(ways, part));
      if (turn === 0)
        calls.set(
          count,
          types.map((type) => callsOfOneReading(undo, path, type)),
        );
      await sleepers.reap();
    }
  }
  return judge(all, measured, calls);
}

/** By the clock: most of it is another process's time. */
const ps: Contestant = (() => {
  const one = inProcess(hostWide, () => mustRun('ps', ['-e', '-o', 'pid,rss,time']));
  return { name: one.name, sample: () => one.sample(1) };
})();

function judge(
  all: readonly number[],
  measured: ReadonlyMap<number, readonly Measured[]>,
  calls: ReadonlyMap<number, readonly string[]>,
): BenchResult {
  const [least = 0, most = 0] = [Math.min(...all), Math.max(...all)];
  const mediansOf = (name: string, count: number) => (measured.get(count) ?? []).map((turn) => medianOf(turn, name));
  // Turn by turn: what disturbs the machine for a while disturbs all numbers of bystanders.
  const growth = (name: string) => {
    const before = mediansOf(name, least);
    return spreadOf(mediansOf(name, most).map((after, turn) => after / (before[turn] ?? Number.NaN))).median;
  };
  const rows: Row[] = [...types, hostWide].flatMap((name) =>
    all.map((count) => {
      const { median, low, high } = spreadOf(mediansOf(name, count).map((ns) => ns / 1000));
      return { name: `${name}, ${count} bystanders`, median, low, high, unit: 'µs' } as const;
    }),
  );
  const checks: Check[] = types.map((type) => atMost(`${type}: ${most} / ${least} bystanders`, growth(type), 1.1));
  checks.push(atLeast(`${hostWide}: ${most} / ${least} bystanders`, growth(hostWide), 2));
  types.forEach((type, index) => {
    const [few, many] = [calls.get(least)?.[index] ?? '', calls.get(most)?.[index] ?? ''];
    const what = `${type}: system calls with ${least} bystanders (${few}), and with ${most} (${many})`;
    checks.push({
      what,
      value: few === many && few !== '' ? 1 : 0,
      limit: 'the same',
      holds: few === many && few !== '',
    });
  });
  return { rows, checks };
}
