import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessDetails } from '../../dist/schema/process-details.js';
import { outcomeOfStatus, outcomeOfWin32 } from '../../dist/windows/members.js';
import { parsePids, roomFor } from '../../dist/windows/pid-list.js';
import { sumSnapshot } from '../../dist/windows/private-working-set.js';
import { parseCounters, parseTimes } from '../../dist/windows/process-list.js';
import { parseProcessSnapshot } from '../../dist/windows/process-snapshot.js';
import { numberedWords, viewOf, wordAt } from './structures.js';

const path = 'Memory.MemoryUsagePrivateWorkingSetBytes';

test('pids are 8 bytes apart, and as many as are in the list', () => {
  const view = viewOf(8 + 8 * 4);
  view.setUint32(0, 9, true);
  view.setUint32(4, 2, true);
  view.setBigUint64(8, 4242n, true);
  view.setBigUint64(16, 0xfffffffcn, true);
  assert.deepEqual(parsePids(view), [4242, 0xfffffffc]);
});

test('a list that claims more pids than it has room for is refused', () => {
  const view = viewOf(8 + 8 * 2);
  view.setUint32(4, 3, true);
  assert.throws(() => parsePids(view), { code: 'ERR_PARSE' });
});

test('the list grows by what is needed and a quarter, or to twice its size, within bounds', () => {
  assert.equal(roomFor(64, 600), 750);
  assert.equal(roomFor(64, 65), 128);
  assert.equal(roomFor(64, 0), 128);
  assert.equal(roomFor(64, 0xffffffff), 1 << 22);
});

test('what became of a process is told by its status', () => {
  assert.equal(outcomeOfWin32(87), 'gone');
  assert.equal(outcomeOfWin32(5), 'denied');
  assert.equal(outcomeOfWin32(1450), 'unreadable');
  assert.equal(outcomeOfStatus(0), 'read');
  assert.equal(outcomeOfStatus(0x40000000), 'read');
  assert.equal(outcomeOfStatus(0xc000010a), 'gone');
  assert.equal(outcomeOfStatus(0xc0000022), 'denied');
  assert.equal(outcomeOfStatus(0xc0000004), 'unreadable');
});

test('sizes and times of one process', () => {
  const details: ProcessDetails = { ProcessId: 1 };
  const counters = numberedWords(112);
  counters.setBigUint64(32, 5_000_000n, true);
  parseCounters({ view: counters }, true, details);
  const times = numberedWords(32);
  times.setBigUint64(0, 133_800_000_001_234_567n, true);
  parseTimes(times, details);
  assert.deepEqual(details, {
    ProcessId: 1,
    MemoryCommitBytes: wordAt(88),
    MemoryWorkingSetPrivateBytes: wordAt(96),
    MemoryWorkingSetSharedBytes: 5_000_000 - wordAt(96),
    CreateTimestamp: '2024-12-30T02:40:00.1234567Z',
    UserTime100ns: wordAt(24),
    KernelTime100ns: wordAt(16),
  });
});

test('the private part of a working set is not made up from 96 bytes', () => {
  const details: ProcessDetails = { ProcessId: 1 };
  parseCounters({ view: numberedWords(96) }, false, details);
  assert.deepEqual(details, { ProcessId: 1, MemoryCommitBytes: wordAt(88) });
});

/** Entries of 336 bytes (one thread each), chained. */
function snapshotOf(processes: readonly { pid: number; privateBytes: number; workingSetBytes: number }[]): DataView {
  const view = viewOf(336 * processes.length);
  processes.forEach(({ pid, privateBytes, workingSetBytes }, i) => {
    view.setUint32(336 * i, i === processes.length - 1 ? 0 : 336, true);
    view.setBigUint64(336 * i + 8, BigInt(privateBytes), true);
    view.setBigUint64(336 * i + 80, BigInt(pid), true);
    view.setBigUint64(336 * i + 144, BigInt(workingSetBytes), true);
  });
  return view;
}

test('a host-wide answer is filtered by pid', () => {
  const view = snapshotOf([
    { pid: 4, privateBytes: 1, workingSetBytes: 2 },
    { pid: 8, privateBytes: 30, workingSetBytes: 40 },
    { pid: 12, privateBytes: 500, workingSetBytes: 600 },
  ]);
  const entries = parseProcessSnapshot(view, new Set([8, 12, 16]));
  assert.deepEqual([...entries.keys()], [8, 12]);
  assert.deepEqual(entries.get(12), { privateBytes: 500, workingSetBytes: 600 });
});

test('a host-wide answer whose chain leaves it is refused', () => {
  const view = snapshotOf([{ pid: 4, privateBytes: 1, workingSetBytes: 2 }]);
  view.setUint32(0, 336, true);
  assert.throws(() => parseProcessSnapshot(view, new Set([4])), { code: 'ERR_PARSE' });
});

test('the host-wide way counts what it could not read, and says which way it was', () => {
  const entries = new Map([
    [1, { privateBytes: 100, workingSetBytes: 300 }],
    [2, { privateBytes: 0, workingSetBytes: 300 }],
    [3, { privateBytes: 0, workingSetBytes: 0 }],
    [4, { privateBytes: 7000, workingSetBytes: 9000 }],
  ]);
  const reading = sumSnapshot([1, 2, 3, 4, 5], entries, new Set([1, 2, 3, 5]));
  assert.equal(reading.values, 100);
  assert.deepEqual(reading.processes, { listed: 5, read: 2, gone: 2, denied: 0, reused: 0, unreadable: 1 });
  assert.match(reading.sources[path] ?? '', /host-wide/);
});

test('a private working set of which nothing was read is absent, never 0', () => {
  const reading = sumSnapshot([2], new Map([[2, { privateBytes: 0, workingSetBytes: 300 }]]), new Set([2]));
  assert.equal(reading.values, undefined);
  assert.equal(reading.absent?.[path]?.code, 'ERR_UNSUPPORTED');
});

test('the private working set of no process is a measured 0', () => {
  assert.equal(sumSnapshot([], new Map(), new Set()).values, 0);
  assert.equal(sumSnapshot([9], new Map(), new Set()).values, 0);
});
