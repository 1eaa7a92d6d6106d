import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SilostatError } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { notFound, type Script, script } from './support/fake-job.ts';

const enter = '\x1b[?1049h';
const leave = '\x1b[?1049l';

const second = (overrides: Partial<Script> = {}) => script({ id: 'b'.repeat(64), names: ['db'], ...overrides });

/** A world with a terminal; `keys` are pressed one after the other, one per reading. */
function terminal(containers: Script[], ...keys: (string | (() => void))[]): FakeWorld {
  const world = new FakeWorld(...containers);
  world.terminal = { isTTY: true, columns: 100, rows: 10 };
  world.stdin.isTTY = true;
  world.onSleep = (times) => {
    const key = keys[times - 1] ?? 'q';
    if (typeof key === 'string') world.stdin.emit('data', Buffer.from(key));
    else key();
  };
  return world;
}

/** One line drawn anew. */
const esc = '\x1b';
const change = new RegExp(`${esc}\\[(\\d+);1H${esc}\\[0m${esc}\\[2K([^${esc}]*)`, 'g');

/** What the screen shows in the end, line by line: the frames' changes one over the other. */
function screenOf(world: FakeWorld): string[] {
  const lines: string[] = [];
  for (const [, row, text = ''] of world.out.matchAll(change)) lines[Number(row) - 1] = text;
  return lines;
}

describe('silostat top', () => {
  it('takes the screen and the keys, and gives both back at q', async () => {
    const world = terminal([script(), second()], 'x');
    assert.equal(await world.run('top'), 0);
    assert.ok(world.out.startsWith(enter) && world.out.endsWith(leave));
    assert.equal(world.out.split(enter).length, 2);
    assert.deepEqual(world.stdin.modes, [true, false]);
    assert.equal(world.stdin.listenerCount('data'), 0);
    assert.equal(world.crashListener, undefined);
    assert.deepEqual(
      world.containers.map(({ closed }) => closed),
      [1, 1],
    );
    assert.match(screenOf(world)[2] ?? '', /^> (web-1|db) +0\.0 /);
  });

  it('is 130 at Ctrl-C, also as a signal, and 143 at SIGTERM; the screen is back', async () => {
    for (const [end, code] of [
      ['\x03', 130],
      ['INT', 130],
      ['TERM', 143],
    ] as const) {
      const world: FakeWorld = terminal([script()], end === '\x03' ? end : () => world.interrupt(`SIG${end}`));
      assert.equal(await world.run('top'), code);
      assert.ok(world.out.endsWith(leave));
      assert.deepEqual(world.stdin.modes, [true, false]);
    }
  });

  it('gives the screen back when it crashes', async () => {
    const world: FakeWorld = terminal([script()], () => {
      world.crashListener?.();
      assert.ok(world.out.endsWith(leave));
      assert.deepEqual(world.stdin.modes, [true, false]);
      world.interrupt('SIGTERM');
    });
    assert.equal(await world.run('top'), 143, world.err);
    assert.equal(world.out.split(leave).length, 2);
  });

  it('gives the terminal to the shell at Ctrl-Z, and takes it again', async () => {
    const world = terminal([script()], '\x1a', 'x');
    assert.equal(await world.run('top'), 0);
    assert.equal(world.suspended, 1);
    assert.deepEqual(world.stdin.modes, [true, false, true, false]);
    assert.equal(world.out.split(enter).length, 3);
  });

  it('needs a terminal for both', async () => {
    for (const [input, output] of [
      [true, false],
      [false, true],
    ]) {
      const world = terminal([script()]);
      world.stdin.isTTY = input === true;
      world.terminal = { isTTY: output === true };
      assert.equal(await world.run('top'), 2);
      assert.equal(world.out, '');
      assert.match(world.err, /^silostat: top needs a terminal [^\n]+"silostat stats --watch" does not\n$/);
    }
  });

  it('says on the screen what ended while the cursor was on it', async () => {
    const world: FakeWorld = terminal(
      [script(), second()],
      'n',
      'j',
      () => {
        world.containers = [second()];
      },
      'x',
    );
    assert.equal(await world.run('top'), 0);
    assert.match(world.out, /web-1 has ended/);
    assert.equal(world.err, '');
  });

  it('says what failed on the screen, and on stderr when the screen is back', async () => {
    const failure = new SilostatError('ERR_ACCESS_DENIED', { subject: 'db', operation: 'read', reason: 'no' });
    const world = terminal([script(), second({ failure })], 'x');
    assert.equal(await world.run('top'), 0);
    assert.match(world.out, /silostat: cannot read "db": no/);
    assert.equal(world.err, 'silostat: cannot read "db": no\n');
  });

  it('shows processes below each other at Enter, and the table again at Escape', async () => {
    const told = script({
      processes: [{ ProcessId: 41, ImageName: 'nginx' }, { ProcessId: 42 }],
      tree: [
        { ProcessId: 41, CommandLine: 'nginx' },
        { ProcessId: 42, ParentProcessId: 41, CommandLine: 'worker\x07' },
      ],
    });
    const world: FakeWorld = terminal(
      [told],
      '\r',
      () => assert.match(screenOf(world).join('\n'), /COMMAND of web-1 *\n +41 .* nginx *\n +42 .*└─ worker\\x07/),
      't',
    );
    assert.equal(await world.run('top'), 0);
    assert.match(screenOf(world).join('\n'), /NAME +CPU%/);
  });

  it('reads nothing while it is paused', async () => {
    const lists = (world: FakeWorld) => world.asked.filter((what) => what === 'list').length;
    let before = 0;
    const world: FakeWorld = terminal(
      [script()],
      ' ',
      () => (before = lists(world)),
      'x',
      'x',
      () => assert.equal(lists(world), before),
    );
    assert.equal(await world.run('top'), 0);
    assert.match(world.out, /PAUSED/);
  });

  it('goes to the length of the interval that the keys made of it', async () => {
    const world = terminal([script()], '-', 'x', '+', '+', 'x');
    assert.equal(await world.run('top', '--interval', '2'), 0);
    assert.deepEqual([...new Set(world.slept)], [2000, 4000, 1000]);
  });

  it('filters as one types, and Escape clears it', async () => {
    const world: FakeWorld = terminal([script(), second()], '/', 'd', 'b', '\r', () => {
      assert.match(screenOf(world).join('\n'), /filter "db" \(1 of 2\)/);
      assert.doesNotMatch(screenOf(world).slice(2, 4).join('\n'), /web-1/);
    });
    assert.equal(await world.run('top'), 0);
  });

  it('ends with those that were named', async () => {
    const world: FakeWorld = terminal(
      [script(), second()],
      'x',
      () => {
        (world.containers[0] as Script).failure = notFound('web-1');
      },
      'x',
      'x',
    );
    assert.equal(await world.run('top', 'web-1'), 0);
    assert.ok(world.slept.length <= 3);
    const nobody = terminal([]);
    assert.equal(await nobody.run('top', 'nope'), 1);
    assert.equal(nobody.out, '');
    assert.match(nobody.err, /^silostat: cannot open container "nope"/);
  });

  it('draws only what has changed', async () => {
    const world = terminal([script()], 'x', 'x', 'x');
    world.library.listComputeSystems = async () => [];
    assert.equal(await world.run('top'), 0);
    const frames = world.out.split(`${esc}[1;1H`).slice(1);
    assert.ok(frames.length >= 3);
    // The clock of the title alone.
    for (const frame of frames.slice(2)) assert.equal(frame.split('\x1b[2K').length, 2, JSON.stringify(frame));
  });
});
