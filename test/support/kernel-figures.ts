import { readFileSync } from 'node:fs';
import { cgroupFile } from './cgroup-files.ts';

/** One figure by every way that the kernel tells it, in the unit of the HCS document; undefined = not told here. */
type Telling = readonly (number | undefined)[];

/** What the kernel's own files say of a cgroup, by the member's path within Statistics. */
export type KernelFigures = ReadonlyMap<string, Telling>;

/**
 * Reads the kernel's own figures of the cgroup, without the product. Where two files tell the same thing (v1's cpuacct and
 * v2's cpu.stat, each rounded in its own way) both are given, in a fixed order.
 */
export function readKernelFigures(cgroups: ReadonlyMap<string, string>): KernelFigures {
  const file = (controller: string, name: string): string | undefined => cgroupFile(cgroups, controller, name);
  const cpuStat = file('', 'cpu.stat');
  return new Map<string, Telling>([
    [
      'Memory.MemoryUsageCommitBytes',
      [single(file('memory', 'memory.usage_in_bytes')), single(file('', 'memory.current'))],
    ],
    [
      'Memory.MemoryUsageCommitPeakBytes',
      [single(file('memory', 'memory.max_usage_in_bytes')), single(file('', 'memory.peak'))],
    ],
    [
      'Memory.MemoryUsagePrivateWorkingSetBytes',
      [keyed(file('memory', 'memory.stat'), 'total_rss'), keyed(file('', 'memory.stat'), 'anon')],
    ],
    ['Processor.TotalRuntime100ns', [ticks(file('cpuacct', 'cpuacct.usage')), microseconds(cpuStat, 'usage_usec')]],
    ['Processor.RuntimeUser100ns', [ticks(file('cpuacct', 'cpuacct.usage_user')), microseconds(cpuStat, 'user_usec')]],
    [
      'Processor.RuntimeKernel100ns',
      [ticks(file('cpuacct', 'cpuacct.usage_sys')), microseconds(cpuStat, 'system_usec')],
    ],
    ...storage(
      file('blkio', 'blkio.throttle.io_service_bytes_recursive'),
      file('blkio', 'blkio.throttle.io_serviced_recursive'),
      file('', 'io.stat'),
    ),
  ]);
}

function storage(
  bytes: string | undefined,
  counts: string | undefined,
  ioStat: string | undefined,
): [string, Telling][] {
  return [
    ['Storage.ReadSizeBytes', [perDevice(bytes, 'Read'), ioStatSum(ioStat, 'rbytes')]],
    ['Storage.WriteSizeBytes', [perDevice(bytes, 'Write'), ioStatSum(ioStat, 'wbytes')]],
    ['Storage.ReadCountNormalized', [perDevice(counts, 'Read'), ioStatSum(ioStat, 'rios')]],
    ['Storage.WriteCountNormalized', [perDevice(counts, 'Write'), ioStatSum(ioStat, 'wios')]],
  ];
}

function single(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function keyed(text: string | undefined, key: string): number | undefined {
  const value = text?.match(new RegExp(`^${key} (\\d+)$`, 'm'))?.[1];
  return value === undefined ? undefined : Number(value);
}

/** Nanoseconds to 100 ns. */
function ticks(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Math.floor(Number(text) / 100);
}

function microseconds(text: string | undefined, key: string): number | undefined {
  const value = keyed(text, key);
  return value === undefined ? undefined : value * 10;
}

/** v1: undefined without any device line, since then nothing was counted. */
function perDevice(text: string | undefined, operation: 'Read' | 'Write'): number | undefined {
  const lines = [...(text ?? '').matchAll(new RegExp(`^\\d+:\\d+ ${operation} (\\d+)$`, 'gm'))];
  return lines.length === 0 ? undefined : lines.reduce((sum, line) => sum + Number(line[1]), 0);
}

function ioStatSum(text: string | undefined, key: string): number | undefined {
  if (text === undefined) return undefined;
  return [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((sum, match) => sum + Number(match[1]), 0);
}

/** What /proc says of one process, by the names of ProcessDetails. */
export function readKernelProcess(pid: number): ReadonlyMap<string, number> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (key: string): number =>
    Number(status.match(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm'))?.[1]) * 1024;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the last parenthesis, since a program's name may hold anything; utime and stime are the 14th and 15th field.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return new Map([
    ['ProcessId', pid],
    ['UserTime100ns', (fields[11] ?? Number.NaN) * 100_000],
    ['KernelTime100ns', (fields[12] ?? Number.NaN) * 100_000],
    ['MemoryCommitBytes', kibibytes('RssAnon') + kibibytes('VmSwap')],
    ['MemoryWorkingSetPrivateBytes', kibibytes('RssAnon')],
    ['MemoryWorkingSetSharedBytes', kibibytes('RssFile') + kibibytes('RssShmem')],
  ]);
}
