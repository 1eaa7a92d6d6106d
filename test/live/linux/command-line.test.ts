import assert from 'node:assert/strict';
import type { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { silostatBin } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run, silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

describe('the command line beside running containers', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'bash'] }),
}, () => {
  const undo = new Undo();
  let engine: RuncEngine;
  let first: RuncContainer;
  let second: RuncContainer;

  before(async () => {
    engine = new RuncEngine(undo);
    [first, second] = await Promise.all([engine.start(), engine.start()]);
  });
  after(() => undo[Symbol.dispose]());

  test('ls lists both, as what they are', async () => {
    const { code, stdout, stderr } = await silostat(['ls', '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const list: Record<string, unknown>[] = JSON.parse(stdout);
    for (const { id, cgroups } of [first, second]) {
      const { Owner, SystemType, RuntimeOsType, State, ProcessCount, CgroupPath } =
        list.find(({ Id }) => Id === id) ?? {};
      assert.deepEqual(
        [Owner, SystemType, RuntimeOsType, State, ProcessCount],
        ['runc', 'Container', 'Linux', 'Running', 1],
      );
      assert.ok([...cgroups.values()].includes(`${CgroupPath}`), `${CgroupPath}`);
    }
  });

  for (const [name, command] of [
    ['ls | head -1', 'ls'],
    ['stats --watch | head -1', 'stats --watch --interval 0.2'],
    ['stats --watch --json | head -1', 'stats --watch --json --interval 0.2'],
  ]) {
    test(`${name}: exit 0, silent`, async () => {
      const pipeline = `"$0" "$1" ${command} | head -1; exit "\${PIPESTATUS[0]}"`;
      const { code, stdout, stderr } = await run('bash', ['-c', pipeline, process.execPath, silostatBin]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^[^\n]+\n$/);
    });
  }

  test('stdout closed before the first byte: exit 0, silent', async () => {
    for (const command of [['ls'], ['ls', '--json'], ['inspect', first.id, '--json'], ['stats', '--interval', '0']]) {
      const { code, stderr } = await silostat(command, { started: (child) => child.stdout?.destroy() });
      assert.deepEqual([code, stderr], [0, ''], command.join(' '));
    }
  });

  for (const args of [[], ['--json']]) {
    test(`Ctrl-C on stats --watch ${args.join(' ')}: 130, silent`, async () => {
      const { code, signal, stderr } = await interrupted(['stats', '--watch', '--interval', '0.2', ...args]);
      assert.deepEqual([code, signal, stderr], [130, null, '']);
    });
  }

  test('Ctrl-C on stats --watch ID: 130', async () => {
    const { code, stdout } = await interrupted(['stats', first.id, '--watch', '--interval', '0.2']);
    assert.equal(code, 130);
    assert.match(stdout, new RegExp(first.id.slice(0, 8)));
  });

  test('stats --watch ID ends with 0 when all have gone', async () => {
    const doomed = await Promise.all([engine.start(), engine.start()]);
    const ids = doomed.map(({ id }) => id);
    const outcome = await silostat(['stats', ...ids, '--watch', '--json', '--interval', '0.2'], {
      started: (child) => void removeAfterFirstOutput(child, doomed),
    });
    assert.equal(outcome.code, 0, outcome.stderr);
    const seen = outcome.stdout
      .trim()
      .split('\n')
      .flatMap((line): { Id: string }[] => JSON.parse(line));
    assert.deepEqual([...new Set(seen.map(({ Id }) => Id))].sort(), ids.sort());
  });

  test('several ids of which one is gone: the rest is printed, a line on stderr, exit 1', async () => {
    const gone = await engine.start();
    await gone.remove();
    for (const interval of ['0', '0.2']) {
      const outcome = await silostat(['stats', first.id, gone.id, second.id, '--json', '--interval', interval]);
      assert.equal(outcome.code, 1);
      assertOneLineAbout(outcome, gone.id);
      const printed: { Id: string }[] = JSON.parse(outcome.stdout);
      assert.deepEqual(
        printed.map(({ Id }) => Id),
        [first.id, second.id],
      );
    }
  });

  test('an id that is gone, alone: exit 1, one line, nothing on stdout', async () => {
    for (const command of [
      ['stats', 'no-such-id'],
      ['inspect', 'no-such-id'],
      ['inspect', '/no/such/cgroup', '--json'],
    ]) {
      const outcome = await silostat(command);
      assert.deepEqual([outcome.code, outcome.stdout], [1, ''], command.join(' '));
      assertOneLineAbout(outcome, command[1] ?? '');
    }
  });

  test('CPU% is what the container burns, of one processor', async () => {
    const burning = first.workload.burn(4000);
    const { stdout } = await silostat(['stats', first.id, second.id, '--interval', '1']);
    await burning;
    const percent = (id: string): number => {
      const row = stdout.split('\n').find((line) => line.includes(id)) ?? '';
      return Number(/ (\d+(?:\.\d+)?)\s?%?(?= )/.exec(row)?.[1]);
    };
    assert.ok(percent(first.id) > 5 && percent(first.id) <= 110, stdout);
    assert.ok(percent(second.id) < 3, stdout);
  });
});

async function removeAfterFirstOutput(
  child: ReturnType<typeof spawn>,
  doomed: readonly RuncContainer[],
): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
  await Promise.all(doomed.map((container) => container.remove()));
}

/** Sends SIGINT after the first output. */
function interrupted(args: readonly string[]): Promise<Outcome> {
  return silostat(args, { started: (child) => child.stdout?.once('data', () => child.kill('SIGINT')) });
}

function assertOneLineAbout({ stderr }: Outcome, id: string): void {
  assert.match(stderr, /^[^\n]+\n$/, 'one line');
  assert.ok(stderr.includes(id), stderr);
}
