import { parseAuxv } from '#core/linux/parse/auxv.js';
import { parseBlkioThrottle } from '#core/linux/parse/blkio-throttle.js';
import { parseCgroupProcs } from '#core/linux/parse/cgroup-procs.js';
import { parseCfsPeriod, parseCfsQuota, parseCpuMax } from '#core/linux/parse/cpu-limit.js';
import { parseIoStat } from '#core/linux/parse/io-stat.js';
import { KeyedNumber } from '#core/linux/parse/keyed-number.js';
import { parseMountinfo } from '#core/linux/parse/mountinfo.js';
import { parseNetDev } from '#core/linux/parse/net-dev.js';
import { pressureTotal } from '#core/linux/parse/pressure.js';
import { parseProcCgroup } from '#core/linux/parse/proc-cgroup.js';
import { parseProcessStat } from '#core/linux/parse/proc-stat.js';
import { parseSwap } from '#core/linux/parse/proc-status.js';
import { parseLimit, parseMemoryLimit1, parseNanoseconds, parseSingleNumber } from '#core/linux/parse/single-number.js';
import { parseStatm } from '#core/linux/parse/statm.js';
import { parseSwaps } from '#core/linux/parse/swaps.js';
import * as judge from './judge.ts';

type Parse = (bytes: Uint8Array, length: number, file: string) => unknown;

/** A parser, the files that it is for, and who says whether what it gave stands in the text. */
export interface Target {
  readonly name: string;
  /** Of the path below a recorded tree. */
  readonly file: RegExp;
  /** The parser, which has seen `original` before where it remembers. */
  readonly parser: (original: Uint8Array) => Parse;
  readonly judge: judge.Judge;
}

const stateless =
  (parse: Parse): Target['parser'] =>
  () =>
    parse;

/** A line of a flat keyed file: found where it stood in the original, or looked for. */
function keyed(file: RegExp, key: string, scale = 1, drop = 0): Target {
  const parser = (original: Uint8Array): Parse => {
    const line = new KeyedNumber(key, scale, drop);
    line.parseIfThere(original, original.length, 'original');
    return (bytes, length, name) => line.parseIfThere(bytes, length, name);
  };
  return { name: `line ${key}`, file, parser, judge: judge.keyed(key, scale, drop) };
}

const memoryKeys = ['anon', 'file', 'shmem', 'kernel', 'inactive_file', 'pgfault', 'pgmajfault'];
const memoryKeys1 = ['total_rss', 'total_cache', 'total_shmem', 'total_swap', 'total_inactive_file', 'total_pgfault'];

export const targets: readonly Target[] = [
  ...[...memoryKeys, ...memoryKeys1].map((key) => keyed(/memory\.stat$/, key)),
  ...['usage_usec', 'user_usec', 'system_usec', 'throttled_usec'].map((key) => keyed(/cpu\.stat$/, key, 10)),
  ...['nr_periods', 'nr_throttled'].map((key) => keyed(/cpu\.stat$/, key)),
  keyed(/cpu\.stat$/, 'throttled_time', 1, 2),
  keyed(/memory\.(events|oom_control)$/, 'oom_kill'),
  keyed(/proc\/stat$/, 'btime'),
  {
    name: 'single number',
    file: /memory\.(current|peak|swap\.current|(max_)?usage_in_bytes)$|pids\.current$|hugetlb\./,
    parser: stateless(parseSingleNumber),
    judge: judge.single(1, 0),
  },
  { name: 'nanoseconds', file: /cpuacct\.usage/, parser: stateless(parseNanoseconds), judge: judge.single(1, 2) },
  { name: 'limit', file: /(memory|pids)\.max$/, parser: stateless(parseLimit), judge: judge.limit },
  { name: 'v1 limit', file: /limit_in_bytes$/, parser: stateless(parseMemoryLimit1), judge: judge.limit1 },
  { name: 'cpu.max', file: /cpu\.max$/, parser: stateless(parseCpuMax), judge: judge.cpuMax },
  { name: 'quota', file: /cfs_quota_us$/, parser: stateless(parseCfsQuota), judge: judge.quota },
  { name: 'period', file: /cfs_period_us$/, parser: stateless(parseCfsPeriod), judge: judge.single(1, 0) },
  {
    name: 'pressure some',
    file: /\.pressure$/,
    parser: stateless(pressureTotal('some')),
    judge: judge.pressure('some'),
  },
  {
    name: 'pressure full',
    file: /\.pressure$/,
    parser: stateless(pressureTotal('full')),
    judge: judge.pressure('full'),
  },
  { name: 'io.stat', file: /io\.stat$/, parser: stateless(parseIoStat), judge: judge.ioStat },
  { name: 'blkio', file: /blkio\.throttle/, parser: stateless(parseBlkioThrottle), judge: judge.blkio },
  { name: 'net/dev', file: /net\/dev$/, parser: stateless(parseNetDev), judge: judge.netDev },
  { name: 'cgroup.procs', file: /cgroup\.procs$/, parser: stateless(parseProcs), judge: judge.procs },
  { name: '/proc/PID/stat', file: /proc\/\d+\/stat$/, parser: stateless(parseProcessStat), judge: judge.anywhere },
  { name: '/proc/PID/statm', file: /statm$/, parser: stateless(parseStatm), judge: judge.statm },
  { name: '/proc/PID/status', file: /status$/, parser: stateless(parseSwap), judge: judge.swap },
  { name: '/proc/PID/cgroup', file: /proc\/\d+\/cgroup$/, parser: stateless(parseProcCgroup), judge: judge.strings },
  { name: 'mountinfo', file: /mountinfo$/, parser: stateless(parseMountinfo), judge: judge.strings },
  {
    name: 'auxv',
    file: /auxv$/,
    parser: stateless((bytes, length, file) => parseAuxv(bytes, length, file)),
    judge: judge.auxv,
  },
  { name: '/proc/swaps', file: /swaps$/, parser: stateless(parseSwaps), judge: judge.swaps },
];

function parseProcs(bytes: Uint8Array, length: number, file: string): object {
  const pids = new Set<number>();
  const hidden = parseCgroupProcs(bytes, length, file, pids);
  return { pids: [...pids], hidden };
}
