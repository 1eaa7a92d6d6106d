import { isGone, isSilostatError } from '../../errors.ts';
import type { Reading } from '../../job.ts';
import type { Reason, Sources } from '../../report.ts';
import { reasonOf } from '../../report.ts';
import type { Limits } from '../../schema/own.ts';
import type { Counter } from '../parse/counter.ts';
import { TooLarge } from '../parse/counter.ts';
import { parseCfsPeriod, parseCfsQuota, parseCpuMax } from '../parse/cpu-limit.ts';
import { parseLimit, parseMemoryLimit1 } from '../parse/single-number.ts';
import { readWhole, scratchBytes } from '../read.ts';
import type { CgroupDirectory, Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import { tooLarge } from './figure-table.ts';

type Limit = Counter | null;

/** How one limit is read from a cgroup's directory, on either version. */
interface LimitRow {
  readonly member: 'MemoryBytes' | 'Processors' | 'ProcessCount';
  readonly setBy: 'MemorySetBy' | 'ProcessorsSetBy' | 'ProcessCountSetBy';
  readonly controller: string;
  /** The files, for the report. */
  readonly files: { readonly v1: string; readonly v2: string };
  readonly read1: (directory: string) => Limit;
  readonly read2: (directory: string) => Limit;
}

const rows: readonly LimitRow[] = [
  {
    member: 'MemoryBytes',
    setBy: 'MemorySetBy',
    controller: 'memory',
    files: { v1: 'memory.limit_in_bytes', v2: 'memory.max' },
    read1: (directory) => readFile(directory, 'memory.limit_in_bytes', parseMemoryLimit1),
    read2: (directory) => readFile(directory, 'memory.max', parseLimit),
  },
  {
    member: 'Processors',
    setBy: 'ProcessorsSetBy',
    controller: 'cpu',
    files: { v1: 'cpu.cfs_quota_us / cpu.cfs_period_us', v2: 'cpu.max' },
    read1: readProcessors1,
    read2: (directory) => readFile(directory, 'cpu.max', parseCpuMax),
  },
  {
    member: 'ProcessCount',
    setBy: 'ProcessCountSetBy',
    controller: 'pids',
    files: { v1: 'pids.max', v2: 'pids.max' },
    read1: (directory) => readFile(directory, 'pids.max', parseLimit),
    read2: (directory) => readFile(directory, 'pids.max', parseLimit),
  },
];

/**
 * The limits in force: each the least of the cgroup and its ancestors, as far up as they are mounted here, and whose it is.
 * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone, ERR_PARSE.
 */
export function readLimits(placeOf: (controller: string) => Place): Reading<Limits> {
  const values: Limits = {};
  const sources: Record<string, string> = {};
  const absent: Record<string, Reason> = {};
  for (const row of rows) {
    const place = placeOf(row.controller);
    const found = isPlaced(place) ? leastOf(place, row) : place;
    if ('code' in found) absent[row.member] = found;
    else {
      values[row.member] = found.limit;
      if (found.setBy !== undefined) values[row.setBy] = found.setBy;
      sources[row.member] = isPlaced(place) && place.hierarchy.version === 1 ? row.files.v1 : row.files.v2;
    }
  }
  return { values: Object.keys(sources).length > 0 ? values : undefined, sources: sources as Sources, absent };
}

interface Found {
  readonly limit: number | null;
  /** The path of the cgroup that has it; undefined = no limit. */
  readonly setBy?: string;
}

function leastOf(place: CgroupDirectory, row: LimitRow): Found | Reason {
  let least: { limit: number; setBy: string } | undefined;
  let seen = false;
  for (const { path, directory } of place.ancestry()) {
    const limit = readIfThere(place, row, directory);
    if (limit === undefined) continue;
    if (limit instanceof TooLarge) return tooLarge(limit);
    if (typeof limit === 'object' && limit !== null) return limit;
    seen = true;
    if (limit !== null && (least === undefined || limit < least.limit)) least = { limit, setBy: path };
  }
  // The file may be missing because the controller is not enabled, or because the whole cgroup has gone.
  place.assertSame();
  if (!seen)
    return { code: 'ERR_UNSUPPORTED', message: `the ${row.controller} controller is not enabled for this cgroup` };
  return least ?? { limit: null };
}

/** undefined where this cgroup has no such file: the root has none, nor has one without the controller. */
function readIfThere(place: CgroupDirectory, row: LimitRow, directory: string): Limit | undefined | Reason {
  try {
    return place.hierarchy.version === 1 ? row.read1(directory) : row.read2(directory);
  } catch (error) {
    if (isGone(error)) return undefined;
    if (isSilostatError(error) && error.code === 'ERR_ACCESS_DENIED') return reasonOf(error);
    throw error;
  }
}

function readProcessors1(directory: string): number | null {
  const quota = readFile(directory, 'cpu.cfs_quota_us', parseCfsQuota);
  return quota === null ? null : quota / readFile(directory, 'cpu.cfs_period_us', parseCfsPeriod);
}

function readFile<T>(
  directory: string,
  name: string,
  parse: (bytes: Uint8Array, length: number, file: string) => T,
): T {
  const file = `${directory}/${name}`;
  const length = readWhole(file);
  return parse(scratchBytes(), length, file);
}
