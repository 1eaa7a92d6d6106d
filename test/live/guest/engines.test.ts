import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { listComputeSystems, openComputeSystem } from 'silostat';
import { workAndCompare } from '../../support/compared-frozen.ts';
import type { EngineContainer, StartContainer } from '../../support/engines.ts';
import { podman, runcEngine } from '../../support/engines.ts';
import type { LoopDisk } from '../../support/loop-disk.ts';
import { skipReason } from '../../support/requirements.ts';
import { Undo } from '../../support/undo.ts';

/** Name, owner, what starts it, and which figure of memory the engine has. */
const engines: [string, string, StartContainer, string][] = [
  ['runc', 'runc', runcEngine(), 'memory usage'],
  ['runc with --systemd-cgroup', 'runc', runcEngine({ systemdCgroup: true }), 'memory usage'],
  ['Podman', 'podman', podman, 'private'],
];

for (const [name, owner, start, memory] of engines) {
  describe(`cgroup v2 alone: ${name}, holding 120 MiB`, { skip: skipReason({ cgroup: 2 }), timeout: 110_000 }, () => {
    const undo = new Undo();
    let disk: LoopDisk;
    let container: EngineContainer;

    before(async () => {
      disk = guestDisk();
      container = await start(undo, disk);
    });
    after(() => undo[Symbol.dispose]());

    test("has its engine's own figures while it is frozen, and its I/O to the byte", async (context) => {
      const comparison = await workAndCompare(container, disk.path);
      for (const [figure, [theirs, ours]] of comparison) context.diagnostic(`${name} ${figure}: ${theirs}, ${ours}`);
      for (const figure of [memory, 'CPU', 'pids', 'read', 'written']) {
        assert.ok(comparison.has(figure), `the engine does not tell ${figure}`);
      }
    });

    test('is listed once, as what it is', async () => {
      const path = container.cgroups.get('');
      const listed = (await listComputeSystems({ all: true })).filter(({ CgroupPath }) => CgroupPath === path);
      assert.deepEqual(
        listed.map(({ Owner, ProcessCount }) => [Owner, ProcessCount]),
        [[owner, 3]],
      );
    });

    test('has limits, faults and the own figures of v2', async () => {
      using system = await openComputeSystem(container.cgroups.get('') ?? '');
      const { Limits, Faults, Linux } = await system.properties(['Limits', 'Faults', 'Linux']);
      assert.deepEqual([Limits?.MemoryBytes, Limits?.Processors], [null, null]);
      assert.ok((Faults?.PageFaultCount ?? 0) >= 120 * 256, `${Faults?.PageFaultCount}`);
      assert.ok((Linux?.CpuPressureSome100ns ?? -1) >= 0, 'pressure');
      assert.equal(Linux?.OutOfMemoryKillCount, 0);
    });
  });
}

function guestDisk(): LoopDisk {
  const [major, minor] = readFileSync('/sys/block/vda/dev', 'utf8').split(':').map(Number);
  return { path: '/dev/vda', major: major ?? Number.NaN, minor: minor ?? Number.NaN };
}
