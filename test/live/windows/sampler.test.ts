import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ComputeSystem, Sample } from '#core/index.js';
import { openComputeSystem, Sampler } from '#core/index.js';
import { JobObject } from '#core/windows/job-object.js';
import { KeptProcesses } from '#core/windows/kept-processes.js';
import { Silo } from '#core/windows/silo.js';
import { until } from '../../support/deadline.js';
import { hook, skipReason, uniqueId, useHook, Workload } from './lab.js';
import { ownHandles } from './own-handles.js';

/** What a sampler keeps between readings on Windows, and how it tells a job from another one of the same name. */
useHook();
const skip = skipReason({ programs: true, hook: true });
const processQueryLimited = 0x1000;

/** Handles of processes that we hold, by their rights. */
function keptHandles(before: ReadonlyMap<number, unknown>): number {
  const own = [...ownHandles().values()];
  return own.filter(({ handle, access }) => access === processQueryLimited && !before.has(handle)).length;
}

async function sampled(t: TestContext, processes: number, intervalMs = 1000) {
  const id = uniqueId();
  let opened: ComputeSystem | undefined;
  // Before the workload ends: it waits for its members until nobody has a handle to them.
  t.after(() => opened?.close());
  const { workload, pids } = await Workload.start(t, `\\BaseNamedObjects\\JobContainer_${id}`, processes);
  const system = await openComputeSystem(id);
  opened = system;
  const sampler = new Sampler({ intervalMs });
  t.after(() => sampler.stop());
  sampler.add(system);
  const before = ownHandles();
  const read = async () => (await sampler.sample()).samples;
  return { id, workload, pids, system, sampler, read, kept: () => keptHandles(before) };
}

function privateWorkingSet([sample]: readonly Sample[]): number | undefined {
  return sample?.properties?.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes;
}

test('from the second reading on one call for each process is enough', { skip }, async (t) => {
  const { read, kept, system } = await sampled(t, 5);
  await read();
  assert.equal(kept(), 5);
  hook().reset();
  assert.ok((privateWorkingSet(await read()) ?? 0) > 0);
  assert.equal(hook().calls('NtOpenProcess'), 0);
  assert.equal(hook().calls('NtQueryInformationProcess'), 5);
  assert.ok(hook().calls('NtIsProcessInJob') <= 2, 'once for each time the job is opened');
  assert.equal(hook().calls('NtQuerySystemInformation'), 0);
  system.close();
  assert.equal(kept(), 0);
});

test('a process that comes is opened, the handle of one that left the job is closed at the next reading', {
  skip,
}, async (t) => {
  const { read, kept, workload, pids } = await sampled(t, 3);
  await read();
  await workload.ask(`hold ${pids[0]}`);
  await workload.ask(`kill ${pids[0]}`);
  await workload.spawn(2);
  const [sample] = await read();
  assert.equal(sample?.report?.types.Statistics?.processes?.read, 4);
  assert.equal(kept(), 4);
});

test('10 s after the last reading nothing is kept, whether or not the sampler goes on', { skip }, async (t) => {
  const { read, kept } = await sampled(t, 3);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await read();
  t.mock.timers.tick(9_000);
  await read();
  t.mock.timers.tick(9_999);
  assert.equal(kept(), 3);
  t.mock.timers.tick(1);
  assert.equal(kept(), 0);
  await read();
  assert.equal(kept(), 3);
});

test('at intervals above 10 s, and by a query alone, nothing is kept', { skip }, async (t) => {
  const { read, kept, system } = await sampled(t, 3, 10_001);
  await read();
  assert.equal(kept(), 0);
  await system.query(['Statistics', 'ProcessList']);
  assert.equal(kept(), 0);
});

test('within one query a process is opened once, whatever is asked of it', { skip }, async (t) => {
  const { system } = await sampled(t, 3);
  hook().reset();
  await system.query(['Statistics', 'ProcessList']);
  assert.equal(hook().calls('NtOpenProcess'), 3);
  assert.equal(hook().calls('NtIsProcessInJob'), 3);
});

test('no handle of the job outlives a reading', { skip }, async (t) => {
  const { read, system } = await sampled(t, 2);
  const before = ownHandles();
  await read();
  const opened = [...ownHandles().values()].filter(({ handle }) => !before.has(handle));
  assert.deepEqual([...new Set(opened.map(({ access }) => access))], [processQueryLimited]);
  system.close();
});

test('a kept process tells its job from another one, also after it has exited', { skip }, async (t) => {
  const kept = new KeptProcesses();
  t.after(() => kept.closeAll());
  const { workload, pids } = await Workload.start(t, Silo.path(uniqueId()), 1);
  const id = uniqueId();
  const owner = JobObject.create({ name: Silo.path(id) });
  const stranger = JobObject.create({ name: Silo.path(`${id}-2`) });
  t.after(() => owner.close());
  t.after(() => stranger.close());
  owner.assign(pids[0] ?? 0);
  const seen = JobObject.open(Silo.path(id), { kept });
  seen.privateWorkingSet();
  assert.equal(seen.isAnotherThanKept(), false);
  const another = JobObject.open(Silo.path(`${id}-2`), { kept });
  assert.equal(another.isAnotherThanKept(), true);
  await workload.ask(`hold ${pids[0]}`);
  await workload.ask(`kill ${pids[0]}`);
  await until('it has left the list', () => seen.pids().length === 0);
  assert.equal(seen.isAnotherThanKept(), false);
  another.close();
  seen.close();
});

test('a job that is made again under the same name is another: no negative rate, the last values with the old one', {
  skip,
}, async (t) => {
  const { id, workload, read, pids } = await sampled(t, 3, 20_000);
  await workload.ask(`burn ${pids[0]} 400`);
  await read();
  const [old] = await read();
  assert.ok((old?.rates?.processors ?? -1) >= 0);
  await workload.end();
  const path = `\\BaseNamedObjects\\JobContainer_${id}`;
  await until('its name is free', () => isFree(path));
  await Workload.start(t, path, 3);
  const [ended, fresh, ...others] = await read();
  assert.deepEqual(others, []);
  assert.equal(ended?.state, 'ended');
  assert.deepEqual(ended?.properties, old?.properties);
  assert.deepEqual(ended?.identity, old?.identity);
  assert.equal(fresh?.state, 'read');
  assert.equal(fresh?.rates, undefined);
  assert.notDeepEqual(fresh?.identity, old?.identity);
  assert.ok((fresh?.properties?.Statistics?.Uptime100ns ?? -1) < (old?.properties?.Statistics?.Uptime100ns ?? 0) + 1e8);
  const [next] = await read();
  assert.equal(next?.state, 'read');
  for (const rate of Object.values(next?.rates ?? {})) assert.ok(rate >= 0);
});

function isFree(path: string): boolean {
  try {
    JobObject.open(path).close();
    return false;
  } catch {
    return true;
  }
}
