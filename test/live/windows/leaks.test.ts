import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate } from '#core/ffi.js';
import { JobObject } from '#core/windows/job-object.js';
import { Silo } from '#core/windows/silo.js';
import type { Footprint } from './footprint.js';
import { footprint } from './footprint.js';
import { skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason({ programs: true });
const rounds = 10_000;
/** Making a job and a port is no query: so many show a leak as well. */
const jobsMade = 2_000;
/** Wine counts handles in powers of two. */
const spareHandles = 64;
const spareBytes = 12 * 1024 * 1024;

/**
 * What so many rounds added to us, after enough of them that every buffer has its size. V8 takes its time to find the size
 * of its heap, so if they did add something the same is done once more: what leaks does so again.
 */
function growth(round: () => void, count: number = rounds): Footprint {
  for (let i = 0; i < 500; i++) round();
  const first = growthOf(round, count);
  return isFlat(first) ? first : growthOf(round, count);
}

function growthOf(round: () => void, count: number): Footprint {
  const before = footprint();
  for (let i = 0; i < count; i++) round();
  const after = footprint();
  return { handles: after.handles - before.handles, privateBytes: after.privateBytes - before.privateBytes };
}

function isFlat({ handles, privateBytes }: Footprint): boolean {
  return handles <= spareHandles && privateBytes <= spareBytes;
}

function queryOnce(id: string): void {
  const job = Silo.open(id);
  for (const read of [() => job.memory(), () => job.processor(), () => job.storage(), () => job.privateWorkingSet()]) {
    try {
      read();
    } catch {
      // Bare Wine has no such figure.
    }
  }
  job.processList();
  job.close();
}

test('10,000 rounds of open, query and close leave nothing behind', { skip }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 2);
  const grown = growth(() => queryOnce(id));
  t.diagnostic(JSON.stringify(grown));
  assert.ok(isFlat(grown), JSON.stringify(grown));
});

test('control: a reader that forgets to close is seen', { skip }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 0);
  const kept: JobObject[] = [];
  const grown = growth(() => kept.push(Silo.open(id)));
  for (const job of kept) job.close();
  t.diagnostic(JSON.stringify(grown));
  assert.ok(!isFlat({ ...grown, privateBytes: 0 }), JSON.stringify(grown));
});

test('control: memory that is kept is seen', { skip }, (t) => {
  const kept: unknown[] = [];
  const grown = growth(() => {
    const memory = allocate(2048);
    memory.bytes.fill(1);
    kept.push(memory);
  });
  t.diagnostic(JSON.stringify(grown));
  assert.ok(!isFlat({ ...grown, handles: 0 }), JSON.stringify(grown));
  assert.ok(kept.length > rounds);
});

test('jobs of our own and their notifications leave nothing behind', { skip: skipReason() }, (t) => {
  const grown = growth(() => {
    const job = JobObject.create({ limits: { killOnClose: true } });
    job.notifications().on('empty', () => {});
    job.close();
  }, jobsMade);
  t.diagnostic(JSON.stringify(grown));
  assert.ok(isFlat(grown), JSON.stringify(grown));
});
