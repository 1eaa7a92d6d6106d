import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silo } from '#core/windows/silo.js';
import type { ReferenceReport } from './lab.js';
import { runReference, skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason({ programs: true, figures: true });
const mib = 1024 * 1024;
const secondsOfStorm = 6;
const readingsPerRound = 10;

test('under a fork storm each reading lies between the C reference before and after', { skip }, async (t) => {
  const id = uniqueId();
  const name = Silo.path(id);
  const { workload, pids } = await Workload.start(t, name, 10);
  await workload.ask('track');
  const outside = await workload.outside(10);
  for (const pid of pids) await workload.ask(`touch ${pid} ${mib}`);
  const still = await runReference(name);
  await workload.ask('storm on');
  const listed = new Set<number>();
  let [rounds, gone] = [0, 0];
  const end = performance.now() + secondsOfStorm * 1000;
  for (let before = await runReference(name); performance.now() < end; rounds++) {
    const readings = Array.from({ length: readingsPerRound }, () => readOnce(id));
    const after = await runReference(name);
    for (const reading of readings) {
      checkBetween(before, reading, after, still);
      for (const pid of reading.pids) listed.add(pid);
      gone += reading.processes.gone;
    }
    before = after;
  }
  await workload.ask('storm off');
  const { pids: seen } = await workload.ask<{ pids: number[] }>('seen');
  const members = new Set([...pids, ...seen]);
  for (const pid of listed) assert.ok(members.has(pid), `${pid} was never in the job`);
  for (const pid of outside) assert.ok(!listed.has(pid), `${pid} is outside`);
  assert.ok(rounds >= 3, `${rounds} rounds`);
  assert.ok(listed.size > pids.length, 'processes of the storm were listed');
  t.diagnostic(`${rounds} rounds, ${listed.size} processes listed, ${gone} gone between list and open`);
});

function readOnce(id: string) {
  const job = Silo.open(id);
  try {
    const processor = job.processor().values;
    const storage = job.storage().values;
    const commit = job.memory().values?.MemoryUsageCommitBytes ?? Number.NaN;
    const { values: resident, processes } = job.privateWorkingSet();
    assert.ok(processes !== undefined && resident !== undefined);
    const list = job.processList().values ?? [];
    const { total } = job.processCounts();
    return { processor, storage, commit, resident, processes, pids: list.map(({ ProcessId }) => ProcessId), total };
  } finally {
    job.close();
  }
}

function checkBetween(
  before: ReferenceReport,
  { processor, storage, commit, resident, processes, total }: ReturnType<typeof readOnce>,
  after: ReferenceReport,
  still: ReferenceReport,
): void {
  const between = (what: string, value: number | undefined, low: number | undefined, high: number | undefined) =>
    assert.ok(
      (value ?? Number.NaN) >= (low ?? 0) && (value ?? Number.NaN) <= (high ?? 0),
      `${what}: ${low} ${value} ${high}`,
    );
  between('user time', processor?.RuntimeUser100ns, before.accounting.TotalUserTime, after.accounting.TotalUserTime);
  between(
    'kernel time',
    processor?.RuntimeKernel100ns,
    before.accounting.TotalKernelTime,
    after.accounting.TotalKernelTime,
  );
  between('processes', total, before.accounting.TotalProcesses, after.accounting.TotalProcesses);
  between(
    'written',
    storage?.WriteSizeBytes,
    before.storage['WriteStats.TotalSize'],
    after.storage['WriteStats.TotalSize'],
  );
  between('commit', commit, still.memory.JobMemory, after.memory.PeakJobMemoryUsed);
  between('private working set', resident, still.privateWorkingSet.bytes, after.memory.PeakJobMemoryUsed);
  const { listed, read, gone, denied, reused, unreadable } = processes;
  assert.equal(listed, read + gone + denied + reused + unreadable);
  assert.deepEqual([denied, unreadable], [0, 0], JSON.stringify(processes));
  assert.ok(read >= still.privateWorkingSet.read);
}

test('a storm beside the job does not show in it', { skip }, async (t) => {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(t, Silo.path(id), 5);
  await workload.ask('storm outside');
  const end = performance.now() + 3000;
  for (const job = Silo.open(id); ; ) {
    assert.deepEqual(
      job.pids().sort((a, b) => a - b),
      [...pids].sort((a, b) => a - b),
    );
    assert.equal(job.privateWorkingSet().processes?.read, pids.length);
    if (performance.now() < end) continue;
    job.close();
    break;
  }
  await workload.ask('storm off');
});
