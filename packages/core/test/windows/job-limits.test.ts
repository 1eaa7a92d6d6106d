import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLimits, parseCpuRate, parseExtendedLimits, writeExtendedLimits } from '../../dist/windows/job-limits.js';
import { numberedWords, viewOf } from './structures.js';

const flagsAt = 16;
const activeProcessLimitAt = 40;
const jobMemoryLimitAt = 120;

test('a limit counts only with its flag', () => {
  const view = viewOf(144);
  view.setUint32(activeProcessLimitAt, 7, true);
  view.setBigUint64(jobMemoryLimitAt, 123_456_789n, true);
  assert.deepEqual(parseExtendedLimits(view), { MemoryBytes: null, ProcessCount: null });
  view.setUint32(flagsAt, 0x200, true);
  assert.deepEqual(parseExtendedLimits(view), { MemoryBytes: 123_456_789, ProcessCount: null });
  view.setUint32(flagsAt, 0x8, true);
  assert.deepEqual(parseExtendedLimits(view), { MemoryBytes: null, ProcessCount: 7 });
});

test('setting one limit keeps every other byte', () => {
  const before = numberedWords(144);
  before.setUint32(flagsAt, 0x2000 | 0x10, true);
  const after = new DataView(before.buffer.slice(0));
  writeExtendedLimits(after, { memoryBytes: 5_000_000_000 });
  assert.equal(after.getUint32(flagsAt, true), 0x2000 | 0x10 | 0x200);
  assert.equal(after.getBigUint64(jobMemoryLimitAt, true), 5_000_000_000n);
  after.setUint32(flagsAt, 0x2000 | 0x10, true);
  after.setBigUint64(jobMemoryLimitAt, before.getBigUint64(jobMemoryLimitAt, true), true);
  assert.deepEqual(new Uint8Array(after.buffer), new Uint8Array(before.buffer));
});

test('null takes a limit away, and what is left out stays', () => {
  const view = viewOf(144);
  writeExtendedLimits(view, { memoryBytes: 1000, processCount: 3, killOnClose: true });
  writeExtendedLimits(view, { memoryBytes: null });
  assert.deepEqual(parseExtendedLimits(view), { MemoryBytes: null, ProcessCount: 3 });
  assert.equal(view.getUint32(flagsAt, true), 0x2000 | 0x8);
  writeExtendedLimits(view, { killOnClose: false });
  assert.equal(view.getUint32(flagsAt, true), 0x8);
});

test('a processor limit is a share of all processors; weights and soft rates are none', () => {
  const rate = (flags: number, low: number, high = 0) => {
    const view = viewOf(8);
    view.setUint32(0, flags, true);
    view.setUint16(4, low, true);
    view.setUint16(6, high, true);
    return parseCpuRate(view, 8);
  };
  assert.equal(rate(0, 5000), null);
  assert.equal(rate(0x1 | 0x4, 5000), 4);
  assert.equal(rate(0x1 | 0x2, 5), null);
  assert.equal(rate(0x1, 5000), null);
  assert.equal(rate(0x1 | 0x10, 1000, 2500), 2);
});

test('limits are checked before anything is changed', () => {
  const check = (limits: object) => () => checkLimits('build', limits, 2);
  for (const good of [{}, { memoryBytes: 1 }, { memoryBytes: null }, { processors: 0.01 }, { processors: 2 }]) {
    assert.doesNotThrow(check(good));
  }
  const bad: object[] = [
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53].map((memoryBytes) => ({ memoryBytes })),
    ...[0, -1, 2.01, Number.NaN, Number.POSITIVE_INFINITY].map((processors) => ({ processors })),
    ...[0, -1, 1.5, 2 ** 32].map((processCount) => ({ processCount })),
  ];
  for (const limits of bad) {
    assert.throws(check(limits), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(limits));
  }
});
