import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Properties, ratesBetween } from '../dist/index.js';

const second = 1_000_000_000n;

function document(processor: object, storage: object = {}): Properties {
  return { Id: 'web', Statistics: { Processor: processor, Storage: storage } };
}

describe('ratesBetween', () => {
  it('gives processors as processor time over the time that passed', () => {
    const rates = ratesBetween(
      document({ TotalRuntime100ns: 5_000_000 }),
      document({ TotalRuntime100ns: 35_000_000 }),
      2n * second,
    );
    assert.deepEqual(rates, { processors: 1.5 });
  });

  it('gives bytes and operations per second', () => {
    const storage = { ReadCountNormalized: 1, ReadSizeBytes: 2, WriteCountNormalized: 3, WriteSizeBytes: 4 };
    const later = { ReadCountNormalized: 3, ReadSizeBytes: 6, WriteCountNormalized: 9, WriteSizeBytes: 12 };
    assert.deepEqual(ratesBetween(document({}, storage), document({}, later), second / 2n), {
      readsPerSecond: 4,
      readBytesPerSecond: 8,
      writesPerSecond: 12,
      writeBytesPerSecond: 16,
    });
  });

  it('leaves out what one of the readings lacks: unknown is never 0', () => {
    const full = document({ TotalRuntime100ns: 1 }, { ReadSizeBytes: 0 });
    assert.deepEqual(ratesBetween(full, { Id: 'web' }, second), {});
    assert.deepEqual(ratesBetween({ Id: 'web', Statistics: {} }, full, second), {});
    assert.deepEqual(ratesBetween(full, full, second), { processors: 0, readBytesPerSecond: 0 });
  });

  it('rule 11: gives nothing when any counter went backwards, also one that has no rate of its own', () => {
    const earlier = document({ TotalRuntime100ns: 10, RuntimeUser100ns: 8 }, { WriteSizeBytes: 5 });
    const later = document({ TotalRuntime100ns: 20, RuntimeUser100ns: 7 }, { WriteSizeBytes: 6 });
    assert.equal(ratesBetween(earlier, later, second), undefined);
  });

  it('does not mind a gauge that falls', () => {
    const memory = (bytes: number): Properties => ({
      Id: 'web',
      Statistics: { Uptime100ns: bytes, Memory: { MemoryUsageCommitBytes: bytes } },
    });
    assert.deepEqual(ratesBetween(memory(2), memory(1), second), {});
  });

  it('does not mind a counter that Windows keeps in 32 bits', () => {
    const faults = (PageFaultCount: number): Properties => ({ Id: 'web', Faults: { PageFaultCount } });
    assert.deepEqual(ratesBetween(faults(2 ** 32 - 1), faults(5), second), {});
  });

  it('does not mind a process whose counters are less than those of an earlier one', () => {
    const list = (time: number): Properties => ({ Id: 'web', ProcessList: [{ ProcessId: 7, UserTime100ns: time }] });
    assert.deepEqual(ratesBetween(list(2), list(1), second), {});
  });

  it('gives nothing when no time has passed', () => {
    const reading = document({ TotalRuntime100ns: 1 });
    assert.equal(ratesBetween(reading, reading, 0n), undefined);
    assert.equal(ratesBetween(reading, reading, -1n), undefined);
  });

  it('is never negative and never NaN, and scales with the time', () => {
    const counter = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(counter, counter, fc.bigInt(1n, 10n ** 15n), (before, after, elapsed) => {
        const rates = ratesBetween(
          document({ TotalRuntime100ns: before }),
          document({ TotalRuntime100ns: after }),
          elapsed,
        );
        if (after < before) return rates === undefined;
        const expected = (after - before) * 100;
        return Math.abs((rates?.processors ?? Number.NaN) * Number(elapsed) - expected) <= expected * 1e-9;
      }),
    );
  });
});
