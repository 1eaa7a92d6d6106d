import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

interface Process {
  ProcessId: number;
  ParentProcessId: number;
  CommandLine: string;
  ImageName: string;
}

describe('silostat ps beside a running container', { skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }) }, () => {
  const undo = new Undo();
  let container: RuncContainer;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
  });
  after(() => undo[Symbol.dispose]());

  test('--json has the parents and the command lines that /proc has', async () => {
    const { code, stdout, stderr } = await silostat(['ps', container.id, '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const processes: Process[] = JSON.parse(stdout);
    assert.equal(processes.length, 3);
    for (const { ProcessId, ParentProcessId, CommandLine, ImageName } of processes) {
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${ProcessId}/status`, 'utf8'))?.[1]);
      const line = readFileSync(`/proc/${ProcessId}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
      assert.deepEqual([ParentProcessId, CommandLine], [parent, line]);
      assert.ok(ImageName.length > 0);
    }
  });

  test('--tree shows the two below the one that started them', async () => {
    const { stdout } = await silostat(['ps', container.id, '--tree', '--columns', 'pid,command']);
    const [, first = '', second = '', third = ''] = stdout.split('\n');
    assert.equal(Number.parseInt(first, 10), container.pid, stdout);
    assert.match(second, /\d {2}├─ /);
    assert.match(third, /\d {2}└─ /);
  });

  test('of one that is not there: exit 1, one line', async () => {
    const { code, stdout, stderr } = await silostat(['ps', 'no-such-id']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^silostat: [^\n]+\n$/);
  });
});
