import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ComputeSystemSummary } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { script } from './support/fake-job.ts';
import { validated } from './support/schema.ts';

const container: ComputeSystemSummary = {
  Id: 'c0ffee0000000000000000000000000000000000000000000000000000000001',
  Names: ['web', 'www'],
  SystemType: 'Container',
  RuntimeOsType: 'Linux',
  Owner: 'docker',
  State: 'Running',
  Image: 'nginx:1.29',
  Labels: { tier: 'front\u202e' },
  ProcessCount: 3,
  StartTime: '2026-01-02T01:00:00.1234567Z',
  CgroupPath: '/docker/c0ffee',
};
const pod: ComputeSystemSummary = {
  Id: 'evil\x1b]0;title\x07',
  Names: [],
  SystemType: 'Service',
  RuntimeOsType: 'Linux',
  Owner: '',
  State: 'Stopped',
  Pod: { Name: 'api-0', Namespace: 'default' },
  StartTime: '2026-01-01T00:00:00Z',
};

function worldOf(...summaries: ComputeSystemSummary[]): FakeWorld {
  const world = new FakeWorld();
  world.library.listComputeSystems = async (options) => {
    world.asked.push(options?.all === true ? 'list all' : 'list');
    return summaries;
  };
  return world;
}

describe('silostat ls', () => {
  it('prints a line per container, what is unknown as a dash, what is unsafe as an escape', async () => {
    const world = worldOf(container, pod);
    assert.equal(await world.run('ls'), 0);
    assert.deepEqual(world.out.split('\n'), [
      'ID                    NAME           OWNER   STATE    PIDS     UP  IMAGE',
      'c0ffee000000          web,www        docker  Running     3  2h04m  nginx:1.29',
      'evil\\x1b]0;title\\x07  default/api-0  -       Stopped     -      -  -',
      '',
    ]);
    assert.deepEqual(world.asked, ['list']);
  });

  it('--all asks for everything, and tells the types apart', async () => {
    const world = worldOf(container, pod);
    assert.equal(await world.run('ls', '--all'), 0);
    assert.match(world.out, /^ID +NAME +TYPE +OWNER/);
    assert.match(world.out, /Service/);
    assert.deepEqual(world.asked, ['list all']);
  });

  it('--json prints the summaries, valid, with nothing unsafe in it', async () => {
    const world = worldOf(container, pod);
    assert.equal(await world.run('ls', '--json'), 0);
    assert.deepEqual(validated('ls', world.out), [container, pod]);
    assert.doesNotMatch(world.out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  });

  it('finds nothing: a header, or [], and exit code 0', async () => {
    const world = worldOf();
    assert.equal(await world.run('ls'), 0);
    assert.equal(world.out, 'ID  NAME  OWNER  STATE  PIDS  UP  IMAGE\n');
    const json = worldOf();
    assert.equal(await json.run('ls', '--json'), 0);
    assert.deepEqual(validated('ls', json.out), []);
  });

  it('marks a job that anybody could have made', async () => {
    const world = worldOf({ ...container, Verified: false });
    await world.run('ls');
    assert.match(world.out, /docker \(unverified\)/);
  });

  it('fails with one line', async () => {
    const world = new FakeWorld(script());
    world.library.listComputeSystems = async () => {
      throw new Error('no cgroups are mounted\nat all');
    };
    assert.equal(await world.run('ls'), 1);
    assert.equal(world.err, 'silostat: no cgroups are mounted at all\n');
    assert.equal(world.out, '');
  });
});
