import type { ComputeSystemParts } from '../compute-system.ts';
import { ComputeSystem } from '../compute-system.ts';
import { mayHinderExit } from '../exit-process.ts';
import type { Host } from '../host.ts';
import type { Reason } from '../report.ts';
import { terminateOwnProcess } from './call/process.ts';
import type { Found } from './discovery.ts';
import { discover, find, isLasting } from './discovery.ts';
import { hcsCalls } from './hcs/calls.ts';
import { hostComputeService } from './hcs/compute-service.ts';
import { JobOpenedPerQuery } from './job-access.ts';
import { createJobObjectContainer } from './job-container/job-object-container.ts';
import { JobObject } from './job-object.ts';
import type { KnownSystem } from './known-system.ts';
import { isContainerId } from './object-name.ts';
import { Silo } from './silo.ts';
import { summarize } from './summary.ts';

mayHinderExit({ isThere: () => hcsCalls.running > 0, endProcess: terminateOwnProcess });

/** The containers of this host as the kernel shows them, and what HCS adds: virtual machines, and what only it knows. */
export const windowsHost: Host = {
  list: async ({ all = false, onMissing }) => {
    const { systems, missing } = await discover();
    if (missing !== undefined) onMissing?.(missing);
    const summaries = systems.map(summarize).filter((summary) => summary !== undefined);
    return all ? summaries : summaries.filter(({ JobName, State }) => JobName !== undefined || State !== 'Stopped');
  },
  open: async (reference) => {
    const found = await find(reference);
    const { system } = found;
    // Opened once, so that what does not exist, or is closed to us, is told now and not by the first query.
    if (system.hcs === undefined && system.job !== undefined) JobObject.open(system.job.path).close();
    return new ComputeSystem({ identity: system.identity, names: system.names, ...sourcesOf(found) });
  },
  create: async (options) => createJobObjectContainer(options),
  clean: async () => [],
  diagnose: async () => (await import('./diagnosis.ts')).diagnose(),
};

/** Who is asked: the kernel for a container, HCS for what it knows, and the engine's record for when it started. */
function sourcesOf({
  system,
  missing,
}: Found): Pick<ComputeSystemParts, 'jobs' | 'service' | 'noService' | 'startTime'> {
  const path = jobPathOf(system);
  const { startTime } = system.facts;
  // HCS that fails for now may know a silo all the same.
  const mayKnow = system.job?.isSilo === true && missing !== undefined && !isLasting(missing);
  return {
    ...(path === undefined ? {} : { jobs: new JobOpenedPerQuery(path) }),
    ...(system.hcs !== undefined || mayKnow
      ? { service: hostComputeService }
      : { noService: whyNoService(system, missing) }),
    ...(startTime === undefined ? {} : { startTime }),
  };
}

/** A container that HCS knows has a silo, also where the kernel did not show it: it may not have been started yet. */
function jobPathOf({ id, job, isContainer }: KnownSystem): string | undefined {
  if (!isContainer) return undefined;
  return job?.path ?? (isContainerId(id) ? Silo.path(id) : undefined);
}

function whyNoService({ job }: KnownSystem, missing: Reason | undefined): Reason {
  if (job?.isSilo !== true) return { code: 'ERR_UNSUPPORTED', message: 'HCS has nothing to do with job containers' };
  return missing ?? { code: 'ERR_UNSUPPORTED', message: 'HCS has no compute system of that id' };
}
