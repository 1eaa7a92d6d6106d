import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAuxv } from '../../dist/linux/parse/auxv.js';
import { parseBlkioThrottle } from '../../dist/linux/parse/blkio-throttle.js';
import { parseCgroupProcs } from '../../dist/linux/parse/cgroup-procs.js';
import { add, digitsOf, multiply, TooLarge } from '../../dist/linux/parse/counter.js';
import { parseIoStat } from '../../dist/linux/parse/io-stat.js';
import { KeyedNumber } from '../../dist/linux/parse/keyed-number.js';
import { parseMountinfo } from '../../dist/linux/parse/mountinfo.js';
import { parseProcCgroup } from '../../dist/linux/parse/proc-cgroup.js';
import { parseProcessStat } from '../../dist/linux/parse/proc-stat.js';
import { parseSwap } from '../../dist/linux/parse/proc-status.js';
import { parseLimit, parseNanoseconds, parseSingleNumber } from '../../dist/linux/parse/single-number.js';
import { parseStatm } from '../../dist/linux/parse/statm.js';
import { parseSwaps } from '../../dist/linux/parse/swaps.js';

type Parse = (bytes: Uint8Array, length: number, file: string) => unknown;

const keyed = new KeyedNumber('total_rss', 10);
const parsers: Readonly<Record<string, { parse: Parse; example: string }>> = {
  'a single number': { parse: parseSingleNumber, example: '41807872\n' },
  'a number of nanoseconds': { parse: parseNanoseconds, example: '1503268971\n' },
  'a limit': { parse: parseLimit, example: 'max\n' },
  'a keyed line': {
    parse: (bytes, length, file) => keyed.parse(bytes, length, file),
    example: 'rss 4096\ntotal_cache 313929728\ntotal_rss 40673280\ntotal_rss_huge 0\n',
  },
  'io.stat': { parse: parseIoStat, example: '7:7 8:0 rbytes=1 wbytes=52428800 rios=20 wios=100 dbytes=0 dios=0\n' },
  'blkio.throttle': { parse: parseBlkioThrottle, example: '7:0 Read 4096\n7:0 Write 5\n7:0 Sync 0\nTotal 4101\n' },
  'cgroup.procs': {
    parse: (bytes, length, file) => {
      const pids = new Set<number>();
      const hidden = parseCgroupProcs(bytes, length, file, pids);
      return { hidden, pids: [...pids] };
    },
    example: '17\n4242\n0\n4300\n',
  },
  '/proc/PID/stat': {
    parse: parseProcessStat,
    example: '42 (a) b) S 1 42 42 0 -1 4194560 1071 0 0 0 150 50 0 0 20 0 4 0 360000 1056768000 1234 1\n',
  },
  '/proc/PID/statm': { parse: parseStatm, example: '30000 11000 1000 300 0 9000 0\n' },
  '/proc/PID/status': { parse: parseSwap, example: 'Name:\tx\nVmSwap:\t    2048 kB\nThreads:\t1\n' },
  '/proc/PID/cgroup': { parse: parseProcCgroup, example: '2:cpu,cpuacct:/docker/a\n0::/\n' },
  mountinfo: { parse: parseMountinfo, example: '33 22 0:28 / /sys/fs/cgroup rw - cgroup cgroup rw,memory\n' },
  auxv: {
    parse: parseAuxv,
    example: Buffer.from(new BigUint64Array([6n, 4096n, 17n, 100n, 0n, 0n]).buffer).toString('latin1'),
  },
  '/proc/swaps': { parse: parseSwaps, example: 'Filename\n/dev/dm-1 1 0 -2\n' },
};

/** Parses; what is not understood must be ERR_PARSE, and what is understood must be sound. */
function parsesOrRefuses(parse: Parse, text: Uint8Array): void {
  const bytes = Buffer.concat([text, Buffer.from('9'.repeat(64))]);
  let value: unknown;
  try {
    value = parse(bytes, text.length, '/x/file');
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ERR_PARSE', String(error));
    return;
  }
  assertSound(value);
}

function assertSound(value: unknown): void {
  if (value instanceof TooLarge) {
    assert.match(value.text, /^\d{16,25}$/);
    assert.ok(BigInt(value.text) > BigInt(Number.MAX_SAFE_INTEGER), value.text);
  } else if (typeof value === 'number') {
    assert.ok(Number.isSafeInteger(value) && value >= 0, String(value));
  } else if (value instanceof Map) {
    for (const entry of value) assertSound(entry);
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) assertSound(member);
  }
}

/** A file with some bytes changed, left out, doubled, or replaced by ones that matter. */
const mutated = (example: string) =>
  fc
    .array(
      fc.record({
        at: fc.nat(example.length),
        drop: fc.nat(4),
        put: fc.oneof(
          fc.constantFrom('', '\n', ' ', '-', '0', 'max', '9'.repeat(17), '18446744073709551616', ':', '=', '(', ')'),
          fc.string({ maxLength: 3, unit: 'binary-ascii' }),
        ),
      }),
      { maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), example),
    );

describe('parsers give values or ERR_PARSE, whatever they are given', () => {
  for (const [name, { parse, example }] of Object.entries(parsers)) {
    it(`${name}: any bytes`, () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => parsesOrRefuses(parse, bytes)));
    });
    it(`${name}: a changed file`, () => {
      parsesOrRefuses(parse, Buffer.from(example, 'latin1'));
      fc.assert(
        fc.property(mutated(example), (text) => parsesOrRefuses(parse, Buffer.from(text, 'latin1'))),
        { numRuns: 500 },
      );
    });
  }
});

const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 20n, max: 2n ** 53n + 20n }),
  fc.bigInt({ min: 0n, max: 1000n }),
);
const file = (text: string): [Uint8Array, number, string] => [Buffer.from(text), text.length, '/x/file'];
const counterOf = (value: bigint) =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : new TooLarge(value.toString());

describe('numbers are exact', () => {
  it('as they stand in a file', () => {
    fc.assert(
      fc.property(u64, (value) => {
        assert.deepEqual(parseSingleNumber(...file(`${value}\n`)), counterOf(value));
        assert.deepEqual(parseNanoseconds(...file(`${value}\n`)), counterOf(value / 100n));
      }),
    );
  });
  it('added and multiplied', () => {
    fc.assert(
      fc.property(u64, u64, fc.integer({ min: 1, max: 10_000_000 }), (a, b, factor) => {
        assert.deepEqual(add(counterOf(a), counterOf(b)), counterOf(a + b));
        assert.deepEqual(multiply(counterOf(a), factor), counterOf(a * BigInt(factor)));
        assert.equal(digitsOf(counterOf(a)), a);
      }),
    );
  });
  it('added up over the devices of io.stat', () => {
    const device = fc.tuple(u64, u64, u64, u64);
    fc.assert(
      fc.property(fc.array(device, { maxLength: 5 }), (devices) => {
        const lines = devices.map(
          ([r, w, ro, wo], index) => `8:${index} rbytes=${r} wbytes=${w} rios=${ro} wios=${wo} dbytes=0 dios=0\n`,
        );
        const sum = (column: 0 | 1 | 2 | 3) => counterOf(devices.reduce((total, row) => total + row[column], 0n));
        assert.deepEqual(parseIoStat(...file(lines.join(''))), {
          readBytes: sum(0),
          writeBytes: sum(1),
          reads: sum(2),
          writes: sum(3),
        });
      }),
    );
  });
});
