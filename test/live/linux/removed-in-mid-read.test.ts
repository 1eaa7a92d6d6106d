import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Properties } from 'silostat';
import { cgroupFolder, cgroupMounts } from '../../support/cgroup-files.ts';
import { silostatBin } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { startFullContainer } from '../../support/full-container.ts';
import type { LoopDisk } from '../../support/loop-disk.ts';
import { makeLoopDisk } from '../../support/loop-disk.ts';
import { libraryScript } from '../../support/node-script.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { traceOpened } from '../../support/traced.ts';
import { Undo } from '../../support/undo.ts';
import { assertWhole } from '../../support/whole-document.ts';

/**
 * How long the read is held up, for the container to be removed meanwhile: that takes about 0.15 s, and longer on a busy
 * machine, where it is tried again.
 */
const delaysSeconds = [1, 4, 12];
/** So many runs at a time: they mostly wait. */
const together = 4;

/** When a file is held up: at these calls of strace's, for the first or the second time. */
interface Moment {
  calls: string;
  time: 1 | 2;
}

/** Opening a file is one moment, reading it another: what was opened already fails in another way. */
const opening: Moment = { calls: 'open,openat', time: 1 };
const reading: Moment = { calls: 'read,pread64,getdents64', time: 1 };
const readingAgain: Moment = { ...reading, time: 2 };

/** A program for `node` that prints a container's document. */
type Program = (id: string) => string[];

const inspect: Program = (id) => [silostatBin, 'inspect', id, '--json'];
/** The second reading is by the descriptors that the first one has opened. */
const readTwice: Program = (id) =>
  libraryScript(`
    const system = await silostat.openComputeSystem('${id}');
    await system.properties(['Statistics']);
    console.log(JSON.stringify(await system.properties(['Statistics'])));`);

const v1Files = [
  'memory.usage_in_bytes',
  'memory.max_usage_in_bytes',
  'memory.stat',
  'blkio.throttle.io_service_bytes_recursive',
  'blkio.throttle.io_serviced_recursive',
];
const v2Files = ['memory.current', 'memory.peak', 'memory.stat', 'io.stat', 'cpu.stat'];

describe('a container that is removed in mid-read', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'strace'] }),
}, () => {
  const undo = new Undo();
  let engine: RuncEngine;
  let disk: LoopDisk;

  before(() => {
    disk = makeLoopDisk(undo, 1);
    engine = new RuncEngine(undo);
  });
  after(() => undo[Symbol.dispose]());

  test('silostat inspect, before a file is opened', { concurrency: together }, (t) =>
    eachFileInTurn(t, inspect, opening, assertNotFoundLine),
  );

  test('silostat inspect, before a file is read', { concurrency: together }, (t) =>
    eachFileInTurn(t, inspect, reading, assertNotFoundLine),
  );

  test('the library, before a file is read for the second time', { concurrency: together }, (t) =>
    eachFileInTurn(t, readTwice, readingAgain, ({ code, stdout }) =>
      assert.deepEqual([code, stdout], [2, 'ERR_NOT_FOUND\n']),
    ),
  );

  /** The container is not found then, or the document is whole. */
  async function eachFileInTurn(
    t: TestContext,
    program: Program,
    moment: Moment,
    assertNotFound: (outcome: Outcome, id: string) => void,
  ): Promise<void> {
    const { files, undisturbed } = await readUndisturbed(program);
    const removeDuring = async (pattern: string): Promise<void> => {
      for (const delay of delaysSeconds) {
        const container = await startFullContainer(engine, disk);
        const file = pattern.replace('PID', `${container.pid}`).replace('ID', container.id);
        const outcome = await removeWhileHeldUp(container, program(container.id), { ...moment, file, delay });
        if (outcome === undefined) continue;
        if (outcome.code === 0) return assertWholeAsBefore(JSON.parse(outcome.stdout), undisturbed);
        return assertNotFound(outcome, container.id);
      }
      assert.fail(`${pattern} was let go before the container had gone`);
    };
    // Where its cgroups lie the kernel is asked once only, in one call.
    const tried = files.filter((file) => moment.time === 1 || file !== '/proc/PID/cgroup');
    await Promise.all(tried.map((file) => t.test(file, () => removeDuring(file))));
  }

  /** The document, and the files that it was read from, with `PID` for the first process and `ID` for the id. */
  async function readUndisturbed(program: Program): Promise<{ files: string[]; undisturbed: Properties }> {
    const container = await startFullContainer(engine, disk);
    const { code, stdout, stderr, opened } = await traceOpened(program(container.id));
    await container.remove();
    assert.equal(code, 0, stderr);
    const files = [...opened].filter((path) => isFileOf(path, container)).map((path) => asPattern(path, container));
    // Statistics alone needs no list of processes where the runtime wrote down where the cgroups are.
    const lists = program === inspect ? ['cgroup.procs'] : [];
    for (const name of [...(cgroupMounts().has('memory') ? v1Files : v2Files), ...lists]) {
      assert.ok(
        files.some((file) => file.endsWith(`/${name}`)),
        `${name} is read: ${files.join(' ')}`,
      );
    }
    return { files, undisturbed: JSON.parse(stdout) };
  }
});

/** What `test` hands to its function. */
type TestContext = Parameters<NonNullable<Parameters<typeof test>[0]>>[0];

/** A file that is held up, and for how many seconds. */
interface HeldUp extends Moment {
  file: string;
  delay: number;
}

/** How the program ended; undefined when the file was let go before the container had gone. */
async function removeWhileHeldUp(
  container: RuncContainer,
  program: readonly string[],
  heldUp: HeldUp,
): Promise<Outcome | undefined> {
  const { file, delay, calls, time } = heldUp;
  using scratch = new Undo();
  const log = `${scratchFolder(scratch)}/trace`;
  const inject = `inject=${calls}:delay_enter=${delay * 1e6}:when=${time}`;
  const strace = ['-f', '-qq', '-e', 'signal=none', '-o', log, '-P', file, '-e', `trace=${calls}`, '-e', inject];
  const running = run('strace', [...strace, process.execPath, ...program]);
  await Promise.race([running, until(`${file} is held up`, () => isHeldUp(log, heldUp))]);
  await container.remove();
  const inTime = isHeldUp(log, heldUp);
  const outcome = await running;
  return inTime ? outcome : undefined;
}

/** While strace holds up a call, its line in the log has no end: the result is missing. */
function isHeldUp(log: string, { time }: Moment): boolean {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return lines.length === time && lines.at(-1) !== '';
}

function isFileOf(path: string, { cgroups, pid }: RuncContainer): boolean {
  if (path.startsWith(`/proc/${pid}/`)) return true;
  return [...cgroups.keys()].some((controller) => `${path}/`.startsWith(`${cgroupFolder(cgroups, controller)}/`));
}

function asPattern(path: string, { id, pid }: RuncContainer): string {
  return path.replace(id, 'ID').replace(`/proc/${pid}/`, '/proc/PID/');
}

/** It had gone altogether when it was told of, so all is told of the time when it was whole: no process is missing. */
function assertWholeAsBefore(document: Properties, undisturbed: Properties): void {
  assertWhole(document, undisturbed);
  assert.equal(document.ProcessList?.length, undisturbed.ProcessList?.length);
}

function assertNotFoundLine({ code, stdout, stderr }: Outcome, id: string): void {
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /^[^\n]+\n$/, 'one line');
  assert.ok(stderr.includes(id), stderr);
}
