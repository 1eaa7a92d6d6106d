import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { JobOpenedPerQuery } from '#core/windows/job-access.js';
import { JobObject } from '#core/windows/job-object.js';
import { until } from '../../support/deadline.js';
import { skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason();
/** For what would never come if the code were wrong. */
const timeout = 30_000;
const withPrograms = skipReason({ programs: true });

/** A process that does nothing for a minute. */
function idleProcess(test: { after(done: () => void): void }) {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  test.after(() => void child.kill());
  assert.ok(child.pid !== undefined);
  return { child, pid: child.pid, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
}

function create(test: { after(done: () => void): void }, name?: string): JobObject {
  const job = JobObject.create(name === undefined ? {} : { name });
  test.after(() => job.close());
  return job;
}

test('a job is found under the names that Windows gives it', { skip }, (t) => {
  const id = uniqueId();
  for (const [made, opened] of [
    [`\\Container_${id}`, `\\Container_${id}`],
    [`${id}-local`, `Local\\${id}-local`],
    [`Local\\${id}-local2`, `${id}-local2`],
    [`Global\\${id}-global`, `\\BaseNamedObjects\\${id}-global`],
    [`\\BaseNamedObjects\\${id}-nt`, `Global\\${id}-nt`],
  ] as const) {
    create(t, made);
    const found = JobObject.open(opened);
    assert.deepEqual(found.pids(), [], opened);
    found.close();
  }
});

test('an existing job is never taken over', { skip }, (t) => {
  const name = `\\Container_${uniqueId()}`;
  const first = create(t, name);
  const { pid } = idleProcess(t);
  first.assign(pid);
  assert.throws(() => JobObject.create({ name, limits: { memoryBytes: 1 } }), { code: 'ERR_ALREADY_EXISTS' });
  assert.deepEqual(first.pids(), [pid]);
});

test('what cannot be opened says why', { skip }, (t) => {
  const id = uniqueId();
  create(t, `\\Container_${id}`);
  assert.throws(() => JobObject.open(`\\Container_${id}-none`), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => JobObject.open(`\\No_such_directory\\x`), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => JobObject.open('\\BaseNamedObjects'), { code: 'ERR_INVALID_ARGUMENT' });
  assert.throws(() => JobObject.open('a\\b'), { code: 'ERR_INVALID_ARGUMENT' });
  assert.throws(() => JobObject.open(''), { code: 'ERR_INVALID_ARGUMENT' });
  assert.throws(() => JobObject.open(`\\${'x'.repeat(40_000)}`), { code: 'ERR_INVALID_ARGUMENT' });
});

test('a job that was opened for reading can only be read', { skip }, (t) => {
  const name = `\\Container_${uniqueId()}`;
  create(t, name);
  const { pid } = idleProcess(t);
  const reader = JobObject.open(name);
  t.after(() => reader.close());
  assert.deepEqual(reader.processCounts(), { active: 0, total: 0 });
  assert.throws(() => reader.assign(pid), { code: 'ERR_ACCESS_DENIED' });
  assert.throws(() => reader.terminate(1), { code: 'ERR_ACCESS_DENIED' });
  assert.throws(() => reader.setLimits({ memoryBytes: 1_000_000_000 }), { code: 'ERR_ACCESS_DENIED' });
  assert.throws(() => reader.notifications(), { code: 'ERR_ACCESS_DENIED' });
});

test('a closed job is not used, and closing it again is harmless', { skip }, () => {
  const job = JobObject.create();
  job.close();
  job.close();
  const uses: [string, () => unknown][] = [
    ['memory', () => job.memory()],
    ['processor', () => job.processor()],
    ['storage', () => job.storage()],
    ['privateWorkingSet', () => job.privateWorkingSet()],
    ['processList', () => job.processList()],
    ['limits', () => job.limits()],
    ['faults', () => job.faults()],
    ['oldestProcess', () => job.oldestProcess()],
    ['identity', () => job.identity()],
    ['kind', () => job.kind],
    ['pids', () => job.pids()],
    ['processCounts', () => job.processCounts()],
    ['requestedIo', () => job.requestedIo()],
    ['silo', () => job.silo()],
    ['setLimits', () => job.setLimits({})],
    ['assign', () => job.assign(process.pid)],
    ['terminate', () => job.terminate(1)],
    ['notifications', () => job.notifications()],
  ];
  for (const [name, use] of uses) assert.throws(use, { code: 'ERR_CLOSED' }, name);
});

test('only living processes are assigned', { skip }, async (t) => {
  const job = create(t);
  const { child, pid, exited } = idleProcess(t);
  job.assign(pid);
  assert.deepEqual(job.pids(), [pid]);
  assert.deepEqual(job.processCounts(), { active: 1, total: 1 });
  child.kill();
  await exited;
  await until('the process has left the job', () => job.pids().length === 0);
  for (const bad of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => job.assign(bad), { code: 'ERR_INVALID_ARGUMENT' }, String(bad));
  }
  assert.throws(() => job.assign(0x7fff_fffc), { code: 'ERR_NOT_FOUND' });
});

test('terminating a job ends its processes with the given code', { skip, timeout }, async (t) => {
  const job = create(t);
  const { pid, exited } = idleProcess(t);
  job.assign(pid);
  job.terminate(42);
  assert.equal((await exited)[0], 42);
});

test('processes of nested jobs are listed in both', { skip }, (t) => {
  const [outer, inner] = [create(t), create(t)];
  const [first, second] = [idleProcess(t), idleProcess(t)];
  outer.assign(first.pid);
  outer.assign(second.pid);
  inner.assign(second.pid);
  assert.deepEqual(
    outer.pids().sort((a, b) => a - b),
    [first.pid, second.pid].sort((a, b) => a - b),
  );
  assert.deepEqual(inner.pids(), [second.pid]);
});

test('the last handle takes the processes of a kill-on-close job with it', { skip, timeout }, async (t) => {
  const name = `\\Container_${uniqueId()}`;
  const job = JobObject.create({ name, limits: { killOnClose: true } });
  t.after(() => job.close());
  const { pid, exited } = idleProcess(t);
  job.assign(pid);
  const access = new JobOpenedPerQuery(name);
  const opened = access.acquire();
  assert.equal((opened as JobObject).pids().length, 1);
  access.release(opened);
  job.close();
  await exited;
  access.close();
});

test('what is opened for a query is closed after it, what is gone is not found', { skip }, (t) => {
  const name = `\\Container_${uniqueId()}`;
  const job = create(t, name);
  const access = new JobOpenedPerQuery(name);
  const first = access.acquire() as JobObject;
  access.release(first);
  assert.throws(() => first.pids(), { code: 'ERR_CLOSED' });
  job.close();
  assert.throws(() => access.acquire(), { code: 'ERR_NOT_FOUND' });
});

test('a list of processes that outgrows its buffer is read whole', { skip: withPrograms }, async (t) => {
  const name = `\\Container_${uniqueId()}`;
  const { workload, pids } = await Workload.start(t, name, 1);
  const job = JobObject.open(name);
  t.after(() => job.close());
  assert.deepEqual(job.pids(), pids);
  for (const more of [62, 1, 1, 66]) pids.push(...(await workload.spawn(more)));
  const ordered = (list: number[]) => [...list].sort((a, b) => a - b);
  assert.deepEqual(ordered(job.pids()), ordered(pids));
  assert.equal(job.processCounts().active, 131);
});

test('a job whose last process has ended is still there, and empty', { skip: withPrograms }, async (t) => {
  const name = `\\Container_${uniqueId()}`;
  const { workload } = await Workload.start(t, name, 2);
  const job = JobObject.open(name);
  t.after(() => job.close());
  await workload.ask('killall');
  await until('the job is empty', () => job.pids().length === 0);
  assert.deepEqual(job.processCounts(), { active: 0, total: 2 });
  const { values, processes } = job.privateWorkingSet();
  assert.equal(values, 0);
  assert.equal(processes?.listed, 0);
  assert.deepEqual(job.processList().values, []);
  assert.equal(job.oldestProcess(), undefined);
});

test('libraries come from where Windows says, not from where the environment says', { skip, timeout }, async (t) => {
  const script = `
    process.env.SystemRoot = process.env.windir = 'C:\\\\planted';
    const { JobObject } = await import(${JSON.stringify(import.meta.resolve('#core/windows/job-object.js'))});
    const job = JobObject.create();
    job.assign(process.pid);
    process.exitCode = job.pids().includes(process.pid) ? 7 : 8;`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  t.after(() => void child.kill());
  assert.equal((await once(child, 'exit'))[0], 7);
});
