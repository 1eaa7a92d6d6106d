import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ComputeSystem, Properties } from 'silostat';
import { isSilostatError, openComputeSystem } from 'silostat';
import { silostat } from '../../support/command.ts';
import { startFullContainer } from '../../support/full-container.ts';
import type { LoopDisk } from '../../support/loop-disk.ts';
import { makeLoopDisk } from '../../support/loop-disk.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';
import { assertWhole } from '../../support/whole-document.ts';

const races = 200;
/** So many containers are removed at a time, each being read all the while. */
const together = 5;

describe('containers that are removed while they are read', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }),
}, () => {
  const undo = new Undo();
  let engine: RuncEngine;
  let disk: LoopDisk;
  let undisturbed: Properties;

  before(async () => {
    disk = makeLoopDisk(undo, 1);
    engine = new RuncEngine(undo);
    const container = await startContainer();
    using system = await openComputeSystem(container.id);
    undisturbed = await system.properties(['Statistics', 'ProcessList']);
    assert.equal(undisturbed.ProcessList?.length, 3);
    assert.ok(undisturbed.Statistics?.Storage !== undefined);
    await container.remove();
  });
  after(() => undo[Symbol.dispose]());

  test(`${races} races: each reading is whole, and the last one is ERR_NOT_FOUND`, async () => {
    const readings: number[] = [];
    for (let raced = 0; raced < races; raced += together) {
      const containers = await Promise.all(Array.from({ length: together }, () => startContainer()));
      readings.push(...(await Promise.all(containers.map((container) => race(container)))));
    }
    assert.equal(readings.length, races);
    assert.ok(
      readings.every((count) => count > 0),
      'each was read at least once while it was being removed',
    );
  });

  test('a new opening for each reading: whole, or ERR_NOT_FOUND', async () => {
    for (let raced = 0; raced < 10; raced++) {
      const container = await startContainer();
      const removal = container.remove();
      for (let gone = false; !gone; ) gone = !(await readOnce(() => openAndRead(container.id)));
      await removal;
    }
  });

  for (const wait of [60, 100, 140, 180, 220, 260]) {
    test(`by the command line, ${wait} ms after the removal has begun`, async () => {
      const container = await startContainer();
      const removal = container.remove();
      await sleep(wait - 60);
      const { code, stdout, stderr } = await silostat(['inspect', container.id, '--json']);
      await removal;
      if (code === 0) return assertWhole(JSON.parse(stdout), undisturbed);
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /^[^\n]+\n$/);
    });
  }

  /** Reads a container without a pause until it has gone. Returns how often it was read. */
  async function race(container: RuncContainer): Promise<number> {
    using system = await openComputeSystem(container.id);
    const removal = container.remove();
    let count = 0;
    while (await readOnce(() => read(system))) {
      count++;
      await nextTurn();
    }
    await removal;
    return count;
  }

  /** False when the container has gone. Fails on anything but that or a whole document. */
  async function readOnce(reading: () => Promise<Properties>): Promise<boolean> {
    try {
      assertWhole(await reading(), undisturbed);
      return true;
    } catch (error) {
      if (isSilostatError(error) && error.code === 'ERR_NOT_FOUND') return false;
      throw error;
    }
  }

  function read(system: ComputeSystem): Promise<Properties> {
    return system.properties(['Statistics', 'ProcessList']);
  }

  async function openAndRead(id: string): Promise<Properties> {
    using system = await openComputeSystem(id);
    return await read(system);
  }

  function startContainer(): Promise<RuncContainer> {
    return startFullContainer(engine, disk);
  }
});
