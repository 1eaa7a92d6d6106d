import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { silostat } from '../../support/command.ts';
import { assertTrue, verdictsOf } from '../../support/doctor-verdicts.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

describe('silostat doctor on cgroup v2 alone', { skip: skipReason({ cgroup: 2 }), timeout: 60_000 }, () => {
  const undo = new Undo();
  let container: RuncContainer;

  before(async () => {
    container = await new RuncEngine(undo).start();
  });
  after(() => undo[Symbol.dispose]());

  test('tells the truth: everything is there', async () => {
    const verdicts = await verdictsOf(silostat);
    const path = container.cgroups.get('') ?? '';
    await assertTrue(verdicts, silostat, { path, id: container.id, processCount: 1 });
    assert.deepEqual([...new Set(Object.values(verdicts))], ['yes']);
  });
});
