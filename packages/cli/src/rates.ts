import type { JobIdentity } from 'silostat';

/** One container's processor time, and when it was read. */
export interface ProcessorReading {
  /** On a clock that never jumps. */
  readonly monotonicNs: bigint;
  readonly runtime100ns: number | undefined;
  readonly identity: JobIdentity | undefined;
}

/**
 * Processor use between two readings, in percent of one processor. Undefined where one of them has no figure, where the
 * container is another one by now (or its counter went backwards, which means the same), and where no time has passed.
 */
export function cpuPercent(before: ProcessorReading | undefined, after: ProcessorReading): number | undefined {
  if (before?.runtime100ns === undefined || after.runtime100ns === undefined) return undefined;
  if (!isSame(before.identity, after.identity)) return undefined;
  const used = after.runtime100ns - before.runtime100ns;
  const passed = Number(after.monotonicNs - before.monotonicNs) / 100;
  if (used < 0 || passed <= 0) return undefined;
  return (used / passed) * 100;
}

function isSame(one: JobIdentity | undefined, other: JobIdentity | undefined): boolean {
  return one?.object === other?.object && one?.birth === other?.birth;
}
