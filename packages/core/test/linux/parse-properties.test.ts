import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAuxv } from '../../dist/linux/parse/auxv.js';
import { parseBlkioThrottle } from '../../dist/linux/parse/blkio-throttle.js';
import { parseCgroupProcs } from '../../dist/linux/parse/cgroup-procs.js';
import { add, digitsOf, multiply, TooLarge } from '../../dist/linux/parse/counter.js';
import { parseCfsPeriod, parseCfsQuota, parseCpuMax } from '../../dist/linux/parse/cpu-limit.js';
import { parseIoStat } from '../../dist/linux/parse/io-stat.js';
import { KeyedNumber } from '../../dist/linux/parse/keyed-number.js';
import { parseMountinfo } from '../../dist/linux/parse/mountinfo.js';
import { parseNetDev } from '../../dist/linux/parse/net-dev.js';
import { pressureTotal } from '../../dist/linux/parse/pressure.js';
import { parseProcCgroup } from '../../dist/linux/parse/proc-cgroup.js';
import { parseProcessStat } from '../../dist/linux/parse/proc-stat.js';
import { parseSwap } from '../../dist/linux/parse/proc-status.js';
import {
  parseLimit,
  parseMemoryLimit1,
  parseNanoseconds,
  parseSingleNumber,
} from '../../dist/linux/parse/single-number.js';
import { parseStatm } from '../../dist/linux/parse/statm.js';
import { parseSwaps } from '../../dist/linux/parse/swaps.js';

type Parse = (bytes: Uint8Array, length: number, file: string) => unknown;

const netDev = (line: string): string => `Inter-|   Receive\n face |bytes\n${line}`;

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
  'a limit of memory on v1': { parse: parseMemoryLimit1, example: '9223372036854771712\n' },
  'a quota': { parse: parseCfsQuota, example: '-1\n' },
  'a period': { parse: parseCfsPeriod, example: '100000\n' },
  'a line of pressure': {
    parse: pressureTotal('full'),
    example: 'some avg10=0.00 avg60=1.25 avg300=0.00 total=1834\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=977\n',
  },
  'net/dev': { parse: parseNetDev, example: netDev('  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n') },
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

const bytesOf = (value: bigint): bigint | null => (value >= 0x7fff_ffff_ffff_0000n ? null : value);

describe('limits, pressure and interfaces say what stands in their files', () => {
  it('a v1 limit is null from the largest page number on, and itself below', () => {
    const pages = fc.constantFrom(1n, 4096n, 65535n, 65536n, 65537n, 131_072n).map((less) => 2n ** 63n - less);
    const nearNone = fc.oneof(pages, fc.bigInt({ min: 2n ** 63n - 200_000n, max: 2n ** 63n }));
    fc.assert(
      fc.property(fc.oneof(u64, nearNone), (value) => {
        const expected = bytesOf(value);
        assert.deepEqual(parseMemoryLimit1(...file(`${value}\n`)), expected === null ? null : counterOf(expected));
      }),
    );
  });

  it('a processor limit is quota by period, null for max and -1, and never 0', () => {
    const time = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(time, time, (quota, period) => {
        assert.equal(parseCpuMax(...file(`${quota} ${period}\n`)), quota / period);
        assert.equal(parseCpuMax(...file(`max ${period}\n`)), null);
        assert.equal(parseCfsQuota(...file(`${quota}\n`)), quota);
        assert.equal(parseCfsPeriod(...file(`${period}\n`)), period);
        for (const wrong of [`0 ${period}\n`, `${quota} 0\n`, `${quota}\n`, `-1 ${period}\n`, `${quota} ${period}`]) {
          assert.throws(() => parseCpuMax(...file(wrong)), { code: 'ERR_PARSE' }, wrong);
        }
        assert.throws(() => parseCfsQuota(...file(`${quota}\n${period}\n`)), { code: 'ERR_PARSE' });
      }),
    );
    assert.equal(parseCfsQuota(...file('-1\n')), null);
    for (const wrong of ['-2\n', '-10\n', '0\n', '18446744073709551615\n']) {
      assert.throws(() => parseCfsQuota(...file(wrong)), { code: 'ERR_PARSE' }, wrong);
    }
  });

  it('pressure is the total of its line, whatever the averages; undefined without the line', () => {
    const average = fc.float({ min: 0, max: 100, noNaN: true }).map((value) => value.toFixed(2));
    fc.assert(
      fc.property(u64, u64, average, (some, full, avg) => {
        const line = (name: string, total: bigint): string =>
          `${name} avg10=${avg} avg60=${avg} avg300=${avg} total=${total}\n`;
        const text = line('some', some) + line('full', full);
        assert.deepEqual(pressureTotal('some')(...file(text)), counterOf(some * 10n));
        assert.deepEqual(pressureTotal('full')(...file(text)), counterOf(full * 10n));
        assert.equal(pressureTotal('full')(...file(line('some', some))), undefined);
        assert.throws(() => pressureTotal('some')(...file(text.replaceAll('total', 'sum'))), { code: 'ERR_PARSE' });
      }),
    );
  });

  it('an interface has its 16 columns, or is named as one that no number holds', () => {
    const columns = fc.array(u64, { minLength: 16, maxLength: 16 });
    const name = fc.stringMatching(/^[a-z][a-z0-9.:-]{0,14}$/);
    fc.assert(
      fc.property(name, columns, fc.boolean(), (Name, values, narrow) => {
        const text = netDev(`${Name}:${narrow ? '' : '   '}${values.join('  ')}\n`);
        const wanted = [0, 1, 3, 2, 8, 9, 11, 10].map((column) => values[column] ?? 0n);
        const { interfaces, tooLarge } = parseNetDev(...file(text));
        if (wanted.every((value) => value <= BigInt(Number.MAX_SAFE_INTEGER))) {
          assert.deepEqual(
            interfaces.map((one) => Object.values(one)),
            [[Name, ...wanted.map(Number)]],
          );
          assert.deepEqual(tooLarge, []);
        } else assert.deepEqual({ interfaces, tooLarge }, { interfaces: [], tooLarge: [Name] });
        assert.throws(() => parseNetDev(...file(text.slice(0, -1))), { code: 'ERR_PARSE' });
      }),
    );
  });
});
