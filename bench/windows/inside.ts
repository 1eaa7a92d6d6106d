import { writeFileSync } from 'node:fs';
import { ComputeSystem } from '#core/compute-system.js';
import { closeHandle } from '#core/windows/call/handle.js';
import { openJob } from '#core/windows/call/object.js';
import { JobOpenedPerQuery } from '#core/windows/job-access.js';
import type { OpenJob } from '#core/windows/open-job.js';
import { readPids } from '#core/windows/pid-list.js';
import { readHostWide, readPrivateWorkingSet } from '#core/windows/private-working-set.js';
import { hook, loadLabHook, Program, Workload } from '#test/live/windows/lab.js';
import type { Effort } from '../harness.ts';
import type { Contestant, Measured } from '../measure.ts';
import { awaited, inProcess, measure } from '../measure.ts';
import type { MeasuredInside, Turn } from './private-working-set.ts';
import { hasHook, members, turnsOf } from './private-working-set.ts';

/**
 * Runs on Windows, or in Wine: makes the job and its bystanders, measures, and writes the figures to a file.
 * Arguments: FILE full|smoke ROUNDS PER-ROUND BYSTANDERS…
 */
const [, , file = '', kind = '', rounds = '', perRound = '', ...crowds] = process.argv;
const smoke = kind === 'smoke';
const effort: Effort = { smoke, rounds: Number(rounds), perRound: Number(perRound) };
const jobQuery = 0x4;
const name = `\\Container_bench-${process.pid}`;
const inJob = 0x124;

type Ending = { after(done: () => void | Promise<void>): void };

async function measureAll(): Promise<MeasuredInside> {
  const ending: (() => void | Promise<void>)[] = [];
  try {
    return await measureWith({ after: (done) => void ending.push(done) });
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function measureWith(scope: Ending): Promise<MeasuredInside> {
  const { workload } = await Workload.start(scope, name, members);
  await workload.ask('track');
  const floor = new Program('floor', ['--job', name]);
  scope.after(() => floor.end());
  const job = openForQuery(scope);
  const part = { ...effort, rounds: Math.max(1, Math.round(effort.rounds / turnsOf(effort))) };
  const turns: Turn[] = [];
  // All numbers of bystanders in each turn: a machine that is busy for a while must not look like growth.
  for (let turn = 0; turn < turnsOf(effort); turn++) {
    for (const bystanders of crowds.map(Number)) {
      if (bystanders > 0) await workload.outside(bystanders);
      turns.push({ turn, bystanders, figures: [...(await measure(contestants(floor, job, scope), part))] });
      if (bystanders > 0) await workload.ask('killoutside');
    }
  }
  return { turns, atOnce: hasHook ? [...(await measureAtOnce(job))] : [] };
}

function openForQuery(scope: Ending): OpenJob {
  const opened = openJob(name, jobQuery);
  if (opened.handle === undefined) throw new Error(`cannot open ${name}: ${opened.status.toString(16)}`);
  const { handle } = opened;
  scope.after(() => void closeHandle(handle));
  return { handle, name };
}

function inC(floor: Program, name: string, command: string): Contestant {
  return { name, sample: async (count) => (await floor.ask<{ ns: number[] }>(`${command} ${count}`)).ns };
}

/** The private working set alone, of a job that is open; and whole queries with everything: the job is opened and closed. */
function contestants(floor: Program, job: OpenJob, scope: Ending): Contestant[] {
  const system = new ComputeSystem({
    identity: { Id: name, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: '' },
    jobs: new JobOpenedPerQuery(name),
  });
  scope.after(() => system.close());
  return [
    inC(floor, 'C Statistics', 'figures'),
    awaited('silostat Statistics', () => system.properties(['Statistics'])),
    inC(floor, 'C ProcessList', 'list'),
    awaited('silostat ProcessList', () => system.properties(['ProcessList'])),
    inC(floor, 'C per process', 'perpid'),
    inProcess('silostat per process', () => readPrivateWorkingSet(job)),
    inC(floor, 'C host-wide', 'hostwide'),
    inProcess('silostat host-wide', () => readHostWide(job)),
  ];
}

/** All calls about processes are answered by the hook without being made: what is left is silostat's own time. */
async function measureAtOnce(job: OpenJob): Promise<Measured> {
  const always = 0xffffffff;
  const faults = [
    ['NtOpenProcess', 0],
    ['NtIsProcessInJob', inJob],
    ['NtQueryInformationProcess', 0],
    ['NtClose', 0],
  ] as const;
  // Faults are those of the thread that resets the hook.
  hook().reset();
  for (const [call, status] of faults) hook().fail({ call, times: always }, status);
  try {
    const read = readPrivateWorkingSet(job).processes?.read;
    if (read !== members) throw new Error(`the hook let ${read} of ${members} processes be read`);
    const unmet = faults.find(([call]) => hook().calls(call) !== members);
    if (unmet !== undefined) throw new Error(`the hook met ${hook().calls(unmet[0])} calls of ${unmet[0]}`);
    return await measure(
      [
        inProcess('list', () => readPids(job), { batch: 20 }),
        inProcess('list and processes', () => readPrivateWorkingSet(job), { batch: 20 }),
      ],
      effort,
    );
  } finally {
    hook().reset();
  }
}

loadLabHook();
writeFileSync(file, JSON.stringify(await measureAll()));
