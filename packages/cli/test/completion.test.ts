import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeWorld } from './support/fake-io.ts';
import { script } from './support/fake-job.ts';

/** The words that are offered for the last one. */
async function offered(...words: string[]): Promise<string[]> {
  const hostile = ['$(reboot)', 'a b', 'x;y', '`z`', '--all', 'q\n'];
  const world = new FakeWorld(script(), script({ id: 'b'.repeat(64), names: ['db', ...hostile] }));
  const current = words.at(-1) ?? '';
  assert.equal(await world.run('__complete', '--', ...words.slice(0, -1), `=${current}`), 0);
  assert.equal(world.err, '');
  return world.out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  it('of commands, and of nothing that is hidden', async () => {
    const commands = await offered('');
    for (const name of ['run', 'ls', 'stats', 'top', 'ps', 'inspect', 'doctor', 'help'])
      assert.ok(commands.includes(name), name);
    assert.ok(!commands.includes('__complete'));
    assert.deepEqual(await offered('--debug', 'sta'), ['stats']);
    assert.deepEqual(await offered('help', 'ins'), ['inspect']);
    assert.deepEqual(await offered('completion', 'z'), ['zsh']);
    assert.deepEqual(await offered('nosuch', ''), []);
  });

  it('of options, and of their values', async () => {
    assert.deepEqual(await offered('--ver'), ['--version']);
    assert.deepEqual(await offered('stats', '--wa'), ['--watch']);
    assert.deepEqual(await offered('stats', 'web-1', '--in'), ['--interval']);
    assert.deepEqual(await offered('stats', '--sort', 'cpu-t'), ['cpu-time']);
    assert.deepEqual(await offered('ls', '--columns', 'id,im'), ['id,image']);
    assert.deepEqual(await offered('ps', 'web-1', '--sort', 'pp'), ['ppid']);
    assert.deepEqual(await offered('inspect', '-t', 'Statistics,Lim'), ['Statistics,Limits']);
    assert.deepEqual(await offered('top', '--filter', 'e'), ['engine=']);
    assert.deepEqual(await offered('ls', '--color', 'n'), ['never']);
    assert.deepEqual(await offered('stats', '--interval', ''), []);
  });

  it('of ids and names, but of none that a shell would not take as it is', async () => {
    assert.deepEqual(await offered('inspect', ''), ['web-1', script().id, 'db', 'b'.repeat(64)]);
    assert.deepEqual(await offered('stats', 'web-1', 'w'), []);
    assert.deepEqual(await offered('ps', '3f1'), [script().id]);
    assert.deepEqual(await offered('ls', ''), []);
  });

  it('leaves the command of `run` to the shell', async () => {
    assert.deepEqual(await offered('run', '--exp'), ['--export-json', '--export-csv']);
    assert.deepEqual(await offered('run', 'node', '--ver'), []);
    assert.deepEqual(await offered('run', '--export-json', ''), []);
  });

  it('never fails, and asks for the list only where it is needed', async () => {
    const world = new FakeWorld();
    world.library.listComputeSystems = async () => {
      throw new Error('no cgroups');
    };
    assert.equal(await world.run('__complete', '--plain', '--', 'inspect', '='), 0);
    assert.deepEqual([world.out, world.err], ['', '']);
    const other = new FakeWorld(script());
    await other.run('__complete', '--', 'stats', '=--');
    assert.deepEqual(other.asked, []);
  });

  it('has a script for each shell, and says so of others', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const world = new FakeWorld();
      assert.equal(await world.run('completion', shell), 0);
      assert.match(world.out, /__complete/);
    }
    const world = new FakeWorld();
    assert.equal(await world.run('completion', 'tcsh'), 2);
    assert.match(world.err, /no completion for "tcsh": give one of bash, zsh, fish, powershell/);
  });
});

describe('--color', () => {
  it('wins over what the terminal and the environment say', async () => {
    for (const [when, colours, expected] of [
      ['always', false, true],
      ['never', true, false],
      ['auto', true, true],
      ['auto', false, false],
    ] as const) {
      for (const argv of [
        ['--color', when, 'doctor'],
        ['doctor', '--color', when],
      ]) {
        const world = new FakeWorld();
        world.colours = colours;
        world.diagnosis = { ...world.diagnosis, capabilities: [{ name: 'cgroups', state: 'yes', detail: 'v2' }] };
        assert.equal(await world.run(...argv), 0);
        assert.equal(world.out.includes('\u001b['), expected, argv.join(' '));
      }
    }
  });

  it('takes nothing else', async () => {
    const world = new FakeWorld();
    assert.equal(await world.run('ls', '--color', 'blue'), 2);
    assert.match(world.err, /Allowed choices are auto, always, never/);
  });
});
