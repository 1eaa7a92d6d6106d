import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { listComputeSystems } from 'silostat';
import { workAndCompare } from '../../support/compared-frozen.ts';
import type { EngineContainer, StartContainer } from '../../support/engines.ts';
import { containerd, podman, runcEngine } from '../../support/engines.ts';
import { setThrottleRule } from '../../support/full-container.ts';
import type { LoopDisk } from '../../support/loop-disk.ts';
import { makeLoopDisk } from '../../support/loop-disk.ts';
import { skipReason } from '../../support/requirements.ts';
import { Undo } from '../../support/undo.ts';

const engines: [string, StartContainer, string[]][] = [
  ['runc', runcEngine(), ['runc']],
  ['containerd', containerd, ['containerd', 'ctr', 'runc']],
  ['podman', podman, ['podman', 'runc']],
];

for (const [name, start, tools] of engines) {
  describe(`a container of ${name}, holding 120 MiB`, {
    skip: skipReason({ tools: [...tools, 'busybox', 'gcc'] }),
    timeout: 120_000,
  }, () => {
    const undo = new Undo();
    let disk: LoopDisk;
    let container: EngineContainer;

    before(async () => {
      disk = makeLoopDisk(undo, 64);
      container = await start(undo, disk);
      setThrottleRule(container, disk);
    });
    after(() => undo[Symbol.dispose]());

    test("has its engine's own figures while it is frozen, and its I/O to the byte", async (context) => {
      const comparison = await workAndCompare(container, disk.path);
      for (const [figure, [theirs, ours]] of comparison) context.diagnostic(`${name} ${figure}: ${theirs}, ${ours}`);
      for (const figure of ['memory usage', 'CPU', 'pids']) assert.ok(comparison.has(figure), figure);
    });

    test('is listed once, with its name and image where a file tells them', async () => {
      const listed = (await listComputeSystems({ all: true })).filter(
        ({ Id, Names }) => Id === container.id || Names.includes(container.id),
      );
      assert.deepEqual(
        listed.map(({ Owner, ProcessCount, Image }) => [Owner, ProcessCount, Image]),
        [[name, 3, name === 'podman' ? 'localhost/silostat-test:1' : undefined]],
      );
    });
  });
}
