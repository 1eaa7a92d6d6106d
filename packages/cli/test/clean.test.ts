import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SilostatError } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { validated } from './support/schema.ts';

const leftovers = [
  { id: 'a', path: '/silostat/a', processCount: 1 },
  { id: 'b', path: '/silostat/b', processCount: 0 },
];

describe('silostat clean', () => {
  it('tells what it removed', async () => {
    const world = new FakeWorld();
    world.leftovers = leftovers;
    assert.equal(await world.run('clean'), 0);
    assert.equal(world.out, 'removed a (/silostat/a, 1 process)\nremoved b (/silostat/b, 0 processes)\n');
    assert.deepEqual(world.asked, ['clean']);
  });

  it('only tells with --dry-run', async () => {
    const world = new FakeWorld();
    world.leftovers = leftovers.slice(0, 1);
    assert.equal(await world.run('clean', '--dry-run'), 0);
    assert.equal(world.out, 'would remove a (/silostat/a, 1 process)\n');
    assert.deepEqual(world.asked, ['clean dry']);
  });

  it('prints JSON, an empty array too', async () => {
    const world = new FakeWorld();
    assert.equal(await world.run('clean', '--json'), 0);
    assert.deepEqual(validated('clean', world.out), []);
    world.out = '';
    world.leftovers = leftovers;
    assert.equal(await world.run('clean', '--json'), 0);
    assert.equal((validated('clean', world.out) as unknown[]).length, 2);
  });

  it('fails with 1 when something cannot be removed', async () => {
    const world = new FakeWorld();
    world.library.cleanJobContainers = async () => {
      throw new SilostatError('ERR_TIMEOUT', { subject: 'a', operation: 'end job container', reason: 'it hangs' });
    };
    assert.equal(await world.run('clean'), 1);
    assert.equal(world.err, 'silostat: cannot end job container "a": it hangs\n');
  });
});
