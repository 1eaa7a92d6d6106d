import { spawnSync } from 'node:child_process';
import { silostatBin } from '#test/support/checkout.js';
import type { Bench } from '../harness.ts';
import { atMost } from '../harness.ts';
import type { Contestant } from '../measure.ts';
import { inProcess, measure, ratioOf, timeRows } from '../measure.ts';

const floor = 'node -e 0';
const version = 'silostat --version';
const ls = 'silostat ls';

/** What a person waits for before the first line. */
export const startUp: Bench = {
  name: 'start-up',
  title: 'Start-up of the command line',
  about:
    'Whole commands by the clock, from start to exit, in turns with a Node that does nothing. `ls` looks for containers in all cgroups of the host, and lists what there is: usually none.',
  seconds: { full: 180, smoke: 60 },
  unavailable: () => undefined,
  run: async (effort) => {
    const contestants = [
      timed(floor, ['-e', '0']),
      timed(version, [silostatBin, '--version']),
      timed(ls, [silostatBin, 'ls']),
    ];
    const measured = await measure(contestants, { ...effort, rounds: Math.min(effort.rounds, 30), perRound: 1 });
    return {
      rows: timeRows(measured, floor),
      checks: [
        atMost(`${version} / ${floor}`, ratioOf(measured, version, floor), 1.5),
        atMost(`${ls} / ${floor}`, ratioOf(measured, ls, floor), 3),
      ],
    };
  },
};

function timed(name: string, args: readonly string[]): Contestant {
  return inProcess(name, () => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
    if (status !== 0) throw new Error(`${name}: ${status}: ${stderr}`);
  });
}
