import { rfc3339FromUnixTicks, unixTicksFromRfc3339 } from './schema/time.ts';

/** When a container started. */
export interface StartTime {
  /** 100 ns units since 1970-01-01 UTC. */
  readonly unixTicks: bigint;
  /** `process.hrtime.bigint()` at that moment, where it was us who started it: uptime then ignores clock changes. */
  readonly monotonicNs?: bigint;
  /** True where it is the create time of the oldest process at first sight, not a record of the start. */
  readonly estimated: boolean;
  /** Where it was read, for the report. */
  readonly source: string;
}

/** What tells the time; tests put in their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Nanoseconds of a clock that never jumps. */
  monotonicNs(): bigint;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
};

/** Now, on both clocks: the start time of what we start ourselves. */
export function startingNow(source: string, clock: Clock = systemClock): StartTime {
  return {
    unixTicks: BigInt(clock.now()) * 10_000n,
    monotonicNs: clock.monotonicNs(),
    estimated: false,
    source,
  };
}

/** What an engine or the service wrote down; undefined when it is no time, or the zero time (year 1). */
export function recordedStart(text: string, source: string): StartTime | undefined {
  const unixTicks = unixTicksFromRfc3339(text);
  return unixTicks === undefined || unixTicks <= 0n ? undefined : { unixTicks, estimated: false, source };
}

export function estimatedStart(unixTicks: bigint): StartTime {
  return { unixTicks, estimated: true, source: 'create time of the oldest process' };
}

/** Time since the start in 100 ns, never negative: a wall clock that was set back gives 0. */
export function uptime100ns(start: StartTime, clock: Clock): number {
  const ticks =
    start.monotonicNs === undefined
      ? BigInt(clock.now()) * 10_000n - start.unixTicks
      : (clock.monotonicNs() - start.monotonicNs) / 100n;
  return ticks > 0n ? Number(ticks) : 0;
}

export function startTimeText(start: StartTime): string {
  return rfc3339FromUnixTicks(start.unixTicks);
}
