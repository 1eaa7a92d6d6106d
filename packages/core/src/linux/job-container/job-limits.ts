import { errnoOf } from '../../errno.ts';
import { SilostatError } from '../../errors.ts';
import type { JobLimits } from '../../job-container.ts';
import { isGoneErrno, nativeError } from '../errors.ts';
import type { Hierarchy } from '../mounts.ts';
import { writeControl } from './control-file.ts';

/** The time over which a processor limit holds, in microseconds: the kernel's own default. */
const periodUs = 100_000;
/** The kernel takes no shorter quota. */
const leastQuotaUs = 1000;

interface Control {
  readonly file: string;
  readonly text: string;
}

/** How one limit is set. */
interface LimitRow {
  readonly limit: keyof JobLimits;
  readonly controller: string;
  readonly v1: (value: number) => readonly Control[];
  readonly v2: (value: number) => readonly Control[];
}

const rows: readonly LimitRow[] = [
  {
    limit: 'memoryBytes',
    controller: 'memory',
    v1: (bytes) => [{ file: 'memory.limit_in_bytes', text: String(bytes) }],
    v2: (bytes) => [{ file: 'memory.max', text: String(bytes) }],
  },
  {
    limit: 'cpus',
    controller: 'cpu',
    v1: (cpus) => [
      { file: 'cpu.cfs_period_us', text: String(periodUs) },
      { file: 'cpu.cfs_quota_us', text: String(quotaOf(cpus)) },
    ],
    v2: (cpus) => [{ file: 'cpu.max', text: `${quotaOf(cpus)} ${periodUs}` }],
  },
  {
    limit: 'pids',
    controller: 'pids',
    v1: (count) => [{ file: 'pids.max', text: String(count) }],
    v2: (count) => [{ file: 'pids.max', text: String(count) }],
  },
];

/**
 * Sets what was asked, in the job's cgroup of the controller that does it.
 * @throws SilostatError ERR_UNSUPPORTED when one cannot be set: the job must not be used then
 */
export function setLimits(directories: ReadonlyMap<Hierarchy, string>, limits: JobLimits, id: string): void {
  for (const row of rows) {
    const value = limits[row.limit];
    if (value !== undefined) setLimit(directories, row, value, id);
  }
}

function setLimit(directories: ReadonlyMap<Hierarchy, string>, row: LimitRow, value: number, id: string): void {
  const all = [...directories];
  const [hierarchy, directory] =
    all.find(([{ controllers }]) => controllers.includes(row.controller)) ??
    all.find(([{ version }]) => version === 2) ??
    [];
  if (hierarchy === undefined) throw cannotSet(id, row, 'its controller is in no hierarchy that may be written to');
  for (const { file, text } of row[`v${hierarchy.version}`](value)) {
    try {
      writeControl(`${directory}/${file}`, text);
    } catch (error) {
      const reason = isGoneErrno(errnoOf(error)) ? 'the controller is not enabled there' : undefined;
      const cause = nativeError(error, `${directory}/${file}`);
      throw cannotSet(id, row, reason ?? cause.message, cause);
    }
  }
}

function quotaOf(cpus: number): number {
  return Math.max(leastQuotaUs, Math.round(cpus * periodUs));
}

const names: Readonly<Record<keyof JobLimits, string>> = {
  memoryBytes: 'memory limit',
  cpus: 'processor limit',
  pids: 'limit of processes',
};

function cannotSet(id: string, { limit, controller }: LimitRow, reason: string, cause?: unknown): SilostatError {
  return new SilostatError('ERR_UNSUPPORTED', {
    subject: id,
    operation: 'create job container',
    reason: `its ${names[limit]} cannot be set (controller ${controller}): ${reason}`,
    cause,
  });
}
