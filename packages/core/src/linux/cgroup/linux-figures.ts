import type { Reading } from '../../job.ts';
import type { Absences, Sources } from '../../report.ts';
import type { LinuxFigures } from '../../schema/own.ts';
import { pressureTotal } from '../parse/pressure.ts';
import { parseLimit } from '../parse/single-number.ts';
import type { Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import type { FigureRow } from './figure-table.ts';
import { FigureTable } from './figure-table.ts';
import { HugePageFiles } from './huge-pages.ts';
import { WorkingSet } from './working-set.ts';

/** Where a figure stands on one version: the row of a figure table without what is common to all. */
type Where = Omit<FigureRow, 'member' | 'whyMissing'>;

/** A figure of the property type `Linux`: where it stands on either version. */
interface LinuxRow {
  readonly member: keyof LinuxFigures;
  /** Who offers it; `pressure` is no controller, but only v2 has it, whatever its controllers. */
  readonly controller: string;
  /** Left out where v1 does not have it. */
  readonly v1?: Where;
  readonly v2: Where;
  /** The oldest kernel that has it on v2, where that is later than cgroup v2. */
  readonly sinceLinux?: string;
}

const noCpu = 'the cpu controller is not enabled for this cgroup';
const full = pressureTotal('full');
const some = pressureTotal('some');
const noFull = 'it needs Linux 5.13';

/** To add a figure: a row here, a member in schema/own.ts, an entry in fields/linux.ts. */
const rows: readonly LinuxRow[] = [
  {
    member: 'CacheBytes',
    controller: 'memory',
    v1: { file: 'memory.stat', key: 'total_cache' },
    v2: { file: 'memory.stat', key: 'file' },
  },
  {
    member: 'SharedMemoryBytes',
    controller: 'memory',
    v1: { file: 'memory.stat', key: 'total_shmem', whyNoLine: 'it needs Linux 4.8' },
    v2: { file: 'memory.stat', key: 'shmem', whyNoLine: 'it needs Linux 4.12' },
  },
  {
    member: 'KernelBytes',
    controller: 'memory',
    v1: { file: 'memory.kmem.usage_in_bytes' },
    v2: { file: 'memory.stat', key: 'kernel', whyNoLine: 'it needs Linux 5.18' },
    sinceLinux: '5.18',
  },
  {
    member: 'SwapBytes',
    controller: 'memory',
    v1: { file: 'memory.stat', key: 'total_swap', whyNoLine: 'this kernel does not account for swap' },
    v2: { file: 'memory.swap.current' },
  },
  {
    member: 'OutOfMemoryKillCount',
    controller: 'memory',
    v1: { file: 'memory.oom_control', key: 'oom_kill', whyNoLine: 'it needs Linux 4.13' },
    v2: { file: 'memory.events', key: 'oom_kill', whyNoLine: 'it needs Linux 4.13' },
    sinceLinux: '4.13',
  },
  {
    member: 'PeriodCount',
    controller: 'cpu',
    v1: { file: 'cpu.stat', key: 'nr_periods' },
    v2: { file: 'cpu.stat', key: 'nr_periods', whyNoLine: noCpu },
  },
  {
    member: 'ThrottledPeriodCount',
    controller: 'cpu',
    v1: { file: 'cpu.stat', key: 'nr_throttled' },
    v2: { file: 'cpu.stat', key: 'nr_throttled', whyNoLine: noCpu },
  },
  {
    member: 'ThrottledTime100ns',
    controller: 'cpu',
    v1: { file: 'cpu.stat', key: 'throttled_time', drop: 2 },
    v2: { file: 'cpu.stat', key: 'throttled_usec', scale: 10, whyNoLine: noCpu },
  },
  ...pressureRows('Cpu', 'cpu.pressure'),
  ...pressureRows('Memory', 'memory.pressure'),
  ...pressureRows('Io', 'io.pressure'),
  { member: 'PidsCurrent', controller: 'pids', v1: { file: 'pids.current' }, v2: { file: 'pids.current' } },
  {
    member: 'PidsLimit',
    controller: 'pids',
    v1: { file: 'pids.max', parse: parseLimit },
    v2: { file: 'pids.max', parse: parseLimit },
  },
];

function pressureRows(of: 'Cpu' | 'Memory' | 'Io', file: string): LinuxRow[] {
  const common = { controller: 'pressure', sinceLinux: '4.20' };
  return [
    { member: `${of}PressureSome100ns`, ...common, v2: { file, parse: some, whyNoLine: 'nobody says why' } },
    { member: `${of}PressureFull100ns`, ...common, v2: { file, parse: full, whyNoLine: noFull } },
  ];
}

/** A part of the figures. */
interface FigureReader {
  readonly sources: Sources;
  read(): Reading<LinuxFigures>;
}

/** The figures of all controllers, those of one controller from one place. */
export class LinuxFigureTables {
  readonly #readers: readonly FigureReader[];
  readonly #sources: Sources;

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(placeOf: (controller: string) => Place) {
    const controllers = [...new Set(rows.map((row) => row.controller))];
    const tables = controllers.map((controller) => {
      const place = placeOf(controller);
      const version = isPlaced(place) ? place.hierarchy.version : undefined;
      const ours = rows.filter((row) => row.controller === controller).map((row) => figureRow(row, version));
      return new FigureTable<LinuxFigures>(place, '', ours);
    });
    this.#readers = [new WorkingSet(placeOf('memory')), ...tables, new HugePageFiles(placeOf('hugetlb'))];
    this.#sources = Object.freeze(Object.assign({}, ...this.#readers.map((reader) => reader.sources)));
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<LinuxFigures> {
    let values: LinuxFigures | undefined;
    let absent: Absences | undefined;
    for (const reader of this.#readers) {
      const reading = reader.read();
      if (reading.values !== undefined) values = { ...values, ...reading.values };
      if (reading.absent !== undefined) absent = { ...absent, ...reading.absent };
    }
    return absent === undefined ? { values, sources: this.#sources } : { values, sources: this.#sources, absent };
  }
}

function figureRow(row: LinuxRow, version: 1 | 2 | undefined): FigureRow {
  const { member, controller } = row;
  const since = row.sinceLinux === undefined || version === 1 ? '' : `it needs Linux ${row.sinceLinux}, or `;
  if (version === 1 && row.v1 === undefined) {
    return { ...row.v2, member, whyMissing: 'cgroup v1 does not have it' };
  }
  const where = version === 1 && row.v1 !== undefined ? row.v1 : row.v2;
  const why =
    controller === 'pressure'
      ? 'pressure is not accounted for (boot with psi=1)'
      : `the ${controller} controller is not enabled for this cgroup`;
  return { whyNoLine: 'this kernel does not write it', ...where, member, whyMissing: `${since}${why}` };
}
