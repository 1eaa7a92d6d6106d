import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeError, SilostatError } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { notFound, type Script, script } from './support/fake-job.ts';
import { validated } from './support/schema.ts';

const header = 'ID            NAME   CPU%  CPU-TIME  PRIVATE   COMMIT      READ     WRITE  PIDS';

function second(overrides: Partial<Script> = {}): Script {
  return script({ id: 'b'.repeat(64), names: ['db'], ...overrides });
}

/** Uses that much more processor time, in seconds. */
function burn(told: Script, seconds: number): void {
  const { TotalRuntime100ns = 0 } = told.processor;
  told.processor = { ...told.processor, TotalRuntime100ns: TotalRuntime100ns + seconds * 1e7 };
}

describe('silostat stats', () => {
  it('takes two readings a second apart, and shows CPU% of one processor', async () => {
    const world = new FakeWorld(script());
    world.onSleep = () => burn(world.containers[0] as Script, 1.5);
    assert.equal(await world.run('stats'), 0);
    assert.deepEqual(world.slept, [1000]);
    assert.deepEqual(world.out.split('\n'), [
      'ID            NAME    CPU%  CPU-TIME  PRIVATE   COMMIT      READ     WRITE  PIDS',
      '3f1c00000000  web-1  150.0    13.84s  103 MiB  180 MiB  4.00 KiB  50.0 MiB     2',
      '',
    ]);
    assert.equal((world.containers[0] as Script).closed, 1);
  });

  it('says on a terminal what it waits for, and takes that away', async () => {
    const world = new FakeWorld(script());
    world.terminal = { isTTY: true, columns: 80, rows: 24 };
    world.onSleep = () => assert.equal(world.err, 'silostat: measuring for 2 s');
    assert.equal(await world.run('stats', '--interval', '2'), 0);
    assert.equal(world.err, 'silostat: measuring for 2 s\r\u001b[K');
  });

  it('--interval 0 takes one reading, and has no CPU%', async () => {
    const world = new FakeWorld(script());
    assert.equal(await world.run('stats', '--interval', '0'), 0);
    assert.deepEqual(world.slept, []);
    assert.equal(world.out.split('\n')[0], header);
    assert.match(world.out, /web-1 +- +12\.34s/);
  });

  it('shows what is unknown as a dash and a lower bound as one', async () => {
    const tally = { listed: 16, read: 14, gone: 1, reused: 0, denied: 1, unreadable: 0 };
    const world = new FakeWorld(script({ storage: undefined, tally }));
    assert.equal(await world.run('stats', '-i', '0'), 0);
    assert.match(world.out, / >= 103 MiB \(14 of 15\) +180 MiB +- +- +2\n/);
  });

  it('shows no rate across two identities, and none from a counter that went back', async () => {
    for (const change of [(told: Script) => (told.birth = '2'), (told: Script) => burn(told, -1)]) {
      const world = new FakeWorld(script());
      world.onSleep = () => change(world.containers[0] as Script);
      assert.equal(await world.run('stats'), 0);
      assert.match(world.out, /web-1 +- +\d/);
    }
  });

  it('finds nothing: a header, or [], and exit code 0', async () => {
    const world = new FakeWorld();
    assert.equal(await world.run('stats'), 0);
    assert.match(world.out, /^ID +NAME [^\n]+\n$/);
    assert.deepEqual(world.slept, []);
    const json = new FakeWorld();
    assert.equal(await json.run('stats', '--json'), 0);
    assert.deepEqual(validated('stats', json.out), []);
  });

  it('--json prints documents with names, valid, at once', async () => {
    const world = new FakeWorld(script(), second());
    assert.equal(await world.run('stats', '--json'), 0);
    const documents = validated('stats', world.out) as { Names: string[]; Statistics: object }[];
    assert.deepEqual(
      documents.map((document) => document.Names),
      [['web-1'], ['db']],
    );
    assert.deepEqual(world.slept, []);
  });

  it('leaves out, without a word, what went away by itself between list and reading', async () => {
    const world = new FakeWorld(script(), second());
    world.onSleep = () => {
      (world.containers[1] as Script).failure = notFound('db');
    };
    assert.equal(await world.run('stats'), 0);
    assert.match(world.out, /web-1/);
    assert.doesNotMatch(world.out, /db/);
    assert.equal(world.err, '');
  });

  it('shows what the kernel answered when the rest failed, and fails', async () => {
    const world = new FakeWorld(script());
    const open = world.library.openComputeSystem;
    world.library.openComputeSystem = async (reference) => {
      const system = await open(reference);
      const query: typeof system.query = async (types) => {
        const partial = await system.query(types);
        throw Object.assign(
          new SilostatError('ERR_SERVICE', { subject: 'web-1', operation: 'query', reason: 'the service is down' }),
          { partial },
        );
      };
      return Object.assign(Object.create(system), {
        query,
        queryNow: undefined,
        close: () => system.close(),
      });
    };
    Object.assign(world.containers[0] as Script, { names: ['web-1'] });
    assert.equal(await world.run('stats', '-i', '0'), 1);
    assert.match(world.out, /12\.34s +103 MiB/);
    assert.equal(world.err, 'silostat: cannot query "web-1": the service is down\n');
  });
});

describe('silostat stats ID...', () => {
  it('of which one is missing: prints the rest, a line for that one, exit code 1', async () => {
    const world = new FakeWorld(script(), second());
    assert.equal(await world.run('stats', 'web-1', 'nope', 'db', '-i', '0'), 1);
    assert.equal(world.out.split('\n').length, 4);
    assert.equal(world.errLines.length, 1);
    assert.match(
      world.err,
      /^silostat: cannot open container "nope": there is none .*; "silostat ls --all" lists what there is\n$/,
    );
  });

  it('of which one goes between the readings: the same', async () => {
    const world = new FakeWorld(script(), second());
    world.onSleep = () => {
      (world.containers[0] as Script).failure = notFound('web-1');
    };
    assert.equal(await world.run('stats', 'web-1', 'db'), 1);
    assert.match(world.out, /^ID[^\n]+\nb{12} +db [^\n]+\n$/);
    assert.equal(world.errLines.length, 1);
  });

  it('of which none is there: nothing on stdout', async () => {
    for (const argv of [
      ['stats', 'nope'],
      ['stats', 'nope', '--json'],
      ['stats', 'nope', '--watch'],
    ]) {
      const world = new FakeWorld();
      assert.equal(await world.run(...argv), 1);
      assert.equal(world.out, '');
    }
  });

  it('that is ambiguous: exit code 2, a line, and one per candidate', async () => {
    const [one, other] = [script(), script({ id: `3f1c${'1'.repeat(60)}` })];
    const world = new FakeWorld(one, other);
    assert.equal(await world.run('stats', '3f1c'), 2);
    assert.equal(world.out, '');
    assert.deepEqual(world.errLines.slice(1), [`  ${one.id}`, `  ${other.id}`]);
    assert.match(world.errLines[0] ?? '', /^silostat: .*2 containers begin so; give one of$/);
  });

  it('given twice counts once', async () => {
    const world = new FakeWorld(script());
    await world.run('stats', 'web-1', 'web-1', '-i', '0');
    assert.equal(world.out.split('\n').length, 3);
    assert.deepEqual(world.asked, ['open web-1']);
  });

  it('that denies us: exit code 1, the cause with --debug', async () => {
    const cause = new NativeError('open /sys/fs/cgroup/x', 'errno', 13, 'EACCES');
    const failure = new SilostatError('ERR_ACCESS_DENIED', {
      subject: 'web-1',
      operation: 'read',
      reason: 'root',
      cause,
    });
    const world = new FakeWorld(script({ failure }));
    assert.equal(await world.run('stats', 'web-1', '-i', '0', '--debug'), 1);
    assert.match(world.err, /caused by NativeError: open .*EACCES 13/);
  });
});

describe('silostat stats --watch', () => {
  it('ends with 0 when all that were named have gone', async () => {
    const world = new FakeWorld(script(), second());
    world.onSleep = (times) => {
      (world.containers[times - 1] as Script).failure = notFound('gone');
    };
    assert.equal(await world.run('stats', '--watch', 'web-1', 'db', '-i', '0.5'), 0);
    assert.deepEqual(world.slept, [500, 500]);
    assert.equal(world.out.match(/^ID /gm)?.length, 2);
    assert.equal(world.err, '');
    assert.deepEqual(
      world.containers.map((told) => told.closed),
      [1, 1],
    );
  });

  it('takes up what starts and drops what ends, and goes on until a signal: 130', async () => {
    const [first, other] = [script(), second()];
    const world = new FakeWorld(first);
    world.onSleep = (times) => {
      if (times === 1) world.containers = [first, other];
      if (times === 2) world.containers = [other];
      if (times === 3) world.interrupt();
    };
    assert.equal(await world.run('stats', '--watch'), 130);
    const frames = world.out.split('\n\n').map((frame) => frame.trim().split('\n').length - 1);
    assert.deepEqual(frames, [1, 2, 1]);
    assert.deepEqual([first.closed, other.closed], [1, 1]);
    // One line per reading of the list, and each container opened once.
    assert.deepEqual(
      world.asked.filter((what) => what !== 'list'),
      [`open /docker/${first.id}`, `open /docker/${other.id}`],
    );
  });

  it('SIGTERM: 143', async () => {
    const world = new FakeWorld(script());
    world.onSleep = () => world.interrupt('SIGTERM');
    assert.equal(await world.run('stats', '--watch'), 143);
  });

  it('--json writes one valid document a line', async () => {
    const world = new FakeWorld(script());
    world.onSleep = (times) => {
      if (times === 3) world.interrupt();
    };
    assert.equal(await world.run('stats', '--watch', '--json'), 130);
    const lines = world.out.split('\n').slice(0, -1);
    assert.equal(lines.length, 3);
    for (const line of lines) validated('stats', line);
  });

  it('tells a failure that stays once', async () => {
    const failure = new SilostatError('ERR_ACCESS_DENIED', { subject: 'web-1', operation: 'read', reason: 'no' });
    const world = new FakeWorld(script({ failure }), second());
    world.onSleep = (times) => {
      if (times === 5) world.interrupt();
    };
    await world.run('stats', '--watch');
    assert.equal(world.errLines.length, 1);
  });

  it('draws over itself on a terminal, and never beyond its edges', async () => {
    const world = new FakeWorld(script(), second(), script({ id: 'c'.repeat(64), names: ['x'] }));
    world.terminal = { isTTY: true, columns: 20, rows: 3 };
    world.onSleep = (times) => {
      if (times === 2) world.interrupt();
    };
    assert.equal(await world.run('stats', '--watch'), 130);
    const frames = world.out.split('\x1b[H').slice(1);
    assert.equal(frames.length, 2);
    for (const frame of frames) {
      const lines = frame.split('\x1b[K\n').slice(0, -1);
      assert.equal(lines.length, 2);
      for (const line of lines) assert.ok(line.length <= 20, line);
    }
    assert.equal(world.out.split('\x1b[2J').length, 2);
  });
});
