import { openComputeSystem } from '#core/index.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, BenchResult, Check, Effort, Row } from '../harness.ts';
import { atMost } from '../harness.ts';
import { awaited, measure, processorClock, ratioOf, timeRows } from '../measure.ts';
import { CFloor, keptFigureFiles, withKeys } from './c-floor.ts';
import { pathOf, procsFolder, setProcesses, startContainer, whyNoContainers } from './container.ts';

const sizes = { full: [1, 10, 100, 1000], smoke: [1, 10] };
const [inC, silostat] = ['C', 'silostat'];

/** Readings so short that they are measured by the dozen. */
const perSampleUs = 1500;

/** silostat beside a C program that makes the same system calls. */
export const linuxFloor: Bench = {
  name: 'floor',
  title: 'Floor: Statistics and ProcessList of one container, beside C',
  about:
    'A container of runc with 1 to 1,000 processes. silostat is `await system.properties([type])` with everything included; C makes the same system calls (kept descriptors and pread for Statistics; open, read and close for ProcessList) and takes the same numbers out of the same files. They take turns on one processor; what counts is the time that each had it.',
  seconds: { full: 400, smoke: 60 },
  unavailable: () => whyNoContainers(),
  run: async (effort) => {
    using undo = new Undo();
    return await measureFloor(undo, effort);
  },
};

async function measureFloor(undo: Undo, effort: Effort): Promise<BenchResult> {
  const container = await startContainer(undo);
  const system = await openComputeSystem(pathOf(container));
  undo.add(() => system.close());
  const { report } = await system.query(['Statistics']);
  const figures = withKeys(keptFigureFiles(), report.types.Statistics?.sources ?? {});
  const floor = new CFloor(undo, { figures, procs: procsFolder(container) });
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const size of sizes[effort.smoke ? 'smoke' : 'full']) {
    await setProcesses(container, size);
    for (const [type, command, usEach, limit] of [
      ['Statistics', 'statistics', 15, 1.4],
      ['ProcessList', 'processes', 30 + 15 * size, 1.5],
    ] as const) {
      const batch = Math.max(1, Math.round(perSampleUs / usEach));
      const contestants = [
        floor.contestant(inC, command, batch),
        awaited(silostat, () => system.properties([type]), { batch, clock: processorClock }),
      ];
      await warmUp(contestants[1], effort);
      const measured = await measure(contestants, effort);
      const what = `${type}, ${size} ${size === 1 ? 'process' : 'processes'}`;
      rows.push(...timeRows(measured, inC, `${what}: `));
      checks.push(atMost(`${what}: silostat / C`, ratioOf(measured, silostat, inC), limit));
    }
  }
  const kernel = `${report.kernel}, ${figures.length} figure files: ${figures.map((file) => file.split('/').at(-1)).join(', ')}`;
  return { rows, checks, notes: [kernel] };
}

/** Until the optimising compiler has seen it, and reading has gone over to the C library's calls. */
async function warmUp(contestant: { sample(count: number): unknown } | undefined, { smoke }: Effort): Promise<void> {
  if (!smoke) await contestant?.sample(60);
}
