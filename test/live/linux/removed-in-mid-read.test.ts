import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Properties } from 'silostat';
import { cgroupFolder, cgroupMounts } from '../../support/cgroup-files.ts';
import { silostatBin } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { traceOpened } from '../../support/traced.ts';
import { Undo } from '../../support/undo.ts';
import { assertWhole } from '../../support/whole-document.ts';

/** How long the read is held up, for the container to be removed meanwhile: that takes about 0.15 s. */
const delaySeconds = 1;
/** So many runs at a time: they mostly wait. */
const together = 4;

/** Opening the file is one moment, reading it another: what was opened already fails in another way. */
const moments = [
  ['before it is opened', 'open,openat'],
  ['before it is read', 'read,pread64,getdents64'],
] as const;

describe('a container that is removed in mid-read', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'strace'] }),
}, () => {
  const undo = new Undo();
  let engine: RuncEngine;
  let undisturbed: Properties;
  /** What an undisturbed run reads of the container, with `PID` for its first process and `ID` for its id. */
  let files: string[];

  before(async () => {
    engine = new RuncEngine(undo);
    const container = await startWithThree(engine);
    const { code, stdout, stderr, opened } = await traceOpened([silostatBin, 'inspect', container.id, '--json']);
    assert.equal(code, 0, stderr);
    undisturbed = JSON.parse(stdout);
    files = [...opened].filter((path) => isFigureFile(path, container)).map((path) => asPattern(path, container));
    await container.remove();
  });
  after(() => undo[Symbol.dispose]());

  test('the files that are tried one by one are those that the figures come from', () => {
    const v1 = ['/memory/', '/blkio/', '/cpuacct/'].every((name) =>
      [...cgroupMounts().values()].includes(`/sys/fs/cgroup${name.slice(0, -1)}`),
    );
    const expected = v1
      ? [
          'memory.usage_in_bytes',
          'memory.max_usage_in_bytes',
          'memory.stat',
          'blkio.throttle.io_service_bytes_recursive',
          'cgroup.procs',
        ]
      : ['memory.current', 'memory.stat', 'io.stat', 'cpu.stat', 'cgroup.procs'];
    for (const name of [...expected, '/proc/PID/stat']) {
      assert.ok(
        files.some((file) => file.endsWith(name)),
        `${name} among ${files.join(' ')}`,
      );
    }
  });

  for (const [moment, calls] of moments) {
    test(`each file in turn, ${moment}: not found, or a whole document`, { concurrency: together }, async (t) => {
      await Promise.all(files.map((file) => t.test(file, () => removeDuring(file, calls))));
    });
  }

  async function removeDuring(pattern: string, calls: string): Promise<void> {
    const container = await startWithThree(engine);
    const outcome = await inspectHeldUp(
      container,
      pattern.replace('PID', `${container.pid}`).replace('ID', container.id),
      calls,
    );
    if (outcome.code === 0) {
      const document: Properties = JSON.parse(outcome.stdout);
      assertWhole(document, undisturbed);
      // It had gone altogether, so whoever then tells of it tells of the time when it was whole.
      assert.equal(document.ProcessList?.length, undisturbed.ProcessList?.length);
    } else {
      assertNotFound(outcome, container.id);
    }
  }

  async function inspectHeldUp(container: RuncContainer, file: string, calls: string): Promise<Outcome> {
    using scratch = new Undo();
    const log = `${scratchFolder(scratch)}/trace`;
    const inject = `inject=${calls}:delay_enter=${delaySeconds * 1e6}:when=1`;
    const args = ['-f', '-qq', '-e', 'signal=none', '-o', log, '-P', file, '-e', `trace=${calls}`, '-e', inject];
    const running = run('strace', [...args, process.execPath, silostatBin, 'inspect', container.id, '--json']);
    await Promise.race([running, until(`${file} is held up`, () => isHeldUp(log))]);
    await container.remove();
    assert.ok(isHeldUp(log), 'the container had gone before the file was let go');
    return running;
  }
});

/** strace writes a call without its end while it holds it up, and behind its end that it did. */
function isHeldUp(log: string): boolean {
  const trace = existsSync(log) ? readFileSync(log, 'utf8') : '';
  return trace !== '' && !trace.includes('(DELAYED)');
}

async function startWithThree(engine: RuncEngine): Promise<RuncContainer> {
  const container = await engine.start();
  await container.workload.fork(2);
  return container;
}

function isFigureFile(path: string, { cgroups, pid }: RuncContainer): boolean {
  if (path.startsWith(`/proc/${pid}/`)) return true;
  return [...cgroups.keys()].some((controller) => `${path}/`.startsWith(`${cgroupFolder(cgroups, controller)}/`));
}

function asPattern(path: string, { id, pid }: RuncContainer): string {
  return path.replace(id, 'ID').replace(`/proc/${pid}/`, '/proc/PID/');
}

function assertNotFound({ code, stdout, stderr }: Outcome, id: string): void {
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /^[^\n]+\n$/, 'one line');
  assert.ok(stderr.includes(id), stderr);
}
