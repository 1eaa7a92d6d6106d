import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { JobContainer } from '#core/index.js';
import { createJobContainer } from '#core/index.js';
import { closeHandle } from '#core/windows/call/handle.js';
import { openNullDevice } from '#core/windows/call/stdio.js';
import { footprint } from './footprint.js';
import { jobContainer } from './job-containers.js';
import { programPath, skipReason, useHook } from './lab.js';

useHook();
/** For what would never come if the code were wrong. */
const timeout = 240_000;
const skip = skipReason({ programs: true });
/** Long loops run once: on Wine as it is, fewer. */
const spawns = skipReason({ bareWine: true }) === false ? 100 : 1000;
const together = 4;
/** Wine counts handles in powers of two. */
const spareHandles = 64;

/** So many processes that end at once, some at a time; every second one has pipes. */
async function spawnMany(job: JobContainer, count: number): Promise<void> {
  const one = async (index: number) => {
    const stdio = index % 2 === 0 ? 'pipe' : 'ignore';
    const child = job.spawn(programPath('member'), ['sleep', '0'], { stdio });
    assert.deepEqual(await once(child, 'close'), [0, null]);
  };
  for (let i = 0; i < count; i += together) await Promise.all(Array.from({ length: together }, (_, k) => one(i + k)));
}

test('many processes of a job leave no handle and no process', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  await spawnMany(job, 40);
  const before = footprint();
  await spawnMany(job, spawns);
  await job.wait();
  // One that Wine gave up counts too.
  assert.ok((job.started() as { count: number }).count >= 40 + spawns);
  assert.deepEqual((await job.properties(['ProcessList'])).ProcessList, []);
  const grown = footprint().handles - before.handles;
  t.diagnostic(`${grown} handles`);
  assert.ok(grown <= spareHandles, `${grown} handles`);
  await job.close();
});

test('a command that is refused leaves no handle', { skip, timeout }, async () => {
  const job = await createJobContainer();
  const refuse = async () => {
    assert.throws(() => job.spawn('no-such-program'), { code: 'ERR_NOT_FOUND' });
    assert.throws(() => job.spawn(process.execPath, [], { stdio: ['pipe', 'pipe', 99] }), {
      code: 'ERR_INVALID_ARGUMENT',
    });
    // Node closes what it has given up in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let i = 0; i < 20; i++) await refuse();
  const before = footprint();
  for (let i = 0; i < 300; i++) await refuse();
  const grown = footprint().handles - before.handles;
  assert.ok(grown <= spareHandles, `${grown} handles`);
  await job.close();
});

test('control: handles that are kept are seen', { skip }, () => {
  const before = footprint();
  const kept = Array.from({ length: 1000 }, () => openNullDevice('read'));
  const grown = footprint().handles - before.handles;
  for (const handle of kept) if (typeof handle === 'number') closeHandle(handle);
  assert.ok(grown > spareHandles, `${grown} handles`);
});
