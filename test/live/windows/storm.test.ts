import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silo } from '#core/windows/silo.js';
import { runReference, skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason({ programs: true, figures: true });
const mib = 1024 * 1024;
const secondsOfStorm = 6;

test('under a fork storm each reading lies between the C reference before and after', { skip }, async (t) => {
  const id = uniqueId();
  const name = Silo.path(id);
  const { workload, pids } = await Workload.start(t, name, 10);
  const outside = await workload.outside(10);
  for (const pid of pids) await workload.ask(`touch ${pid} ${mib}`);
  const still = (await runReference(name)).privateWorkingSet.bytes;
  await workload.ask('storm on');
  const listed = new Set<number>();
  let gone = 0;
  const end = performance.now() + secondsOfStorm * 1000;
  let rounds = 0;
  for (let before = await runReference(name); performance.now() < end; rounds++) {
    const job = Silo.open(id);
    const user = job.processor().values?.RuntimeUser100ns ?? -1;
    const { values: bytes, processes } = job.privateWorkingSet();
    const list = job.processList();
    const counts = job.processCounts();
    job.close();
    const after = await runReference(name);

    assert.ok(user >= before.accounting.TotalUserTime && user <= after.accounting.TotalUserTime);
    assert.ok(counts.total >= before.accounting.TotalProcesses && counts.total <= after.accounting.TotalProcesses);
    assert.ok(processes !== undefined);
    const { read, gone: exited, denied, reused, unreadable } = processes;
    assert.equal(processes.listed, read + exited + denied + reused + unreadable);
    assert.deepEqual([denied, unreadable], [0, 0], JSON.stringify(processes));
    assert.ok(read >= pids.length);
    assert.ok(bytes !== undefined && bytes >= still, `${bytes} of at least ${still}`);
    for (const { ProcessId } of list.values ?? []) listed.add(ProcessId);
    gone += exited;
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
