import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSilostatError, openComputeSystem } from '#core/index.js';
import { hostComputeService } from '#core/windows/hcs/compute-service.js';
import { HcsSystem } from '#core/windows/hcs/hcs-system.js';
import { Silo } from '#core/windows/silo.js';
import { type Footprint, footprint } from './footprint.js';
import { hook, skipReason, uniqueId, useHook, Workload } from './lab.js';
import { noStandIn, type StandIn, standIn } from './stand-in.js';

/** Strings and handles of HCS, handles and memory of ours: after many rounds in which everything goes wrong in turn. */
useHook();
const skip = noStandIn() || skipReason({ programs: true, hook: true });
const rounds = 10_000;
const spareHandles = 64;
const spareBytes = 12 * 1024 * 1024;
const accessDenied = 0xc0000022;

/** What goes wrong in a round, one after the other; the first is nothing. */
const faults: readonly ((hcs: StandIn, id: string) => void)[] = [
  () => {},
  (hcs, id) => hcs.fault('HcsOpenComputeSystem', id, 1, 'hr', 0x80070005),
  (hcs, id) => hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hr', 0xc0370105),
  (hcs, id) => hcs.fault('HcsGetComputeSystemProperties', id, 1, 'null'),
  (hcs, id) => hcs.fault('HcsGetComputeSystemProperties', id, 1, 'text', '{"Id":'),
  (hcs) => hcs.fault('HcsEnumerateComputeSystems', '*', 1, 'hr', 0x800706ba),
  (hcs) => hcs.fault('HcsRegisterComputeSystemCallback', '*', 1, 'hr', 0x80070005),
  () => hook().fail({ call: 'NtOpenJobObject', times: 1 }, accessDenied),
  () => hook().fail({ call: 'NtQueryInformationJobObject', of: 28, times: 1 }, accessDenied),
  () => hook().fail({ call: 'NtOpenProcess', times: 1 }, accessDenied),
];

/** A query that the kernel or HCS answers, alone or together; a list; a system that is kept open and heard of. */
const actions: readonly ((id: string, system: Awaited<ReturnType<typeof openComputeSystem>>) => Promise<unknown>)[] = [
  (id) => hostComputeService.properties(id, ['Statistics']),
  (_id, system) => system.query(['Statistics', 'ProcessList']),
  () => hostComputeService.list(),
  async (id) => {
    const system = await HcsSystem.open(id);
    await system.properties([]).finally(() => system.close());
  },
];

async function growth(round: (i: number) => Promise<void>): Promise<Footprint> {
  const before = footprint();
  for (let i = 0; i < rounds; i++) await round(i);
  const after = footprint();
  return { handles: after.handles - before.handles, privateBytes: after.privateBytes - before.privateBytes };
}

function isFlat({ handles, privateBytes }: Footprint): boolean {
  return handles <= spareHandles && privateBytes <= spareBytes;
}

test('10,000 rounds with faults: strings freed = given, handles closed = opened, and nothing of ours is left', {
  skip,
}, async (t) => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  t.after(() => hcs.remove(id));
  hcs.property(id, 'Statistics', { Statistics: { Memory: { MemoryUsageCommitBytes: 18 } } });
  await Workload.start(t, Silo.path(id), 1);
  const system = await openComputeSystem(id);
  const failures = new Map<string, number>();
  const round = async (i: number): Promise<void> => {
    faults[i % faults.length]?.(hcs, id);
    const action = actions[Math.trunc(i / faults.length) % actions.length];
    await action?.(id, system).catch((error: unknown) => {
      if (!isSilostatError(error)) throw error;
      failures.set(error.code, (failures.get(error.code) ?? 0) + 1);
    });
    // What an action had no use for is not left for the next one.
    if (i % faults.length === faults.length - 1) hook().reset();
  };
  for (let i = 0; i < 1000; i++) await round(i);
  hcs.reset();
  let grown = await growth(round);
  // V8 takes its time to find the size of its heap: what leaks does so again.
  if (!isFlat(grown)) grown = await growth(round);
  system.close();
  t.diagnostic(
    JSON.stringify({ ...grown, failures: Object.fromEntries(failures), strings: hcs.count('strings-given') }),
  );
  assert.ok(hcs.count('strings-given') > rounds / 2 && failures.size >= 3);
  assert.equal(hcs.count('strings-freed'), hcs.count('strings-given'));
  assert.equal(hcs.count('handles-closed'), hcs.count('handles-opened'));
  assert.equal(hcs.count('callbacks-unregistered'), hcs.count('callbacks-registered'));
  assert.ok(isFlat(grown), JSON.stringify(grown));
});
