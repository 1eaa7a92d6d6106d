/** What an engine says of one container: sizes in bytes, times in nanoseconds; a member that it does not print is left out. */
export interface EngineFigures {
  /** The whole charge, cache included. */
  usage?: number;
  anonymous?: number;
  cpu: number;
  user?: number;
  kernel?: number;
  pids: number;
  read?: number;
  written?: number;
  /** How much the last digit that it prints is worth, where the figure is rounded. */
  memoryStep?: number;
  cpuStep?: number;
  ioStep?: number;
}

interface BlockEntry {
  op: string;
  value?: number;
}

/** Pure: what `runc events --stats` prints. The throttle counters are not among it on v1, so I/O counts where it has any. */
export function parseRuncStats(text: string): EngineFigures {
  const { data } = JSON.parse(text) as {
    data: {
      cpu: { usage: { total: number; kernel: number; user: number } };
      memory: { usage: { usage: number }; raw: Record<string, number> };
      pids: { current: number };
      blkio: { ioServiceBytesRecursive?: BlockEntry[] };
    };
  };
  const { usage: cpu } = data.cpu;
  const anonymous = data.memory.raw['anon'] ?? data.memory.raw['total_rss'];
  return {
    usage: data.memory.usage.usage,
    ...(anonymous === undefined ? {} : { anonymous }),
    cpu: cpu.total,
    user: cpu.user,
    kernel: cpu.kernel,
    pids: data.pids.current,
    ...blockBytes(data.blkio.ioServiceBytesRecursive),
  };
}

/** Pure: what `ctr task metrics --format json` prints on cgroup v1. */
export function parseCtrMetrics(text: string): EngineFigures {
  const metrics = JSON.parse(text) as {
    pids: { current: number };
    cpu: { usage: { total: number; kernel: number; user: number } };
    memory: { total_rss: number; usage: { usage: number } };
    blkio: { io_service_bytes_recursive?: BlockEntry[] };
  };
  const { total, kernel, user } = metrics.cpu.usage;
  return {
    usage: metrics.memory.usage.usage,
    anonymous: metrics.memory.total_rss,
    cpu: total,
    user,
    kernel,
    pids: metrics.pids.current,
    ...blockBytes(metrics.blkio.io_service_bytes_recursive),
  };
}

function blockBytes(entries: readonly BlockEntry[] | undefined): { read?: number; written?: number } {
  if (entries === undefined || entries.length === 0) return {};
  const sum = (op: string): number =>
    entries.filter((entry) => entry.op.toLowerCase() === op).reduce((total, { value = 0 }) => total + value, 0);
  return { read: sum('read'), written: sum('write') };
}

/**
 * Pure: what `podman stats --no-stream --format json` prints of one container. Its MEM USAGE is the whole charge on cgroup v1 and
 * memory.stat's `anon` on v2 (containers/common pull request 870), until pull request 2455 of June 2025 made it the charge less
 * inactive_file.
 */
export function parsePodmanStats(text: string, memory: 'usage' | 'anonymous'): EngineFigures {
  const [stats] = JSON.parse(text) as [{ mem_usage: string; cpu_time: string; pids: string; block_io: string }];
  const [usage = ''] = stats.mem_usage.split(' / ');
  const [read = '', written = ''] = stats.block_io.split(' / ');
  const { value, step } = rounded(usage);
  const [reads, writes] = [rounded(read), rounded(written)];
  return {
    [memory]: value,
    memoryStep: step,
    ...goDuration(stats.cpu_time),
    pids: Number(stats.pids),
    ...(read === '--' ? {} : { read: reads.value, written: writes.value, ioStep: Math.max(reads.step, writes.step) }),
  };
}

/** "110.4MB", in powers of 1000. */
function rounded(text: string): { value: number; step: number } {
  const [, digits = 'NaN', unit = ''] = /^([\d.]+)\s*([kMGT]?)B$/.exec(text) ?? [];
  const scale = 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit);
  const decimals = digits.split('.')[1]?.length ?? 0;
  return { value: Number(digits) * scale, step: scale / 10 ** decimals };
}

/** "1m2.345678s", "345.6ms". */
function goDuration(text: string): { cpu: number; cpuStep: number } {
  const scales: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, µs: 1e3, ns: 1 };
  let [cpu, cpuStep] = [text === '' ? Number.NaN : 0, 1];
  for (const [, digits = '', unit = ''] of text.matchAll(/([\d.]+)(h|ms|m|s|µs|ns)/g)) {
    const scale = scales[unit] ?? Number.NaN;
    cpu += Number(digits) * scale;
    cpuStep = scale / 10 ** (digits.split('.')[1]?.length ?? 0);
  }
  return { cpu, cpuStep };
}
