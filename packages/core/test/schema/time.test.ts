import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rfc3339FromUnixMs, rfc3339FromUnixTicks, unixTicksFromRfc3339 } from '../../dist/schema/time.js';

test('milliseconds are written as Date.toISOString does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
      assert.equal(rfc3339FromUnixMs(ms), new Date(ms).toISOString());
    }),
  );
});

test('a time that has no RFC 3339 text is refused', () => {
  for (const ms of [Number.NaN, -62_167_219_200_001, 253_402_300_800_000]) {
    assert.throws(() => rfc3339FromUnixMs(ms), RangeError, `${ms}`);
  }
});

test('100 ns digits survive writing and reading', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 253_402_300_799_999n * 10_000n }), (ticks) => {
      assert.equal(unixTicksFromRfc3339(rfc3339FromUnixTicks(ticks)), ticks);
    }),
  );
});
