import { errnoOf } from '../../errno.ts';
import { isSilostatError, NativeError, SilostatError } from '../../errors.ts';
import { rfc3339FromUnixSecond, rfc3339FromUnixTicks } from '../../schema/time.ts';
import type { AuxiliaryVector } from '../parse/auxv.ts';
import { parseAuxv } from '../parse/auxv.ts';
import type { Counter } from '../parse/counter.ts';
import { digitsOf, multiply } from '../parse/counter.ts';
import { KeyedNumber } from '../parse/keyed-number.ts';
import { malformed } from '../parse/malformed.ts';
import { parseProcCgroup } from '../parse/proc-cgroup.ts';
import type { ProcessStat } from '../parse/proc-stat.ts';
import { parseProcessStat } from '../parse/proc-stat.ts';
import { parseSwaps } from '../parse/swaps.ts';
import { readAtOnce, readWhole, scratchBytes } from '../read.ts';

/** Where pages are 4 KiB and ticks are 1/100 s whatever the kernel; elsewhere only the kernel tells. */
const fixedPages: ReadonlySet<string> = new Set(['x64', 'ia32', 's390x', 'riscv64']);
const usualMachine: AuxiliaryVector = { pageSize: 4096, clockTicks: 100 };
const ticksPerSecond = 10_000_000;

/** The end of the year 9999, in 100 ns since 1970-01-01 UTC, and its last second. */
const latestTime = 2_534_023_008_000_000_000n - 1n;
const latestSecond = 253_402_300_799;

/** A proc file system: what it says of processes, and of the host. What cannot change is read once and kept. */
export class ProcFs {
  readonly root: string;
  #machine: AuxiliaryVector | undefined;
  #bootTime: bigint | undefined;
  #bootSecond: number | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /**
   * The cgroups of a process: by controller on v1 (`memory`, `name=systemd`), by the empty name on v2.
   * @throws SilostatError ERR_NOT_FOUND when it has exited, ERR_ACCESS_DENIED, ERR_PARSE.
   */
  cgroupsOf(pid: number): ReadonlyMap<string, string> {
    const file = `${this.root}/${pid}/cgroup`;
    const length = readAtOnce(file);
    return parseProcCgroup(scratchBytes(), length, file);
  }

  /**
   * When a process was created, in 100 ns since 1970-01-01 UTC; to a clock tick (10 ms), and the boot that it is counted
   * from to a second.
   * @throws SilostatError ERR_NOT_FOUND when it has exited, ERR_ACCESS_DENIED, ERR_PARSE.
   */
  createTime(pid: number): bigint {
    const file = `${this.root}/${pid}/stat`;
    const length = readAtOnce(file);
    return this.createTimeOf(parseProcessStat(scratchBytes(), length, file), file);
  }

  /** @throws SilostatError ERR_PARSE when it is no time; `file` is where `stat` was read. */
  createTimeOf(stat: ProcessStat, file: string): bigint {
    const sinceBoot = (digitsOf(stat.startTicks) * BigInt(ticksPerSecond)) / BigInt(this.machine.clockTicks);
    const created = this.bootTime + sinceBoot;
    if (created > latestTime) throw malformed(file, `a start at ${digitsOf(stat.startTicks)} ticks`);
    return created;
  }

  /** The same as RFC 3339 with 100 ns digits, without a bigint where none is needed. */
  createTextOf(stat: ProcessStat, file: string): string {
    const { clockTicks } = this.machine;
    const { startTicks } = stat;
    const seconds = typeof startTicks === 'number' ? Math.floor(startTicks / clockTicks) : Number.POSITIVE_INFINITY;
    this.#bootSecond ??= Number(this.bootTime / BigInt(ticksPerSecond));
    const second = this.#bootSecond + seconds;
    if (typeof startTicks !== 'number' || second > latestSecond) {
      return rfc3339FromUnixTicks(this.createTimeOf(stat, file));
    }
    const fraction = Math.floor(((startTicks - seconds * clockTicks) * ticksPerSecond) / clockTicks);
    return rfc3339FromUnixSecond(second, fraction);
  }

  /** When the host booted, in 100 ns since 1970-01-01 UTC. Read once, so that create times stay what they are. */
  get bootTime(): bigint {
    if (this.#bootTime === undefined) {
      const file = `${this.root}/stat`;
      const length = readWhole(file);
      const seconds = new KeyedNumber('btime').parse(scratchBytes(), length, file);
      this.#bootTime = digitsOf(multiply(seconds, ticksPerSecond));
    }
    return this.#bootTime;
  }

  /** Page size and clock tick. */
  get machine(): AuxiliaryVector {
    this.#machine ??= this.#readMachine();
    return this.#machine;
  }

  pagesToBytes(pages: Counter): Counter {
    return multiply(pages, this.machine.pageSize);
  }

  clockTicksTo100ns(ticks: Counter): Counter {
    return multiply(ticks, ticksPerSecond / this.machine.clockTicks);
  }

  /** False when nothing can be swapped out; then no process needs to be asked for it. */
  hasSwap(): boolean {
    const file = `${this.root}/swaps`;
    try {
      // The heading and the first line come with the first read.
      const length = readAtOnce(file);
      return parseSwaps(scratchBytes(), length);
    } catch (error) {
      if (isSilostatError(error)) return true;
      throw error;
    }
  }

  /**
   * True when there is such a process though its files are not shown (hidepid). False where that cannot be told: in
   * another proc than our own, where the pids are not ours.
   */
  isHidden(pid: number): boolean {
    if (this.root !== '/proc') return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return errnoOf(error) === 'EPERM';
    }
  }

  #readMachine(): AuxiliaryVector {
    const file = `${this.root}/self/auxv`;
    const wordSize = process.arch === 'ia32' || process.arch === 'arm' ? 4 : 8;
    try {
      const length = readWhole(file);
      return parseAuxv(scratchBytes(), length, file, wordSize);
    } catch (error) {
      // A program with file capabilities may not read its own.
      if (isUnreadable(error) && fixedPages.has(process.arch)) return usualMachine;
      throw error;
    }
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof SilostatError && error.cause instanceof NativeError;
}
