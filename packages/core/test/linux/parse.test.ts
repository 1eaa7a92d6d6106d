import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAuxv } from '../../dist/linux/parse/auxv.js';
import { parseBlkioThrottle } from '../../dist/linux/parse/blkio-throttle.js';
import { parseCgroupProcs } from '../../dist/linux/parse/cgroup-procs.js';
import { TooLarge } from '../../dist/linux/parse/counter.js';
import { parseIoStat } from '../../dist/linux/parse/io-stat.js';
import { KeyedNumber } from '../../dist/linux/parse/keyed-number.js';
import { parseMountinfo } from '../../dist/linux/parse/mountinfo.js';
import { parseProcCgroup } from '../../dist/linux/parse/proc-cgroup.js';
import { parseProcessStat } from '../../dist/linux/parse/proc-stat.js';
import { parseSwap } from '../../dist/linux/parse/proc-status.js';
import { parseLimit, parseNanoseconds, parseSingleNumber } from '../../dist/linux/parse/single-number.js';
import { parseStatm } from '../../dist/linux/parse/statm.js';
import { parseSwaps } from '../../dist/linux/parse/swaps.js';

type Parse<T> = (bytes: Uint8Array, length: number, file: string) => T;

/** Behind the text lies what an earlier, longer file left in the buffer: it must not be seen. */
function parse<T>(parser: Parse<T>, text: string, leftover = '7(9)\n8:0 rbytes=1 Total anon 5\n'): T {
  const bytes = Buffer.from(text + leftover, 'latin1');
  return parser(bytes, text.length, '/x/file');
}

function refuses<T>(parser: Parse<T>, text: string): void {
  assert.throws(
    () => parse(parser, text),
    (error: Error & { code?: string; subject?: string }) => {
      assert.equal(error.code, 'ERR_PARSE', `${JSON.stringify(text)}: ${error.message}`);
      assert.equal(error.subject, '/x/file');
      assert.match(error.message, /^cannot parse "\/x\/file": unexpected content: [^\n]+$/);
      return true;
    },
  );
}

const tooLarge = (text: string) => new TooLarge(text);

describe('a file of one number', () => {
  it('gives the number', () => {
    assert.equal(parse(parseSingleNumber, '0\n'), 0);
    assert.equal(parse(parseSingleNumber, '41807872\n'), 41807872);
    assert.equal(parse(parseSingleNumber, '9007199254740991\n'), Number.MAX_SAFE_INTEGER);
  });
  it('gives the digits of one above 2^53 instead of rounding it', () => {
    assert.deepEqual(parse(parseSingleNumber, '9007199254740992\n'), tooLarge('9007199254740992'));
    assert.deepEqual(parse(parseSingleNumber, '9223372036854771712\n'), tooLarge('9223372036854771712'));
    assert.deepEqual(parse(parseSingleNumber, '18446744073709551615\n'), tooLarge('18446744073709551615'));
  });
  it('refuses anything else', () => {
    for (const text of [
      '',
      '\n',
      '17',
      'max\n',
      '-1\n',
      '1 2\n',
      '1\n2\n',
      '1\n\n',
      ' 1\n',
      '1.5\n',
      '0x10\n',
      '1e3\n',
      '+1\n',
    ]) {
      refuses(parseSingleNumber, text);
    }
    refuses(parseSingleNumber, `${'1'.repeat(21)}\n`);
  });
  it('floors nanoseconds to 100 ns, exactly also above 2^53 ns', () => {
    assert.equal(parse(parseNanoseconds, '1503268971\n'), 15032689);
    assert.equal(parse(parseNanoseconds, '99\n'), 0);
    assert.equal(parse(parseNanoseconds, '9007199254740999\n'), 90071992547409);
    assert.equal(parse(parseNanoseconds, '900719925474099199\n'), 9007199254740991);
    assert.deepEqual(parse(parseNanoseconds, '900719925474099200\n'), tooLarge('9007199254740992'));
  });
  it('gives null for no limit', () => {
    assert.equal(parse(parseLimit, 'max\n'), null);
    assert.equal(parse(parseLimit, '4915\n'), 4915);
    for (const text of ['', 'maximum\n', 'max 5\n', 'ma\n']) refuses(parseLimit, text);
  });
});

describe('a line of a keyed file', () => {
  const stat = 'anon 41943040\nfile 20971520\nanon_thp 5\nkernel 3145728\n';
  const keyed = (key: string, scale?: number) => {
    const line = new KeyedNumber(key, scale);
    return (bytes: Uint8Array, length: number, file: string) => line.parse(bytes, length, file);
  };
  it('gives its number, wherever it stands', () => {
    assert.equal(parse(keyed('anon'), stat), 41943040);
    assert.equal(parse(keyed('anon_thp'), stat), 5);
    assert.equal(parse(keyed('kernel'), stat), 3145728);
    assert.equal(parse(keyed('kernel'), 'kernel 1\n'), 1);
  });
  it('finds the line again after the ones before it have changed their length', () => {
    const kernel = keyed('kernel');
    for (const text of [stat, stat, 'anon 1\nkernel 2\n', `file 3\n${stat}`, 'kernel 4\n', 'xkernel 9\nkernel 5\n']) {
      assert.equal(parse(kernel, text), parse(keyed('kernel'), text), text);
    }
  });
  it('does not take the end of a longer key for the key', () => {
    const rss = keyed('rss');
    assert.equal(parse(rss, 'abcdef 1\nrss 2\n'), 2);
    assert.equal(parse(rss, 'total_rss 1\nrss 3\n'), 3);
    const again = keyed('rss');
    assert.equal(parse(again, 'abc 1\nrss 2\n'), 2);
    assert.equal(parse(again, 'total_rss 1\nrss 3\n'), 3, 'where the line stood there is the end of another key');
  });
  it('scales the number, exactly', () => {
    assert.equal(parse(keyed('usage_usec', 10), 'usage_usec 12345678\n'), 123456780);
    assert.deepEqual(parse(keyed('u', 10), 'u 900719925474100\n'), tooLarge('9007199254741000'));
    assert.deepEqual(parse(keyed('u', 10), 'u 18446744073709551615\n'), tooLarge('184467440737095516150'));
  });
  it('refuses a file without it, and a line without a number', () => {
    for (const text of ['', '\n', 'file 1\n', 'anon\n', 'anon \n', 'anon x\n', 'anon 1x\n', 'anon -1\n', 'anon  1\n']) {
      refuses(keyed('anon'), text);
    }
  });
});

describe('io.stat', () => {
  const none = { readBytes: 0, writeBytes: 0, reads: 0, writes: 0 };
  it('adds up the devices', () => {
    const text =
      '254:0 rbytes=1048576 wbytes=52428800 rios=20 wios=100 dbytes=0 dios=0\n' +
      '8:16 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=8192 dios=2\n';
    assert.deepEqual(parse(parseIoStat, text), { readBytes: 1052672, writeBytes: 52428800, reads: 21, writes: 100 });
  });
  it('is 0 where it is empty: nothing was read or written', () => {
    assert.deepEqual(parse(parseIoStat, ''), none);
  });
  it('takes devices without values, also several on a line', () => {
    assert.deepEqual(parse(parseIoStat, '7:7 7:6 7:5 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n'), {
      readBytes: 1,
      writeBytes: 2,
      reads: 3,
      writes: 4,
    });
    assert.deepEqual(parse(parseIoStat, '8:0 \n7:7\n'), none);
  });
  it('passes over keys of others', () => {
    assert.deepEqual(parse(parseIoStat, '8:0 cost.usage=17 cost.wait=0 use_delay=1\n'), none);
  });
  it('gives a sum above 2^53 as digits', () => {
    const line = (device: string) => `${device} rbytes=9007199254740000 wbytes=1 rios=1 wios=1 dbytes=0 dios=0\n`;
    const totals = parse(parseIoStat, line('8:0') + line('8:16'));
    assert.deepEqual(totals, { readBytes: tooLarge('18014398509480000'), writeBytes: 2, reads: 2, writes: 2 });
  });
  it('refuses what it does not know', () => {
    for (const text of [
      '\n',
      'rbytes=1 wbytes=2 rios=3 wios=4\n',
      '8:0 rbytes=1\n',
      '8:0 rbytes=1 wbytes=2 rios=3 wioz=4\n',
      '8:0 rbytes= wbytes=2 rios=3 wios=4\n',
      '8:0 rbytes=-1 wbytes=2 rios=3 wios=4\n',
      '8:0 rbytes=1x wbytes=2 rios=3 wios=4\n',
      '8 rbytes=1 wbytes=2 rios=3 wios=4\n',
      '8:x rbytes=1 wbytes=2 rios=3 wios=4\n',
      '8:0 rbytes=1 wbytes=2 rios=3 wios=4',
      '8:0',
    ]) {
      refuses(parseIoStat, text);
    }
  });
});

describe('blkio.throttle', () => {
  const device = (name: string, read: number, write: number) =>
    `${name} Read ${read}\n${name} Write ${write}\n${name} Sync ${write}\n${name} Async 0\n${name} Discard 0\n` +
    `${name} Total ${read + write}\n`;
  it('adds up the devices', () => {
    const text = `${device('7:0', 0, 52428800)}${device('254:0', 4096, 0)}Total 52432896\n`;
    assert.deepEqual(parse(parseBlkioThrottle, text), { read: 4096, write: 52428800 });
  });
  it('knows nothing without a device line: Total 0 is no evidence', () => {
    assert.equal(parse(parseBlkioThrottle, 'Total 0\n'), undefined);
    assert.equal(parse(parseBlkioThrottle, ''), undefined);
  });
  it('takes the 0 of a device for a value', () => {
    assert.deepEqual(parse(parseBlkioThrottle, `${device('7:0', 0, 0)}Total 0\n`), { read: 0, write: 0 });
  });
  it('refuses what it does not know', () => {
    for (const text of [
      'Total\n',
      '7:0 Read\n',
      '7:0 Read x\n7:0 Write 1\n',
      '7:0 Read 1\nTotal 1\n',
      '7 Read 1\n7 Write 1\n',
      ':0 Read 1\n:0 Write 1\n',
      '7:0 1\n',
      '\n',
    ]) {
      refuses(parseBlkioThrottle, text);
    }
  });
});

describe('cgroup.procs', () => {
  const pidsOf = (text: string) => {
    const pids = new Set<number>();
    const hidden = parse((bytes, length, file) => parseCgroupProcs(bytes, length, file, pids), text);
    return { pids: [...pids], hidden };
  };
  it('gives each process once, and counts those without a number', () => {
    assert.deepEqual(pidsOf(''), { pids: [], hidden: 0 });
    assert.deepEqual(pidsOf('4242\n7\n4242\n'), { pids: [4242, 7], hidden: 0 });
    assert.deepEqual(pidsOf('0\n7\n0\n'), { pids: [7], hidden: 2 });
    assert.deepEqual(pidsOf('4194304\n'), { pids: [4194304], hidden: 0 });
  });
  it('refuses what is no pid', () => {
    for (const text of ['x\n', '-1\n', '1 2\n', '\n', '4194305\n', '99999999999999999999\n']) {
      refuses((bytes, length, file) => parseCgroupProcs(bytes, length, file, new Set()), text);
    }
  });
});

describe('/proc/PID/stat', () => {
  const stat = (comm: string) =>
    `42 (${comm}) S 1 42 42 0 -1 4194560 1071 0 0 0 150 50 0 0 20 0 4 0 360000 1056768000 1234 18446744073709551615 1 1\n`;
  it('gives name, state and times', () => {
    assert.deepEqual(parse(parseProcessStat, stat('node')), {
      comm: 'node',
      state: 'S',
      parent: 1,
      userTicks: 150,
      systemTicks: 50,
      startTicks: 360000,
    });
  });
  it('takes a name with anything in it', () => {
    for (const comm of ['', 'a b', ') S 9 9', '((', '))', 'a) (b', '(sd-pam)', 'x\n1']) {
      const facts = parse(parseProcessStat, stat(comm));
      assert.equal(facts.comm, comm);
      assert.equal(facts.startTicks, 360000, comm);
    }
  });
  it('refuses a line that ends early, or without a name', () => {
    const text = stat('node');
    for (let length = 0; length < text.indexOf('360000') + 7; length += 1)
      refuses(parseProcessStat, text.slice(0, length));
    refuses(parseProcessStat, text.replace('150', '-1'));
    refuses(parseProcessStat, ')42( S 1\n');
    refuses(parseProcessStat, text.replace(' S ', ' \n '));
  });
});

describe('/proc/PID/statm', () => {
  it('tells private pages from shared ones', () => {
    assert.deepEqual(parse(parseStatm, '30000 11000 1000 300 0 9000 0\n'), { private: 10000, shared: 1000 });
    assert.deepEqual(parse(parseStatm, '0 0 0 0 0 0 0\n'), { private: 0, shared: 0 });
  });
  it('refuses what cannot be', () => {
    for (const text of ['', '1\n', '1 2\n', '1 2 1', '1 2 3 4 5 6 7\n', 'x 2 1 0\n', '1 18446744073709551615 1 0\n']) {
      refuses(parseStatm, text);
    }
  });
});

describe('/proc/PID/status', () => {
  it('gives VmSwap in bytes', () => {
    assert.equal(parse(parseSwap, 'Name:\tx\nVmSwap:\t    2048 kB\nThreads:\t1\n'), 2097152);
    assert.equal(parse(parseSwap, 'VmSwap:\t       0 kB\n'), 0);
  });
  it('is undefined for a process without memory', () => {
    assert.equal(parse(parseSwap, 'Name:\tx\nState:\tZ (zombie)\n'), undefined);
    assert.equal(parse(parseSwap, ''), undefined);
  });
  it('refuses another unit, and no number', () => {
    for (const text of ['VmSwap:\t1 MB\n', 'VmSwap:\t\n', 'VmSwap:\t-1 kB\n']) refuses(parseSwap, text);
  });
});

describe('/proc/PID/cgroup', () => {
  it('gives the path of each controller, of v2 by the empty name', () => {
    const text = '2:cpu,cpuacct:/docker/a\n1:name=systemd:/\n0::/x.slice:cri-containerd:abc\n';
    assert.deepEqual(
      [...parse(parseProcCgroup, text)],
      [
        ['cpu', '/docker/a'],
        ['cpuacct', '/docker/a'],
        ['name=systemd', '/'],
        ['', '/x.slice:cri-containerd:abc'],
      ],
    );
  });
  it('refuses other lines', () => {
    for (const text of ['x\n', '1:cpu\n', '1:cpu:relative\n', ':cpu:/\n']) refuses(parseProcCgroup, text);
  });
});

describe('mountinfo', () => {
  it('gives root, mount point, type and options', () => {
    const text =
      '33 22 0:28 /docker/a /sys/fs/cgroup\\040x rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct\n' +
      '34 22 0:29 / /t rw - tmpfs  rw\n';
    assert.deepEqual(parse(parseMountinfo, text), [
      { root: '/docker/a', mountPoint: '/sys/fs/cgroup x', fsType: 'cgroup', superOptions: ['rw', 'cpu', 'cpuacct'] },
      { root: '/', mountPoint: '/t', fsType: 'tmpfs', superOptions: ['rw'] },
    ]);
  });
  it('refuses other lines', () => {
    for (const text of ['x\n', '1 2 0:3 / /t rw\n', '- - - - - - -\n']) refuses(parseMountinfo, text);
  });
});

describe('auxv', () => {
  const auxv = (...pairs: [number, number][]) => {
    const bytes = new BigUint64Array(pairs.flat().map(BigInt));
    return Buffer.from(bytes.buffer).toString('latin1');
  };
  it('gives page size and clock tick', () => {
    assert.deepEqual(parse(parseAuxv, auxv([33, 1], [6, 65536], [17, 100], [0, 0])), {
      pageSize: 65536,
      clockTicks: 100,
    });
  });
  it('refuses one without them, or with nonsense', () => {
    for (const text of ['', auxv([6, 4096]), auxv([17, 100]), auxv([6, 4096], [17, 0]), auxv([6, 0], [17, 100])]) {
      refuses(parseAuxv, text);
    }
  });
});

describe('/proc/swaps', () => {
  it('tells whether there is a swap area', () => {
    assert.equal(parse(parseSwaps, 'Filename\tType\n'), false);
    assert.equal(parse(parseSwaps, ''), false);
    assert.equal(parse(parseSwaps, 'Filename\tType\n/dev/dm-1 partition 1 0 -2\n'), true);
  });
});
