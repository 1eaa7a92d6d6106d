import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Diagnosis } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { validated } from './support/schema.ts';

const diagnosis: Diagnosis = {
  platform: 'linux',
  release: '6.1.0-x',
  capabilities: [
    { name: 'cgroups', state: 'yes', detail: 'cgroup v1 + v2, /sys/fs/cgroup/unified' },
    { name: 'storage', state: 'partly', detail: 'the blkio controller\u202e of cgroup v1' },
    { name: 'engines', state: 'unknown', detail: 'no engine that is known keeps records here' },
    { name: 'jobs', state: 'no', detail: '/sys/fs/cgroup is mounted read-only' },
  ],
};

function worldOf(told: Diagnosis): FakeWorld {
  const world = new FakeWorld();
  world.diagnosis = told;
  world.terminal = { columns: 100 };
  return world;
}

describe('silostat doctor', () => {
  it('says what there is, what is lost without it, and how to get it', async () => {
    const world = worldOf(diagnosis);
    assert.equal(await world.run('doctor'), 0);
    assert.deepEqual(world.out.split('\n'), [
      'Linux 6.1.0-x',
      'ok      cgroups                cgroup v1 + v2, /sys/fs/cgroup/unified',
      'partly  Storage                the blkio controller\\u202e of cgroup v1',
      '                               lost: READ and WRITE',
      '                               to get it: Linux: use cgroup v2; Windows: whoever makes a job has',
      '                                          Windows attribute I/O to it',
      "?       Engines' records       no engine that is known keeps records here",
      'no      Making job containers  /sys/fs/cgroup is mounted read-only',
      "                               lost: the kernel's own sums in silostat run, and limits",
      '                               to get it: run as root, or in a delegated cgroup',
      '',
    ]);
  });

  it('--json is valid and says the same', async () => {
    const world = worldOf(diagnosis);
    assert.equal(await world.run('doctor', '--json'), 0);
    const { Capabilities } = validated('doctor', world.out) as { Capabilities: Record<string, string>[] };
    assert.deepEqual(
      Capabilities.map(({ Name, State, Lost }) => [Name, State, Lost !== undefined]),
      [
        ['cgroups', 'yes', false],
        ['storage', 'partly', true],
        ['engines', 'unknown', false],
        ['jobs', 'no', true],
      ],
    );
  });

  it('is 1 where no container can be read at all', async () => {
    for (const name of ['cgroups', 'open'] as const) {
      const world = worldOf({ ...diagnosis, capabilities: [{ name, state: 'no', detail: 'none' }] });
      assert.equal(await world.run('doctor'), 1);
      assert.equal(world.err, '');
    }
  });

  it('has colours where they are wanted', async () => {
    const world = worldOf(diagnosis);
    world.colours = true;
    await world.run('doctor');
    assert.ok(world.out.includes('\u001b[32mok    \u001b[39m'), world.out);
  });
});
