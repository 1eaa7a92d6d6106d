import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { coloured } from '#cli/render/paint.js';
import { tableHeight, topFrame } from '#cli/render/top-frame.js';
import type { TopModel, TopRow } from '#cli/render/top-model.js';
import { defaultTopTitles, initialModel, scrolled, withRows } from '#cli/render/top-model.js';
import { keepHeapSmall } from '#cli/small-heap.js';
import { silostatBin } from '#test/support/checkout.js';
import { manyCgroups } from '#test/support/many-cgroups.js';
import { skipReason } from '#test/support/requirements.js';
import { Tmux } from '#test/support/tmux.js';
import { Undo } from '#test/support/undo.js';
import type { Bench, Check, Row } from '../harness.ts';
import { atMost } from '../harness.ts';
import { inProcess, measure, medianOf, processorClock, timeRows } from '../measure.ts';

const count = 500;
const size = { columns: 160, rows: 50 };
const name = `a frame of ${count} containers`;

/** What `top` costs beside what it reads. */
export const topOfMany: Bench = {
  name: 'top',
  title: `top: ${count} containers`,
  about: `Processor time of one frame: the new reading of ${count} containers put in order, and ${size.rows} lines of ${size.columns} cells made of it, the process list left out. Then top itself in a terminal, with ${count} cgroups as an engine makes them: its memory after each of its first readings.`,
  seconds: { full: 180, smoke: 90 },
  unavailable: () => skipReason({ tools: ['tmux'] }) || undefined,
  run: async (effort) => {
    // As top does.
    keepHeapSmall();
    const frame = frameMaker();
    const measured = await measure(
      [inProcess(name, frame, { clock: processorClock, batch: effort.smoke ? 1 : 5 })],
      effort,
    );
    const memory = await memoryOfTop(effort.smoke ? 10 : count, effort.smoke ? 2 : 30);
    const checks: Check[] = [
      atMost(`${name}, ms of processor time`, medianOf(measured, name) / 1e6, 5),
      atMost('resident memory of top, MB', memory, 60),
    ];
    const rows: Row[] = [...timeRows(measured), { name: 'top: resident memory at most', median: memory, unit: 'MB' }];
    return { rows, checks };
  },
};

/** Each frame has another reading, as when it runs. */
function frameMaker(): () => readonly string[] {
  const readings = Array.from({ length: 16 }, (_, at) => readingOf(at));
  const view = { titles: defaultTopTitles, order: { title: 'CPU%', reverse: false }, intervalSeconds: 1 };
  let model: TopModel = initialModel(view);
  let round = 0;
  return () => {
    model = scrolled(withRows(model, readings[round++ % 16] ?? [], '03:04:05 UTC'), tableHeight(size));
    return topFrame(model, size, coloured);
  };
}

function readingOf(round: number): TopRow[] {
  return Array.from({ length: count }, (_, at): TopRow => {
    const busy = ((at * 37 + round * 61) % 997) / 500;
    return {
      key: `/docker/${at}`,
      names: [`web-${at}`],
      properties: {
        Id: `${at.toString(16).padStart(12, '0')}${'a'.repeat(52)}`,
        Owner: 'docker',
        Statistics: {
          Uptime100ns: at * 1e9,
          Processor: { TotalRuntime100ns: (at + round) * 1e7 },
          Memory: { MemoryUsageCommitBytes: at * 4e6, MemoryUsagePrivateWorkingSetBytes: at * 3e6 },
        },
      },
      rates: { processors: busy, readBytesPerSecond: at, writeBytesPerSecond: at },
      history: Array.from({ length: 60 }, (_, then) => ((at + then + round) % 20) / 10),
      processCount: 3,
      lowerBounds: [],
    };
  });
}

/** In MB, the most that was seen, a reading each second. */
async function memoryOfTop(containers: number, seconds: number): Promise<number> {
  using undo = new Undo();
  const { prefix } = await manyCgroups(undo, containers);
  const command = `exec '${process.execPath}' '${silostatBin}' top --filter name=${prefix}`;
  const terminal = new Tmux(undo, command, size);
  await terminal.shows(new RegExp(`\\| ${containers} containers`));
  const pid = Number(terminal.property('pane_pid'));
  let most = 0;
  for (let second = 0; second < seconds; second++) {
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    most = Math.max(most, (kibibytes * 1024) / 1e6);
    await sleep(1000);
  }
  terminal.keys('q');
  return most;
}
