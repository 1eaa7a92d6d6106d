import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMemory, parseProcessor, parseRequestedIo, parseStorage } from '../../dist/windows/job-figures.js';
import { numberedWords, viewOf, wordAt } from './structures.js';

test('commit and its peak come from class 28', () => {
  assert.deepEqual(parseMemory(numberedWords(16)).values, {
    MemoryUsageCommitBytes: wordAt(0),
    MemoryUsageCommitPeakBytes: wordAt(8),
  });
});

test('a counter above 2^53 is absent, and its digits stand in the reason', () => {
  const view = viewOf(16);
  view.setBigUint64(0, 2n ** 53n - 1n, true);
  view.setBigUint64(8, 2n ** 53n + 1n, true);
  const { values, absent } = parseMemory(view);
  assert.deepEqual(values, { MemoryUsageCommitBytes: 2 ** 53 - 1 });
  assert.equal(absent?.['Memory.MemoryUsageCommitPeakBytes']?.code, 'ERR_UNSUPPORTED');
  assert.match(absent?.['Memory.MemoryUsageCommitPeakBytes']?.message ?? '', /^9007199254740993 /);
});

test('user time comes before kernel time in class 1, and the total is their sum', () => {
  assert.deepEqual(parseProcessor(numberedWords(48)).values, {
    RuntimeUser100ns: wordAt(0),
    RuntimeKernel100ns: wordAt(8),
    TotalRuntime100ns: wordAt(0) + wordAt(8),
  });
});

test('processor time that a number cannot hold is absent as a whole', () => {
  const view = viewOf(48);
  view.setBigUint64(8, 2n ** 60n, true);
  const { values, absent } = parseProcessor(view);
  assert.equal(values, undefined);
  assert.match(Object.values(absent ?? {})[0]?.message ?? '', /1152921504606846976/);
});

test('storage takes the counts and sizes of class 42, not its times', () => {
  assert.deepEqual(parseStorage(numberedWords(72)).values, {
    ReadCountNormalized: wordAt(8),
    ReadSizeBytes: wordAt(8 + 24),
    WriteCountNormalized: wordAt(40),
    WriteSizeBytes: wordAt(40 + 24),
  });
});

test('requested I/O stands behind the accounting in class 8', () => {
  assert.deepEqual(parseRequestedIo(numberedWords(96)), {
    readOperations: wordAt(48),
    writeOperations: wordAt(56),
    otherOperations: wordAt(64),
    readBytes: wordAt(72),
    writtenBytes: wordAt(80),
    otherBytes: wordAt(88),
  });
});
