import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsePerfRecords, perfEventAttributes } from '../../dist/linux/parse/perf-records.js';
import { processorsOf } from '../../dist/linux/parse/processor-list.js';

/** A record as linux/perf_event.h has it: type, misc, size, then words of 32 bits. */
function record(type: number, ...words: number[]): number[] {
  const view = new DataView(new ArrayBuffer(8 + 4 * words.length));
  view.setUint32(0, type, true);
  view.setUint16(6, view.byteLength, true);
  words.forEach((word, at) => {
    view.setUint32(8 + 4 * at, word, true);
  });
  return [...new Uint8Array(view.buffer)];
}

const fork = (pid: number, parent: number, thread = pid): number[] => record(7, pid, parent, thread, parent, 0, 0);
const exit = (pid: number): number[] => record(4, pid, 1, pid, 1, 0, 0);
const lost = (): number[] => record(2, 0, 0, 5, 0);

describe('perf records', () => {
  it('are the starts of processes, not those of threads, nor exits', () => {
    const bytes = new Uint8Array([...fork(10, 5), ...exit(10), ...fork(5, 5, 11), ...fork(12, 10)]);
    assert.deepEqual(parsePerfRecords(bytes), {
      starts: [
        { pid: 10, parent: 5 },
        { pid: 12, parent: 10 },
      ],
      lost: false,
    });
  });

  it('tell when some were lost, or make no sense', () => {
    assert.deepEqual(parsePerfRecords(new Uint8Array([...fork(10, 5), ...lost()])).lost, true);
    const cut = new Uint8Array([...fork(10, 5), ...fork(11, 5).slice(0, 20)]);
    assert.deepEqual(parsePerfRecords(cut), { starts: [{ pid: 10, parent: 5 }], lost: true });
    assert.deepEqual(parsePerfRecords(new Uint8Array(64)), { starts: [], lost: true });
    assert.deepEqual(parsePerfRecords(new Uint8Array()), { starts: [], lost: false });
  });

  it('are read to their end whatever stands in them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { starts } = parsePerfRecords(bytes);
        assert.ok(starts.length * 24 <= bytes.length);
      }),
    );
  });

  it('are asked for by an event that counts nothing and is handed down', () => {
    const view = new DataView(perfEventAttributes.buffer);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true), view.getBigUint64(8, true)], [1, 112, 9n]);
    assert.equal(view.getBigUint64(40, true), 0x2062n);
  });
});

describe('a list of processors', () => {
  for (const [text, expected] of [
    ['0\n', [0]],
    ['0-3,8\n', [0, 1, 2, 3, 8]],
    ['1,3-4', [1, 3, 4]],
    ['\n', [0]],
    ['x', []],
    ['3-1', []],
  ] as const) {
    it(JSON.stringify(text), () => assert.deepEqual(processorsOf(text), expected));
  }
});
