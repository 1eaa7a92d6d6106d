import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SilostatError } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { type Script, script } from './support/fake-job.ts';
import { FakeJobContainer } from './support/fake-job-container.ts';
import { validated } from './support/schema.ts';

const node = process.execPath;
const endless = ['-e', 'setInterval(() => {}, 1000)'];

function runWorld(told: Script = script()): { world: FakeWorld; job: FakeJobContainer } {
  const world = new FakeWorld();
  const job = new FakeJobContainer(told);
  world.realTime = true;
  world.library.createJobContainer = async () => {
    world.asked.push('create');
    return job;
  };
  return { world, job };
}

function failure(code: 'ERR_NOT_FOUND' | 'ERR_ACCESS_DENIED', subject: string): SilostatError {
  return new SilostatError(code, { subject, operation: 'run', reason: 'so it is' });
}

/** Until the command runs. */
async function untilSpawned(job: FakeJobContainer): Promise<void> {
  while (job.child?.pid === undefined) await delay(10);
}

describe('silostat run', { timeout: 120_000 }, () => {
  it("ends with the command's own exit code, and tells on stderr what it used", async () => {
    const { world, job } = runWorld();
    assert.equal(await world.run('run', node, '-e', 'process.exit(7)'), 7);
    assert.equal(world.out, '');
    const lines = world.errLines.map((line) => line.replace(/\d+ readings?/, 'N readings'));
    const shown = /^[\w@%+=:,./-]+$/.test(node) ? node : `'${node}'`;
    assert.equal(lines[0], `silostat: ${shown} -e 'process.exit(7)'`);
    assert.equal(lines[1], '  ended           exit code 7');
    assert.match(lines[2] ?? '', /^ {2}wall time {7}\S+$/);
    assert.match(lines[3] ?? '', /^ {2}CPU time {8}12\.34s \(10\.00s user, 2\.34s kernel/);
    assert.equal(lines[4], '  private memory  103 MiB last, 103 MiB at most in N readings');
    assert.equal(lines[5], '  commit          180 MiB last, 200 MiB at most');
    assert.equal(lines[6], '  read            4.00 KiB in 3 operations that reached a disk');
    assert.equal(lines[7], '  written         50.0 MiB in 50 operations that reached a disk');
    assert.equal(lines[8], '  processes       1 started');
    assert.equal(lines.length, 9);
    assert.equal(job.closed, 1);
  });

  it('gives everything from the first operand on to the command, with or without --', async () => {
    const args = ['-e', 'process.exit(process.argv.length)', '--', '--json', '--debug', '--', '-x'];
    for (const before of [[], ['--']]) {
      const { world, job } = runWorld();
      assert.equal(await world.run('run', ...before, node, ...args), 5);
      assert.deepEqual(job.spawned, [{ command: node, args }]);
    }
  });

  it('takes its own options before the command', async () => {
    const { world, job } = runWorld();
    assert.equal(await world.run('run', '--export-json', 'report.json', '--', node, '-e', '0'), 0);
    assert.deepEqual(job.spawned, [{ command: node, args: ['-e', '0'] }]);
    const document = validated('run', world.files['report.json'] ?? '') as Record<string, unknown>;
    const { Command, ExitCode, Peak } = document;
    assert.deepEqual(Command, [node, '-e', '0']);
    assert.equal(ExitCode, 0);
    assert.equal((Peak as { MemoryUsageCommitBytes: number }).MemoryUsageCommitBytes, 200 * 1024 * 1024);
  });

  it('hands limits and the name to the library, and refuses what is none', async () => {
    const { world, job } = runWorld();
    const asked: unknown[] = [];
    world.library.createJobContainer = async (options) => {
      asked.push(options);
      return job;
    };
    const flags = ['--memory', '1.5G', '--cpus', '.5', '--pids', '20', '--name', 'build-7'];
    assert.equal(await world.run('run', ...flags, '--', node, '-e', '0'), 0);
    const limits = { memoryBytes: 1.5 * 2 ** 30, cpus: 0.5, pids: 20 };
    assert.deepEqual(asked, [{ limits, countProcesses: true, childSubreaper: true, id: 'build-7' }]);
    for (const wrong of [
      ['--memory', 'abc'],
      ['--memory', '12X'],
      ['--cpus', '-1'],
      ['--cpus', '0x1'],
      ['--pids', '1.5'],
      ['-i', '0'],
    ]) {
      const { world: refusing } = runWorld();
      assert.equal(await refusing.run('run', ...wrong, 'true'), 125, wrong.join(' '));
      assert.equal(refusing.errLines.length, 1, refusing.err);
      assert.deepEqual(refusing.asked, [], 'before anything is made');
    }
  });

  it('--quiet tells nothing, the files all the same', async () => {
    const { world } = runWorld();
    assert.equal(await world.run('run', '--quiet', '--export-json', 'r.json', node, '-e', 'process.exit(3)'), 3);
    assert.equal(world.err, '');
    assert.deepEqual((validated('run', world.files['r.json'] ?? '') as { Started: object }).Started, {
      Count: 1,
      IsLowerBound: false,
      Source: 'the script',
    });
  });

  it('--export-csv writes a row per interval, and one at the end', async () => {
    const { world } = runWorld();
    const wait = ['-e', 'setTimeout(() => {}, 700)'];
    assert.equal(await world.run('run', '--export-csv', 'r.csv', '-i', '0.1', node, ...wait), 0);
    const [header = '', ...rows] = (world.files['r.csv'] ?? '').trimEnd().split('\n');
    assert.match(header, /^Timestamp,Elapsed100ns,CpuPercent,TotalRuntime100ns,.*,ProcessesStarted$/);
    assert.ok(rows.length >= 3, `${rows.length}`);
    for (const row of rows) assert.equal(row.split(',').length, header.split(',').length);
    const elapsed = rows.map((row) => Number(row.split(',')[1]));
    assert.deepEqual(
      elapsed,
      [...elapsed].sort((a, b) => a - b),
    );
  });

  it('draws a live line on a terminal, not where the command may need it', async () => {
    const wait = ['-e', 'setTimeout(() => {}, 500)'];
    for (const [flags, isStdinTerminal, isDrawn] of [
      [[], false, true],
      [[], true, false],
      [['--live'], true, true],
      [['--quiet'], false, false],
    ] as const) {
      const { world } = runWorld();
      world.terminal = { isTTY: true, columns: 60 };
      world.isStdinTerminal = isStdinTerminal;
      assert.equal(await world.run('run', ...flags, '-i', '0.1', node, ...wait), 0);
      const lines = world.err.split('\r').filter((line) => / {2}private \d/.test(line));
      assert.equal(lines.length > 0, isDrawn, `${flags.join()} ${isStdinTerminal}`);
      for (const line of lines) assert.ok(line.replace('\x1b[K', '').length < 60, line);
      // The line is taken away before the report.
      if (isDrawn) assert.ok(world.err.includes('\r\x1b[Ksilostat: ') && world.err.lastIndexOf('\x1b[K') > 0);
    }
  });

  it('tells whether somebody was killed for lack of memory', async () => {
    const { world, job } = runWorld();
    const query = job.query;
    job.query = async (types) => {
      const result = await query(types);
      return { ...result, properties: { ...result.properties, Linux: { OutOfMemoryKillCount: 1 } } };
    };
    assert.equal(await world.run('run', node, '-e', 'process.exit(9)'), 9);
    assert.match(world.err, /ended +exit code 9; out of memory: 1 process was killed/);
  });

  it('says why nobody counted the processes', async () => {
    const { world, job } = runWorld();
    job.started = () => ({ absent: { code: 'ERR_ACCESS_DENIED', message: 'perf is for root' } });
    assert.equal(await world.run('run', '--export-json', 'r.json', node, '-e', '0'), 0);
    assert.match(world.err, /processes +- \(perf is for root\)/);
    validated('run', world.files['r.json'] ?? '');
  });

  it("reads the job once before the command starts: files are not opened in the command's time", async () => {
    let reads = 0;
    const { processor, ...told } = script();
    const counted = Object.defineProperty(told as Script, 'processor', {
      get: () => {
        reads++;
        return processor;
      },
    });
    const { world, job } = runWorld(counted);
    const spawn = job.spawn.bind(job);
    job.spawn = (command, args) => {
      assert.equal(reads, 1);
      return spawn(command, args);
    };
    assert.equal(await world.run('run', node, '-e', '0'), 0, world.err);
  });

  it('keeps the last memory that was seen, and the largest', async () => {
    const told = script();
    const { world, job } = runWorld(told);
    // Ends by itself once it has been seen at 300 and 200 MiB; at the end nothing is left.
    world.onSleep = (times) => {
      told.privateBytes = (times === 1 ? 300 : 200) * 1024 * 1024;
      if (times === 4) job.child?.kill('SIGKILL');
    };
    job.wait = async () => {
      told.privateBytes = 0;
      told.memory = { MemoryUsageCommitBytes: 4096, MemoryUsageCommitPeakBytes: 400 * 1024 * 1024 };
    };
    assert.equal(await world.run('run', node, ...endless), 137);
    assert.match(world.err, /ended +by signal SIGKILL/);
    assert.match(world.err, /private memory +200 MiB last, 300 MiB at most in \d readings/);
    assert.match(world.err, /commit +180 MiB last, 400 MiB at most/);
  });

  it('says why a figure is absent', async () => {
    const { world } = runWorld(script({ storage: undefined, privateBytes: 0 }));
    assert.equal(await world.run('run', node, '-e', '0'), 0);
    assert.match(world.err, /private memory +- \(it ended before its memory was read\)/);
    assert.match(world.err, /disk +- \(not counted before a throttle rule was set\)/);
  });

  it('shows what strangers wrote as escapes', async () => {
    const { world } = runWorld(script({ storage: undefined, storageReason: 'odd\x1b[2Jpath' }));
    assert.equal(await world.run('run', node, '-e', '0', '\u202e'), 0);
    assert.match(world.err, /disk +- \(odd\\x1b\[2Jpath\)/);
    assert.match(world.err, /-e 0 '\\u202e'/);
  });

  it('does not fail the command when a figure cannot be read', async () => {
    const { world, job } = runWorld(script({ failure: new Error('no figures today') }));
    assert.equal(await world.run('run', node, '-e', 'process.exit(3)'), 3);
    assert.match(world.err, /^silostat: .*no figures today\n$/);
    assert.equal(job.closed, 1);
  });

  const notStarted: [string, unknown, number][] = [
    ['the library finds none', failure('ERR_NOT_FOUND', 'cmd'), 127],
    ['the library finds one that may not be executed', failure('ERR_ACCESS_DENIED', 'cmd'), 126],
    ['Node finds none', Object.assign(new Error('spawn cmd ENOENT'), { code: 'ENOENT' }), 127],
    ['Node may not execute it', Object.assign(new Error('spawn cmd EACCES'), { code: 'EACCES' }), 126],
    ['the job itself is gone', failure('ERR_NOT_FOUND', 'job-1'), 125],
    ['anything else', new TypeError('no'), 125],
  ];
  for (const [what, error, code] of notStarted) {
    it(`${code} when ${what}, with one line, and the job is closed`, async () => {
      const { world, job } = runWorld();
      job.spawn = () => {
        throw error;
      };
      assert.equal(await world.run('run', 'cmd'), code);
      assert.equal(world.errLines.length, 1);
      assert.equal(job.closed, 1);
    });
  }

  it("127 when the command's own 'error' event says so", async () => {
    const { world, job } = runWorld();
    assert.equal(await world.run('run', 'no-such-command-at-all'), 127);
    assert.match(world.err, /^silostat: [^\n]*ENOENT\n$/);
    assert.equal(job.closed, 1);
  });

  it('125 when no job can be made', async () => {
    const { world } = runWorld();
    world.library.createJobContainer = async () => {
      throw new SilostatError('ERR_UNSUPPORTED', { subject: 'job', operation: 'make', reason: 'not on this system' });
    };
    assert.equal(await world.run('run', 'true'), 125);
    assert.equal(world.err, 'silostat: cannot make "job": not on this system\n');
  });

  it('125 when the report cannot be written, before anything runs', async () => {
    const { world, job } = runWorld();
    world.createFile = () => {
      throw new Error("ENOENT: no such file or directory, open '/nosuch/x'");
    };
    assert.equal(await world.run('run', '--export-json', '/nosuch/x', node, '-e', '0'), 125);
    assert.deepEqual(job.spawned, []);
  });
});

const noSignals = process.platform === 'win32' && 'Windows has no signals';

describe('silostat run and signals', { skip: noSignals, timeout: 120_000 }, () => {
  it('passes SIGTERM and SIGINT on to the command', async () => {
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const { world, job } = runWorld();
      const done = world.run('run', node, ...endless);
      await untilSpawned(job);
      world.interrupt(signal);
      assert.equal(await done, code);
      // Whatever the command left behind.
      assert.equal(job.terminated, 1);
      assert.equal(job.closed, 1);
      assert.equal(world.signalListener, undefined);
    }
  });

  it('does not pass on a Ctrl-C that the terminal has sent to the command too', async () => {
    const { world, job } = runWorld();
    world.foreground = true;
    const done = world.run('run', node, ...endless);
    await untilSpawned(job);
    world.interrupt('SIGINT');
    world.interrupt('SIGINT');
    await delay(200);
    assert.equal(job.child?.exitCode, null);
    assert.equal(job.terminated, 0);
    job.child?.kill('SIGINT');
    assert.equal(await done, 130);
  });

  it('ends the whole job at a second signal', async () => {
    const { world, job } = runWorld();
    const deaf = 'process.on("SIGTERM", () => {}); process.stdout.write("x"); setInterval(() => {}, 1000)';
    const done = world.run('run', node, '-e', deaf);
    await untilSpawned(job);
    await once(job.child?.stdout as Readable, 'data');
    world.interrupt('SIGTERM');
    assert.equal(job.terminated, 0);
    world.interrupt('SIGTERM');
    // At once, not after the ten seconds that a single signal allows.
    assert.equal(job.terminated, 1);
    assert.equal(await done, 137);
  });

  it('a signal while only left-over processes run ends them; the exit code stays', async () => {
    const { world, job } = runWorld();
    job.leavesProcesses = true;
    const done = world.run('run', node, '-e', 'process.exit(7)');
    await untilSpawned(job);
    while (job.child?.exitCode === null) await delay(10);
    await delay(100);
    assert.equal(job.terminated, 0);
    while (world.err === '') await delay(100);
    assert.match(world.err, /^silostat: the command has ended, processes that it started still run; [^\n]*\n$/);
    world.interrupt('SIGTERM');
    assert.equal(job.terminated, 1);
    assert.equal(await done, 7);
  });

  it('a signal before the command runs: it never does', async () => {
    const { world, job } = runWorld();
    world.library.createJobContainer = async () => {
      world.interrupt('SIGTERM');
      return job;
    };
    assert.equal(await world.run('run', 'true'), 143);
    assert.deepEqual(job.spawned, []);
    assert.equal(job.closed, 1);
  });
});
