import { writeFileSync } from 'node:fs';
import { closeHandle } from '#core/windows/call/handle.js';
import { openJob } from '#core/windows/call/object.js';
import { JobObject } from '#core/windows/job-object.js';
import { readHostWide, readPrivateWorkingSet } from '#core/windows/private-working-set.js';
import { loadLabHook, Program, Workload } from '#test/live/windows/lab.js';
import type { Contestant, Effort } from './harness.ts';
import { inProcess, medians } from './harness.ts';
import type { Measured } from './windows-private-working-set.ts';
import { fewBystanders, manyBystanders } from './windows-private-working-set.ts';

/**
 * Runs on Windows, or in Wine: makes the job and its bystanders, measures, and writes the medians to a file.
 * Arguments: FILE ROUNDS PER-ROUND
 */
const [, , file = '', rounds = '', perRound = ''] = process.argv;
const effort: Effort = { rounds: Number(rounds), perRound: Number(perRound) };
const members = 10;
const jobQuery = 0x4;
const name = `\\Container_bench-${process.pid}`;

async function measure(): Promise<Measured> {
  const ending: (() => void | Promise<void>)[] = [];
  try {
    return await measureWith({ after: (done) => void ending.push(done) });
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function measureWith(scope: { after(done: () => void | Promise<void>): void }): Promise<Measured> {
  const { workload } = await Workload.start(scope, name, members);
  await workload.ask('track');
  const floor = new Program('floor', ['--job', name]);
  scope.after(() => floor.end());
  const contestants = contestantsWith(floor, scope);
  const measured: Measured = Object.fromEntries(contestants.map((contestant) => [contestant.name, {}]));
  const half = { ...effort, rounds: Math.max(1, Math.round(effort.rounds / 2)) };

  // Few bystanders before and after the many: a machine that gets slower with time must not look like growth.
  await workload.outside(fewBystanders);
  const first = await medians(contestants, half);
  const crowd = await workload.outside(manyBystanders - fewBystanders);
  const many = await medians(contestants, effort);
  for (const pid of crowd) await workload.ask(`kill ${pid}`);
  const last = await medians(contestants, half);
  for (const contestant of contestants) {
    measured[contestant.name] = {
      [fewBystanders]: ((first.get(contestant.name) ?? Number.NaN) + (last.get(contestant.name) ?? Number.NaN)) / 2,
      [manyBystanders]: many.get(contestant.name) ?? Number.NaN,
    };
  }
  return measured;
}

function contestantsWith(floor: Program, scope: { after(done: () => void): void }): Contestant[] {
  const opened = openJob(name, jobQuery);
  if (opened.handle === undefined) throw new Error(`cannot open ${name}: ${opened.status.toString(16)}`);
  const job = { handle: opened.handle, name };
  scope.after(() => void closeHandle(job.handle));
  const inC = (what: string, command: string): Contestant => ({
    name: what,
    sample: async (count) => (await floor.ask<{ ns: number[] }>(`${command} ${count}`)).ns,
  });
  return [
    inC('C per process', 'perpid'),
    inProcess('silostat per process', () => void readPrivateWorkingSet(job)),
    inC('C host-wide', 'hostwide'),
    inProcess('silostat host-wide', () => void readHostWide(job)),
    inC('C all figures', 'figures'),
    inProcess('silostat all figures', readAllFigures),
  ];
}

/** As a query of Statistics does it: opened, asked for everything, closed. */
function readAllFigures(): void {
  const job = JobObject.open(name);
  job.memory();
  job.processor();
  job.storage();
  job.privateWorkingSet();
  job.close();
}

loadLabHook();
writeFileSync(file, JSON.stringify(await measure()));
