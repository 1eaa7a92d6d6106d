import { isGone } from './errors.ts';
import type { Job, JobIdentity } from './job.ts';
import { isAnotherJob } from './job-identity.ts';
import type { Reason, Sources } from './report.ts';
import { reasonOf } from './report.ts';
import type { Statistics } from './schema/statistics.ts';
import { rfc3339FromUnixTicks, unixTicksFromRfc3339 } from './schema/time.ts';
import { sharedSources } from './shared-sources.ts';

/** When a container started. */
export interface StartTime {
  /** Whole milliseconds since 1970-01-01 UTC. */
  readonly unixMs: number;
  /** What is beyond them, in 100 ns. */
  readonly ticksOfMs: number;
  /** The same as RFC 3339. */
  readonly text: string;
  /** `process.hrtime.bigint()` at that moment, where it was us who started it: uptime then ignores clock changes. */
  readonly monotonicNs?: bigint;
  /** True where it is the create time of the oldest process at first sight, not a record of the start. */
  readonly estimated: boolean;
  /** Where it was read. */
  readonly sources: Sources;
}

/** What tells the time; tests put in their own. */
export interface Clock {
  /** Whole milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Nanoseconds of a clock that never jumps. */
  monotonicNs(): bigint;
}

/** One reading of both clocks. */
export interface Moment {
  readonly unixMs: number;
  readonly monotonicNs: bigint;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
};

export function momentOf(clock: Clock): Moment {
  return { unixMs: clock.now(), monotonicNs: clock.monotonicNs() };
}

/** Now, on both clocks: the start time of what we start ourselves. */
export function startingNow(source: string, clock: Clock = systemClock): StartTime {
  const { unixMs, monotonicNs } = momentOf(clock);
  return { ...startTime(BigInt(unixMs) * 10_000n, source, false), monotonicNs };
}

/** What an engine or the service wrote down; undefined when it is no time, or the zero time of some clock (year 1, 1601, 1970). */
export function recordedStart(text: string, source: string): StartTime | undefined {
  const unixTicks = unixTicksFromRfc3339(text);
  return unixTicks === undefined || unixTicks <= 0n ? undefined : startTime(unixTicks, source, false);
}

/** From the create time of the oldest process, in 100 ns since 1970-01-01 UTC; undefined when that is a zero time. */
export function estimatedStart(unixTicks: bigint): StartTime | undefined {
  return unixTicks <= 0n ? undefined : startTime(unixTicks, 'create time of the oldest process', true);
}

/** Time since the start in 100 ns, never negative: a wall clock that was set back gives 0. */
export function uptime100ns(start: StartTime, at: Moment): number {
  const ticks =
    start.monotonicNs === undefined
      ? (at.unixMs - start.unixMs) * 10_000 - start.ticksOfMs
      : Number((at.monotonicNs - start.monotonicNs) / 100n);
  return ticks > 0 ? ticks : 0;
}

function startTime(unixTicks: bigint, source: string, estimated: boolean): StartTime {
  const sources = sharedSources({ ContainerStartTime: source, Uptime100ns: source });
  const text = rfc3339FromUnixTicks(unixTicks);
  return { unixMs: Number(unixTicks / 10_000n), ticksOfMs: Number(unixTicks % 10_000n), text, estimated, sources };
}

const nobodyKnows: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message: 'nobody recorded when it started, and no living process tells',
});

/**
 * The start of one container as far as it is known by now: a record, or an estimate that is made once and kept. It is
 * forgotten when the container turns out to be another one of the same name (an engine restarts it under its old id).
 */
export class ContainerStart {
  #known: StartTime | undefined;
  #unknown: Reason = nobodyKnows;
  #identity: JobIdentity | undefined;
  #runtime100ns = 0;

  constructor(known?: StartTime) {
    this.#known = known;
  }

  get known(): StartTime | undefined {
    return this.#known;
  }

  /** Why it is not known. */
  get unknown(): Reason {
    return this.#unknown;
  }

  /** Who it is now. True where a start is forgotten that was another one's. */
  noteIdentity(identity: JobIdentity): boolean {
    const before = this.#identity;
    const isForgotten = this.#known !== undefined && isAnotherJob(before, identity);
    if (isForgotten) this.#known = undefined;
    const { object = before?.object, birth = before?.birth } = identity;
    if (object !== before?.object || birth !== before?.birth) {
      this.#identity = { ...(object !== undefined && { object }), ...(birth !== undefined && { birth }) };
    }
    return isForgotten;
  }

  /** How much processor time it has used by now; less than before is another one's. */
  noteRuntime(runtime100ns: number | undefined): void {
    if (runtime100ns === undefined) return;
    if (runtime100ns < this.#runtime100ns) this.#known = undefined;
    this.#runtime100ns = runtime100ns;
  }

  /**
   * Estimates it from the oldest living process, where nothing is known.
   * @throws what the job threw, when the job has gone.
   */
  lookAt(job: Job): void {
    if (this.#known !== undefined) return;
    try {
      const ticks = job.oldestProcess();
      this.#known = ticks === undefined ? undefined : estimatedStart(ticks);
      this.#unknown = nobodyKnows;
    } catch (error) {
      if (isGone(error)) throw error;
      this.#unknown = reasonOf(error);
    }
  }

  /** A record in an answer that was needed anyway replaces an estimate. Its spelling stays the service's. */
  adopt(statistics: Statistics | undefined, source: string): void {
    const text = statistics?.ContainerStartTime;
    if (text === undefined || this.#known?.estimated === false) return;
    const start = recordedStart(text, source);
    if (start !== undefined) this.#known = { ...start, text };
  }
}
