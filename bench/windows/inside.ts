import { writeFileSync } from 'node:fs';
import { closeHandle } from '#core/windows/call/handle.js';
import { openJob } from '#core/windows/call/object.js';
import { JobObject } from '#core/windows/job-object.js';
import { readHostWide, readPrivateWorkingSet } from '#core/windows/private-working-set.js';
import { loadLabHook, Program, Workload } from '#test/live/windows/lab.js';
import type { Effort } from '../harness.ts';
import type { Contestant } from '../measure.ts';
import { inProcess, measure } from '../measure.ts';
import type { Measured } from './private-working-set.ts';
import { fewBystanders, manyBystanders } from './private-working-set.ts';

/**
 * Runs on Windows, or in Wine: makes the job and its bystanders, measures, and writes the medians to a file.
 * Arguments: FILE ROUNDS PER-ROUND
 */
const [, , file = '', rounds = '', perRound = ''] = process.argv;
const effort: Effort = { smoke: false, rounds: Number(rounds), perRound: Number(perRound) };
const members = 10;
const jobQuery = 0x4;
const turns = 2;
const name = `\\Container_bench-${process.pid}`;

async function measureAll(): Promise<Measured> {
  const ending: (() => void | Promise<void>)[] = [];
  try {
    return await measureWith({ after: (done) => void ending.push(done) });
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** Medians in nanoseconds. */
async function medians(contestants: readonly Contestant[], half: Effort): Promise<Map<string, number>> {
  return new Map([...(await measure(contestants, half))].map(([name, { median }]) => [name, median]));
}

async function measureWith(scope: { after(done: () => void | Promise<void>): void }): Promise<Measured> {
  const { workload } = await Workload.start(scope, name, members);
  await workload.ask('track');
  const floor = new Program('floor', ['--job', name]);
  scope.after(() => floor.end());
  const walks = walksWith(floor, scope);
  const half = { ...effort, rounds: Math.max(1, Math.round(effort.rounds / 2)) };

  // Few, many, few, many: a machine that is busy for a while must not look like growth.
  const few: Map<string, number>[] = [];
  const many: Map<string, number>[] = [];
  const whole = await medians(wholeReadings(floor), half);
  for (let turn = 0; turn < turns; turn++) {
    await workload.outside(fewBystanders);
    few.push(await medians(walks, half));
    await workload.outside(manyBystanders - fewBystanders);
    many.push(await medians(walks, half));
    await workload.ask('killoutside');
  }
  const measured: Measured = {};
  for (const { name } of walks) {
    measured[name] = { [fewBystanders]: least(few, name), [manyBystanders]: least(many, name) };
  }
  for (const [name, medianNs] of whole) measured[name] = { 0: medianNs };
  return measured;
}

/** The lower of the medians of two turns: what disturbs a turn makes it slower, never faster. */
function least(medians: readonly Map<string, number>[], name: string): number {
  return Math.min(...medians.map((turn) => turn.get(name) ?? Number.NaN));
}

function inC(floor: Program, name: string, command: string): Contestant {
  return { name, sample: async (count) => (await floor.ask<{ ns: number[] }>(`${command} ${count}`)).ns };
}

/** The private working set alone, of a job that is open. */
function walksWith(floor: Program, scope: { after(done: () => void): void }): Contestant[] {
  const opened = openJob(name, jobQuery);
  if (opened.handle === undefined) throw new Error(`cannot open ${name}: ${opened.status.toString(16)}`);
  const job = { handle: opened.handle, name };
  scope.after(() => void closeHandle(job.handle));
  return [
    inC(floor, 'C per process', 'perpid'),
    inProcess('silostat per process', () => void readPrivateWorkingSet(job)),
    inC(floor, 'C host-wide', 'hostwide'),
    inProcess('silostat host-wide', () => void readHostWide(job)),
  ];
}

/** All that Statistics needs: the job is opened, asked and closed. */
function wholeReadings(floor: Program): Contestant[] {
  return [inC(floor, 'C all figures', 'figures'), inProcess('silostat all figures', readAllFigures)];
}

function readAllFigures(): void {
  const job = JobObject.open(name);
  job.memory();
  job.processor();
  job.storage();
  job.privateWorkingSet();
  job.close();
}

loadLabHook();
writeFileSync(file, JSON.stringify(await measureAll()));
