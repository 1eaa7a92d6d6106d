import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ComputeSystem } from '#core/compute-system.js';
import { JobOpenedPerQuery } from '#core/windows/job-access.js';
import type { JobObject } from '#core/windows/job-object.js';
import { Silo } from '#core/windows/silo.js';
import { until } from '../../support/deadline.js';
import { hook, skipReason, uniqueId, useHook, Workload } from './lab.js';

/** What goes wrong between the list of a job's processes and the last answer about them; each is provoked. */
useHook();
const skip = skipReason({ programs: true, hook: true });
const withPrograms = skipReason({ programs: true, figures: true });
const path = 'Memory.MemoryUsagePrivateWorkingSetBytes';
const closedInMidQuery = new URL('./closed-in-mid-query.js', import.meta.url);
const none = { gone: 0, denied: 0, reused: 0, unreadable: 0 };

async function jobOf(
  test: { after(done: () => void | Promise<void>): void },
  count: number,
): Promise<{ job: JobObject; id: string; workload: Workload; pids: number[] }> {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(test, Silo.path(id), count);
  const job = Silo.open(id);
  test.after(() => job.close());
  return { job, id, workload, pids: job.pids().filter((pid) => pids.includes(pid)) };
}

function faultless(test: { after(done: () => void): void }) {
  hook().reset();
  test.after(() => hook().reset());
  return hook();
}

test('a process that exits between the list and the opening is gone, and nothing is left out', { skip }, async (t) => {
  const { job, pids } = await jobOf(t, 3);
  const [, victim = 0] = pids;
  const before = job.privateWorkingSet().values ?? 0;
  faultless(t).kill({ call: 'NtOpenProcess', of: victim, times: 1 }, victim);
  const { values, processes } = job.privateWorkingSet();
  assert.deepEqual(processes, { ...none, listed: 3, read: 2, gone: 1 });
  assert.ok(values !== undefined && values > 0 && values < before, `${before} before, ${values} after`);
  assert.deepEqual(job.privateWorkingSet().processes, { ...none, listed: 2, read: 2 });
});

test('a process that exits while it is open is gone or counts with what it has', { skip }, async (t) => {
  const { job, pids } = await jobOf(t, 3);
  faultless(t).kill({ call: 'NtQueryInformationProcess', of: 3, skip: 1, times: 1 }, pids[1] ?? 0);
  const { values, processes } = job.privateWorkingSet();
  assert.equal((processes?.read ?? 0) + (processes?.gone ?? 0), 3, JSON.stringify(processes));
  assert.ok(values !== undefined);
  await until('it has left the job', () => job.pids().length === 2);
  assert.deepEqual(job.privateWorkingSet().processes, { ...none, listed: 2, read: 2 });
});

test('a process that is terminating is skipped', { skip }, async (t) => {
  const { job } = await jobOf(t, 3);
  faultless(t).fail({ call: 'NtQueryInformationProcess', of: 3, times: 1 }, 0xc000010a);
  assert.deepEqual(job.privateWorkingSet().processes, { ...none, listed: 3, read: 2, gone: 1 });
});

test('a pid that another process has by now is not counted', { skip }, async (t) => {
  const { job, workload, pids } = await jobOf(t, 3);
  const [foreign = 0] = await workload.outside(1);
  await workload.ask(`touch ${foreign} ${64 * 1024 * 1024}`);
  const before = job.privateWorkingSet().values ?? 0;
  faultless(t).reuse(pids[0] ?? 0, foreign);
  const { values, processes } = job.privateWorkingSet();
  assert.deepEqual(processes, { ...none, listed: 3, read: 2, reused: 1 });
  assert.ok(values !== undefined && values < before, `${values} of ${before}`);
  const { values: list, processes: listed } = job.processList();
  assert.deepEqual(listed, { ...none, listed: 3, read: 2, reused: 1 });
  assert.ok(!list?.some(({ ProcessId }) => ProcessId === foreign));
});

test('a process that denies us makes the sum a lower bound, and says so', { skip: withPrograms }, async (t) => {
  const { job, id, workload, pids } = await jobOf(t, 4);
  await workload.ask(`deny ${pids[2]}`);
  const { values, processes } = job.privateWorkingSet();
  assert.deepEqual(processes, { ...none, listed: 4, read: 3, denied: 1 });
  assert.ok((values ?? 0) > 0);
  const list = job.processList().values ?? [];
  assert.deepEqual(
    list.find(({ ProcessId }) => ProcessId === pids[2]),
    { ProcessId: pids[2] },
  );
  const { report } = await systemOf(t, id).query(['Statistics']);
  assert.equal(report.types.Statistics?.complete, false);
  assert.deepEqual(report.types.Statistics?.lowerBounds, [path]);
});

test('if every process denies us the sum is absent', { skip }, async (t) => {
  const { job } = await jobOf(t, 2);
  faultless(t).fail({ call: 'NtOpenProcess' }, 0xc0000022);
  const { values, absent, processes } = job.privateWorkingSet();
  assert.equal(values, undefined);
  assert.equal(absent?.[path]?.code, 'ERR_ACCESS_DENIED');
  assert.deepEqual(processes, { ...none, listed: 2, read: 0, denied: 2 });
});

test('a process that cannot be opened for another reason is unreadable, not gone', { skip }, async (t) => {
  const { job } = await jobOf(t, 2);
  faultless(t).fail({ call: 'NtOpenProcess', times: 1 }, 0xc000009a);
  assert.deepEqual(job.privateWorkingSet().processes, { ...none, listed: 2, read: 1, unreadable: 1 });
});

test("the job's processes all end in mid-query", { skip }, async (t) => {
  const { job } = await jobOf(t, 5);
  faultless(t).terminateJob({ call: 'NtOpenProcess', skip: 2, times: 1 }, 9);
  const { values, processes } = job.privateWorkingSet();
  assert.deepEqual(processes, { ...none, listed: 5, read: 2, gone: 3 });
  assert.ok(values !== undefined && values > 0);
  await until('the job is empty', () => job.pids().length === 0);
  assert.equal(job.privateWorkingSet().values, 0);
});

test("the job's last process ends between the list and the opening", { skip }, async (t) => {
  const { job, pids } = await jobOf(t, 1);
  faultless(t).kill({ call: 'NtOpenProcess', times: 1 }, pids[0] ?? 0);
  const { values, processes } = job.privateWorkingSet();
  assert.equal(values, 0);
  assert.deepEqual(processes, { ...none, listed: 1, read: 0, gone: 1 });
  assert.deepEqual(job.pids(), []);
});

test('a job handle that is closed in mid-query ends the query', { skip }, async (t) => {
  const { id } = await jobOf(t, 3);
  // In a program of its own: a handle that is closed twice may be somebody else's by then.
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(closedInMidQuery), id]);
  assert.deepEqual(stdout.trim().split(/\s+/), ['ERR_CLOSED', 'ERR_CLOSED', 'ERR_CLOSED', 'closed']);
});

test('an answer of the wrong length is no answer', { skip }, async (t) => {
  const { job } = await jobOf(t, 2);
  const lab = faultless(t);
  for (const [of, read] of [
    [28, () => job.memory()],
    [1, () => job.processor()],
    [1, () => job.faults()],
    [9, () => job.limits()],
  ] as const) {
    lab.shorten({ call: 'NtQueryInformationJobObject', of, times: 1 }, 8);
    assert.throws(read, { code: 'ERR_PARSE' }, `class ${of}`);
    lab.reset();
  }
  lab.shorten({ call: 'NtQueryInformationProcess', of: 3, times: 1 }, 96);
  assert.deepEqual(job.privateWorkingSet().processes, { ...none, listed: 2, read: 1, unreadable: 1 });
});

test('a storage answer of the wrong length leaves storage out, and nothing else', { skip }, async (t) => {
  const { id, workload } = await jobOf(t, 1);
  await workload.ask('track');
  const lab = faultless(t);
  lab.shorten({ call: 'NtQueryInformationJobObject', of: 42 }, 40);
  const { properties, report } = await systemOf(t, id).query(['Statistics']);
  assert.equal(properties.Statistics?.Storage, undefined);
  assert.ok((properties.Statistics?.Memory?.MemoryUsageCommitBytes ?? 0) > 0);
  const { Storage } = report.types.Statistics?.absent ?? {};
  assert.equal(Storage?.code, 'ERR_PARSE');
});

test('a list that keeps outgrowing its buffer is given up', { skip }, async (t) => {
  const { job } = await jobOf(t, 1);
  const lab = faultless(t);
  lab.fail({ call: 'NtQueryInformationJobObject', of: 3, times: 3 }, 0x80000005);
  assert.equal(job.pids().length, 1);
  lab.reset();
  lab.fail({ call: 'NtQueryInformationJobObject', of: 3 }, 0x80000005);
  assert.throws(() => job.pids(), { code: 'ERR_TIMEOUT' });
});

test('a list that grows between two looks is read whole', { skip }, async (t) => {
  const { job } = await jobOf(t, 1);
  faultless(t).fail({ call: 'NtQueryInformationJobObject', of: 3, times: 1 }, 0x80000005);
  assert.equal(job.pids().length, 1);
});

test('a silo that only SYSTEM may open says so', { skip }, async (t) => {
  const { id } = await jobOf(t, 1);
  faultless(t).fail({ call: 'NtOpenJobObject' }, 0xc0000022);
  assert.throws(() => Silo.open(id), { code: 'ERR_ACCESS_DENIED', message: /SYSTEM/ });
  const system = systemOf(t, id);
  await assert.rejects(system.query(['Statistics']), { code: 'ERR_ACCESS_DENIED' });
});

test('no handle is left open by any of these', { skip }, async (t) => {
  const { job, pids } = await jobOf(t, 3);
  const lab = faultless(t);
  const faults: (() => void)[] = [
    () => lab.fail({ call: 'NtIsProcessInJob' }, 0xc0000022),
    () => lab.fail({ call: 'NtQueryInformationProcess', of: 3 }, 0xc000010a),
    () => lab.reuse(pids[0] ?? 0, process.pid),
    () => lab.fail({ call: 'NtQueryInformationProcess', of: 3 }, 0xc0000008),
  ];
  for (const fault of faults) {
    lab.reset();
    fault();
    job.privateWorkingSet();
    job.processList();
    assert.equal(lab.calls('NtClose'), lab.granted('NtOpenProcess').count);
    assert.ok(lab.calls('NtClose') > 0);
  }
});

function systemOf(test: { after(done: () => void): void }, id: string): ComputeSystem {
  const system = new ComputeSystem({
    identity: { Id: id, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: '' },
    jobs: new JobOpenedPerQuery(Silo.path(id)),
  });
  test.after(() => system.close());
  return system;
}
