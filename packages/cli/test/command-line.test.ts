import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeWorld } from './support/fake-io.ts';
import { script } from './support/fake-job.ts';

/** Command lines that are wrong: nothing may be asked of the library for them. */
const wrong: [string[], RegExp][] = [
  [['nosuch'], /unknown command 'nosuch'/],
  [['--nosuch', 'ls'], /unknown option '--nosuch'/],
  [['ls', 'web'], /too many arguments/],
  [['ls', '--json=x'], /--json/],
  [['stats', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\); see "silostat stats --help"/],
  [['stats', '--interval'], /argument missing/],
  [['stats', '-i', 'x'], /"x" is no interval: give 0, or 0.1 to 86400 seconds/],
  [['stats', '-i', '-1'], /"-1" is no interval/],
  [['stats', '-i', '1e3'], /no interval/],
  [['stats', '-i', '0.01'], /no interval/],
  [['stats', '-i', '86401'], /no interval/],
  [['stats', '--watch', '-i', '0'], /"0" is no interval: give 0.1 to/],
  [['stats', 'web-1', '../..'], /cannot open container "\.\.\/\.\."/],
  [['stats', ''], /it is empty/],
  [['stats', '--columns', 'name,nope'], /no column "nope": give some of ID, NAME, /],
  [['stats', '--columns', ''], /no column ""/],
  [['stats', '--sort', 'x'], /no column "x"/],
  [['stats', '--reverse'], /--reverse needs --sort/],
  [['stats', '--filter', 'nope=1'], /"nope=1" is no filter: give name=VALUE, /],
  [['stats', '--filter', 'name='], /is no filter/],
  [['stats', 'web-1', '--filter', 'name=web'], /either IDs or filters/],
  [['stats', '--csv', '--json'], /either --csv or --json/],
  [['ls', '--columns', 'cpu%'], /no column "cpu%"/],
  [['ps'], /missing required argument 'id'/],
  [['ps', 'a', 'b'], /too many arguments/],
  [['ps', '../..'], /cannot open container/],
  [['ps', 'web-1', '--columns', 'cpu%'], /no column "cpu%": give some of PID, /],
  [['ps', 'web-1', '--csv', '--json'], /either --csv or --json/],
  [['inspect'], /missing required argument 'id'/],
  [['inspect', 'a', 'b'], /too many arguments/],
  [['inspect', ''], /it is empty/],
  [['inspect', '/'], /root/],
  [['inspect', '.'], /letters, digits/],
  [['inspect', '%'], /letters, digits/],
  [['inspect', 'a\nb'], /control character/],
  [['inspect', 'x'.repeat(10_000)], /longer than 255/],
  [['inspect', 'web-1', '--types', 'Statistics,Statistic'], /no property type "Statistic": give some of Memory, /],
  [['inspect', 'web-1', '--types', ''], /no property type ""/],
];

describe('wrong usage', () => {
  for (const [argv, message] of wrong) {
    it(
      `silostat ${argv.join(' ').slice(0, 50)}: exit code 2, one line, nothing opened`.replace('\n', '\\n'),
      async () => {
        const world = new FakeWorld(script());
        assert.equal(await world.run(...argv), 2);
        assert.equal(world.out, '');
        assert.equal(world.errLines.length, 1, world.err);
        assert.match(world.err, /^silostat: /);
        assert.match(world.err, message);
        assert.deepEqual(world.asked, []);
      },
    );
  }

  it('of `run` is 125', async () => {
    for (const argv of [['run'], ['run', '--nosuch', 'true'], ['run', '--export-json'], ['run', '']]) {
      const world = new FakeWorld();
      assert.equal(await world.run(...argv), 125, argv.join(' '));
      assert.equal(world.errLines.length, 1, world.err);
      assert.deepEqual(world.asked, []);
    }
  });

  it('without a command shows the help on stderr', async () => {
    const world = new FakeWorld();
    assert.equal(await world.run(), 2);
    assert.equal(world.out, '');
    assert.match(world.err, /^Usage: silostat/);
  });
});

describe('help and version', () => {
  it('are data: on stdout, exit code 0', async () => {
    for (const argv of [['--help'], ['help', 'run'], ['ls', '--help'], ['run', '--help'], ['inspect', '-h']]) {
      const world = new FakeWorld();
      assert.equal(await world.run(...argv), 0, argv.join(' '));
      assert.match(world.out, /^Usage: silostat/);
      assert.equal(world.err, '');
    }
    const world = new FakeWorld();
    assert.equal(await world.run('--version'), 0);
    assert.equal(world.out, '1.2.3\n');
  });

  it('say what each column of stats is, and its unit where it has a choice', async () => {
    const world = new FakeWorld();
    world.terminal = { columns: 200 };
    await world.run('stats', '--help');
    assert.match(world.out, /CPU% .*percent of one processor/);
    assert.match(world.out, /PRIVATE .*Resident memory that cannot be shared/);
  });
});

describe('an error', () => {
  it('is one line; --debug, before or after the command, adds the stack and the causes', async () => {
    for (const argv of [
      ['--debug', 'inspect', 'web-1'],
      ['inspect', 'web-1', '--debug'],
    ]) {
      const told = script();
      const cause = new Error('the cause');
      told.failure = new Error('the kernel is on fire', { cause });
      const world = new FakeWorld(told);
      assert.equal(await world.run(...argv), 1);
      assert.match(world.errLines[0] ?? '', /^silostat: .*the kernel is on fire/);
      assert.match(world.err, /\n {4}at /);
      assert.match(world.err, /\ncaused by /);
    }
  });

  it('shows what strangers wrote as escapes', async () => {
    const world = new FakeWorld();
    assert.equal(await world.run('ls', '--\x1b[2J\u202e'), 2);
    assert.match(world.err, /--\\x1b\[2J\\u202e/);
  });
});
