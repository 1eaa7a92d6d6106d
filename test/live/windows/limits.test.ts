import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { JobObject } from '#core/windows/job-object.js';
import { hook, skipReason, uniqueId, useHook } from './lab.js';

useHook();
const skip = skipReason({ figures: true });
const withHook = skipReason({ hook: true });
const bare = skipReason({ bareWine: true });

function create(test: { after(done: () => void): void }) {
  const name = `\\Container_${uniqueId()}`;
  const job = JobObject.create({ name });
  test.after(() => job.close());
  const reader = JobObject.open(name);
  test.after(() => reader.close());
  return { job, reader };
}

test('a new job has no limits', { skip }, (t) => {
  const { reader } = create(t);
  const { values, absent } = reader.limits();
  assert.deepEqual(values, { MemoryBytes: null, ProcessCount: null, Processors: null });
  assert.deepEqual(absent ?? {}, {});
});

test('each limit is set alone, and keeps the others', { skip }, (t) => {
  const { job, reader } = create(t);
  job.setLimits({ memoryBytes: 5_000_000_000 });
  job.setLimits({ processCount: 17 });
  job.setLimits({ killOnClose: true });
  job.setLimits({ processors: 0.5 });
  const expected = { MemoryBytes: 5_000_000_000, ProcessCount: 17, Processors: 0.5 };
  assert.deepEqual(reader.limits().values, expected);
  job.setLimits({ processCount: null });
  assert.deepEqual(reader.limits().values, { ...expected, ProcessCount: null });
  job.setLimits({ memoryBytes: null });
  assert.deepEqual(reader.limits().values, { MemoryBytes: null, ProcessCount: null, Processors: 0.5 });
  job.setLimits({ processors: null });
  assert.deepEqual(reader.limits().values, { MemoryBytes: null, ProcessCount: null, Processors: null });
});

test('a processor limit is set a second time', { skip }, (t) => {
  const { job, reader } = create(t);
  job.setLimits({ processors: 0.25 });
  job.setLimits({ processors: availableParallelism() });
  assert.equal(reader.limits().values?.Processors, availableParallelism());
});

test('a bad limit changes nothing, not even the good one beside it', { skip }, (t) => {
  const { job, reader } = create(t);
  job.setLimits({ memoryBytes: 1_000_000_000 });
  assert.throws(() => job.setLimits({ memoryBytes: 2_000_000_000, processors: -1 }), { code: 'ERR_INVALID_ARGUMENT' });
  assert.throws(() => job.setLimits({ memoryBytes: 0 }), { code: 'ERR_INVALID_ARGUMENT' });
  assert.equal(reader.limits().values?.MemoryBytes, 1_000_000_000);
});

test('a job whose limits cannot be set is not left behind', { skip: withHook }, (t) => {
  hook().reset();
  t.after(() => hook().reset());
  const name = `\\Container_${uniqueId()}`;
  hook().fail({ call: 'NtSetInformationJobObject', of: 9, times: 1 }, 0xc000000d);
  assert.throws(() => JobObject.create({ name, limits: { memoryBytes: 1_000_000_000 } }), { code: 'ERR_UNSUPPORTED' });
  const again = JobObject.create({ name });
  again.close();
});

test('where rates cannot be read, the processor limit alone is absent', { skip: bare }, (t) => {
  const { reader } = create(t);
  const { values, absent } = reader.limits();
  assert.deepEqual(values, { MemoryBytes: null, ProcessCount: null });
  assert.deepEqual(
    Object.entries(absent ?? {}).map(([path, { code }]) => [path, code]),
    [['Processors', 'ERR_UNSUPPORTED']],
  );
});
