import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  rfc3339FromFiletime,
  rfc3339FromUnixMs,
  rfc3339FromUnixTicks,
  unixTicksFromRfc3339,
} from '../dist/schema/time.js';

const firstTick = BigInt(Date.parse('0000-01-01T00:00:00Z')) * 10_000n;
const lastTick = BigInt(Date.parse('9999-12-31T23:59:59Z')) * 10_000n + 9_999_999n;
const anyTicks = fc.bigInt(firstTick, lastTick);

describe('times as RFC 3339', () => {
  it('has all seven digits of 100 ns, in UTC', () => {
    assert.equal(rfc3339FromUnixTicks(0n), '1970-01-01T00:00:00.0000000Z');
    assert.equal(rfc3339FromUnixTicks(17_149_800_001_234_567n), '2024-05-06T07:20:00.1234567Z');
    assert.equal(rfc3339FromUnixTicks(1n), '1970-01-01T00:00:00.0000001Z');
  });

  it('counts back before 1970', () => {
    assert.equal(rfc3339FromUnixTicks(-1n), '1969-12-31T23:59:59.9999999Z');
    assert.equal(rfc3339FromUnixTicks(-10_000_000n), '1969-12-31T23:59:59.0000000Z');
  });

  it('counts FILETIMEs from 1601', () => {
    assert.equal(rfc3339FromFiletime(0n), '1601-01-01T00:00:00.0000000Z');
    assert.equal(rfc3339FromFiletime(116444736000000000n), '1970-01-01T00:00:00.0000000Z');
    assert.equal(rfc3339FromFiletime(133594536001234567n), '2024-05-06T07:20:00.1234567Z');
  });

  it('refuses what RFC 3339 cannot write', () => {
    for (const ticks of [firstTick - 1n, lastTick + 1n, 2n ** 63n, -(2n ** 63n)]) {
      assert.throws(() => rfc3339FromUnixTicks(ticks), RangeError);
    }
    assert.throws(() => rfc3339FromFiletime(2n ** 63n - 1n), RangeError);
  });

  it('says the same as Date, to the millisecond, and sorts as the times do', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, (a, b) => {
        const [first, second] = [rfc3339FromUnixTicks(a), rfc3339FromUnixTicks(b)];
        const floored = a / 10_000n - (a % 10_000n < 0n ? 1n : 0n);
        assert.equal(Date.parse(`${first.slice(0, 23)}Z`), Number(floored));
        assert.equal(first < second, a < b);
      }),
    );
  });

  it('is read back as what was written', () => {
    fc.assert(
      fc.property(anyTicks, (ticks) => {
        assert.equal(unixTicksFromRfc3339(rfc3339FromUnixTicks(ticks)), ticks);
      }),
    );
  });
});

describe('times with milliseconds', () => {
  it('are written as Date.toISOString does, which however reads the files of the time zone', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        assert.equal(rfc3339FromUnixMs(ms), new Date(ms).toISOString());
      }),
    );
  });

  it('are refused outside the years 0000 to 9999', () => {
    for (const ms of [Number.NaN, -62_167_219_200_001, 253_402_300_800_000]) {
      assert.throws(() => rfc3339FromUnixMs(ms), RangeError);
    }
  });
});

describe('times out of RFC 3339', () => {
  const noon = BigInt(Date.parse('2024-05-06T12:00:00Z')) * 10_000n;

  for (const [fraction, ticks] of [
    ['', 0n],
    ['.1', 1_000_000n],
    ['.12', 1_200_000n],
    ['.123', 1_230_000n],
    ['.1234', 1_234_000n],
    ['.12345', 1_234_500n],
    ['.123456', 1_234_560n],
    ['.1234567', 1_234_567n],
    ['.12345678', 1_234_567n],
    ['.999999999', 9_999_999n],
    ['.000000000', 0n],
  ] as const) {
    it(`takes ${fraction.length === 0 ? 'no' : fraction.length - 1} digits of a second`, () => {
      assert.equal(unixTicksFromRfc3339(`2024-05-06T12:00:00${fraction}Z`), noon + ticks);
    });
  }

  it('takes offsets', () => {
    assert.equal(unixTicksFromRfc3339('2024-05-06T14:30:00+02:30'), noon);
    assert.equal(unixTicksFromRfc3339('2024-05-06T04:15:00.5-07:45'), noon + 5_000_000n);
    assert.equal(unixTicksFromRfc3339('2024-05-06T12:00:00-00:00'), noon);
    assert.equal(unixTicksFromRfc3339('2024-05-07T11:59:00+23:59'), noon);
  });

  it('takes lower case, which RFC 3339 allows', () => {
    assert.equal(unixTicksFromRfc3339('2024-05-06t12:00:00z'), noon);
  });

  it('takes any offset and any number of digits for what they stand for', () => {
    const fraction = fc.stringMatching(/^(\.\d{1,9})?$/);
    const offset = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), fraction, offset, (seconds, digits, minutes) => {
        const local = new Date((seconds + minutes * 60) * 1000).toISOString().slice(0, 19);
        const zone = new Date(Math.abs(minutes) * 60_000).toISOString().slice(11, 16);
        const expected = BigInt(seconds) * 10_000_000n + BigInt(digits.slice(1).padEnd(9, '0').slice(0, 7));
        assert.equal(unixTicksFromRfc3339(`${local}${digits}${minutes < 0 ? '-' : '+'}${zone}`), expected);
      }),
    );
  });

  for (const garbage of [
    '',
    'now',
    '2024-05-06',
    '2024-05-06T12:00:00',
    '2024-05-06 12:00:00Z',
    '2024-05-06T12:00Z',
    '2024-05-06T12:00:00.Z',
    '2024-05-06T12:00:00,5Z',
    '2024-05-06T12:00:00+0200',
    '2024-05-06T12:00:00+24:00',
    '2024-05-06T12:00:00+02:60',
    '2024-13-06T12:00:00Z',
    '2024-02-30T12:00:00Z',
    '2023-02-29T12:00:00Z',
    '2024-05-06T24:00:00Z',
    '2024-05-06T12:60:00Z',
    '2024-05-06T12:00:60Z',
    ' 2024-05-06T12:00:00Z',
    '2024-05-06T12:00:00Z\n',
    '+02024-05-06T12:00:00Z',
    '1714996800',
  ]) {
    it(`refuses ${JSON.stringify(garbage)}`, () => {
      assert.equal(unixTicksFromRfc3339(garbage), undefined);
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ticks = unixTicksFromRfc3339(text);
        assert.ok(ticks === undefined || typeof ticks === 'bigint');
      }),
    );
  });
});
