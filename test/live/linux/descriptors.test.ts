import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { openComputeSystem } from 'silostat';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

const times = 1000;

describe('descriptors', { skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }) }, () => {
  const undo = new Undo();
  let container: RuncContainer;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
  });
  after(() => undo[Symbol.dispose]());

  test(`${times} readings of one container leave none behind`, async () => {
    using system = await openComputeSystem(container.id);
    await assertFlat(
      async () => void (await system.properties(['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux'])),
    );
  });

  test(`${times} times open, read and close leave none behind`, async () => {
    await assertFlat(async () => {
      using system = await openComputeSystem(container.id);
      await system.properties(['Statistics', 'ProcessList']);
    });
  });

  test('neither do containers that are not there, or have gone', async () => {
    const gone = await new RuncEngine(undo).start();
    using system = await openComputeSystem(gone.id);
    await system.properties(['Statistics', 'ProcessList']);
    await gone.remove();
    await assertFlat(async () => {
      await assert.rejects(openComputeSystem(gone.id), { code: 'ERR_NOT_FOUND' });
      await assert.rejects(system.properties(['Statistics']), { code: 'ERR_NOT_FOUND' });
    });
  });

  test('a leak of one in a hundred is seen', async () => {
    const leaked: number[] = [];
    undo.add(() => leaked.forEach(closeSync));
    let round = 0;
    const leak = async (): Promise<void> => void (round++ % 100 === 99 && leaked.push(openSync('/dev/null', 'r')));
    await assert.rejects(assertFlat(leak), { name: 'AssertionError' });
  });
});

/** Fails when the process holds more descriptors after many rounds than after a few. */
async function assertFlat(round: () => Promise<void>): Promise<void> {
  for (let i = 0; i < 10; i++) await round();
  const before = descriptorCount();
  for (let i = 0; i < times; i++) await round();
  assert.equal(descriptorCount(), before);
}

function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}
