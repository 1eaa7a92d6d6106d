import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProcFs } from '../../dist/linux/process/proc.js';
import { oldestOf } from '../../dist/linux/process/process-age.js';
import { fixture, makeTree } from './tree.ts';

const proc = new ProcFs(`${fixture('v2-docker')}/proc`);
const auxv = Buffer.from(new BigUint64Array([6n, 4096n, 17n, 100n, 0n, 0n]).buffer).toString('latin1');

/** A host that booted at `btime`, with one process that was created `start` ticks later. */
function host(btime: string, start: string) {
  return makeTree({
    'self/auxv': auxv,
    stat: `cpu 1 2 3\nbtime ${btime}\n`,
    '7/stat': `7 (x) S 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 ${start} 0 0\n`,
  });
}

describe('a proc file system', () => {
  it('tells when a process was created, in 100 ns', () => {
    assert.equal(proc.createTime(4100), 17_900_036_000_000_000n);
    assert.equal(proc.createTime(4242), 17_900_036_015_000_000n);
  });
  it('refuses a time that no calendar has', () => {
    using far = host('1790000000', '18446744073709551615');
    assert.throws(() => new ProcFs(far.root).createTime(7), { code: 'ERR_PARSE', subject: `${far.root}/7/stat` });
    using farther = host('18446744073709551615', '1');
    assert.throws(() => new ProcFs(farther.root).createTime(7), { code: 'ERR_PARSE' });
    using latest = host('253402300799', '99');
    assert.equal(new ProcFs(latest.root).createTime(7), 2_534_023_007_999_900_000n);
  });
  it('reads the boot time once, so that create times do not follow the clock', () => {
    using tree = host('1790000000', '100');
    const same = new ProcFs(tree.root);
    assert.equal(same.createTime(7), 17_900_000_010_000_000n);
    tree.write('stat', 'btime 1790000009\n');
    assert.equal(same.createTime(7), 17_900_000_010_000_000n);
  });
  it('knows the oldest of some processes, though one has gone', () => {
    const pids = [4300, 4100, 99, 4242];
    assert.equal(oldestOf(proc, { pids, hidden: 0 })?.created, 17_900_036_000_000_000n);
    assert.equal(oldestOf(proc, { pids: [99], hidden: 0 }), undefined);
  });
  it('knows that there is swap, or cannot exclude it', () => {
    assert.equal(proc.hasSwap(), false);
    assert.equal(new ProcFs(`${fixture('hybrid-docker')}/proc`).hasSwap(), true);
    assert.equal(new ProcFs('/none').hasSwap(), true);
  });
  it('knows a process that only hides from one that is not there, in our own proc alone', () => {
    assert.equal(new ProcFs('/proc').isHidden(process.pid), true);
    assert.equal(new ProcFs('/proc').isHidden(2 ** 30), false);
    assert.equal(new ProcFs('/host/proc').isHidden(process.pid), false);
  });
  it('knows the page size of the machine', () => {
    assert.deepEqual(new ProcFs(`${fixture('v2-rootless')}/proc`).machine, { pageSize: 16384, clockTicks: 100 });
    assert.equal(new ProcFs(`${fixture('v2-rootless')}/proc`).pagesToBytes(3), 49152);
  });
});
