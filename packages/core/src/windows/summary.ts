import { isGone, isSilostatError } from '../errors.ts';
import type { ComputeSystemSummary } from '../schema/summary.ts';
import { JobObject } from './job-object.ts';
import type { KnownSystem } from './known-system.ts';

/** What HCS's states are called in a list; any other is unknown to it. */
const states: ReadonlySet<string> = new Set(['Created', 'Running', 'Paused', 'Stopped']);

/** One line of a list; undefined for what has gone meanwhile. */
export function summarize(system: KnownSystem): ComputeSystemSummary | undefined {
  const { job, hcs, facts, identity } = system;
  const seen = job === undefined ? undefined : stateOf(job.path);
  if (seen === undefined && hcs === undefined) return undefined;
  return {
    ...identity,
    Names: system.names,
    State: hcs === undefined ? (seen?.State ?? 'Unknown') : states.has(hcs.State) ? hcs.State : 'Unknown',
    ...(facts.image === undefined ? {} : { Image: facts.image }),
    ...(facts.pod === undefined ? {} : { Pod: facts.pod }),
    ...(facts.labels === undefined ? {} : { Labels: { ...facts.labels } }),
    ...(seen?.ProcessCount === undefined ? {} : { ProcessCount: seen.ProcessCount }),
    ...(facts.startTime === undefined ? {} : { StartTime: facts.startTime.text }),
    ...(seen === undefined || job === undefined ? {} : { JobName: job.path }),
    ...(job?.verified === undefined ? {} : { Verified: job.verified }),
  };
}

/** What a look into the job adds: nothing where it is closed to us. */
function stateOf(path: string): Pick<ComputeSystemSummary, 'State' | 'ProcessCount'> | undefined {
  try {
    const job = JobObject.open(path);
    try {
      const { active, total } = job.processCounts();
      const idle = total > 0 ? 'Stopped' : 'Created';
      return { State: active > 0 ? 'Running' : idle, ProcessCount: active };
    } finally {
      job.close();
    }
  } catch (error) {
    if (isGone(error)) return undefined;
    if (isSilostatError(error)) return { State: 'Unknown' };
    throw error;
  }
}
