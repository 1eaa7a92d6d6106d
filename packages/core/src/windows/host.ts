import { ComputeSystem } from '../compute-system.ts';
import { isGone, isSilostatError, SilostatError } from '../errors.ts';
import type { Host } from '../host.ts';
import { parseReference } from '../reference.ts';
import type { ComputeSystemSummary } from '../schema/summary.ts';
import { JobOpenedPerQuery } from './job-access.ts';
import { createJobObjectContainer } from './job-container/job-object-container.ts';
import { JobObject } from './job-object.ts';
import type { NamedJob } from './named-jobs.ts';
import { findNamedJobs, idOfPath } from './named-jobs.ts';

const shortestPrefix = 3;
const operation = 'open container';

/** What the kernel alone can tell of this host's containers: silos and job containers, found by their names. */
export const windowsHost: Host = {
  list: async () => findNamedJobs().flatMap(summaryOf),
  open: async (reference) => {
    const found = find(reference);
    // Opened once, so that what does not exist, or is closed to us, is told now and not by the first query.
    JobObject.open(found.path).close();
    return new ComputeSystem({
      identity: { Id: found.id, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: found.owner },
      jobs: new JobOpenedPerQuery(found.path),
    });
  },
  create: async (options) => createJobObjectContainer(options),
  clean: async () => [],
};

function find(reference: string): Pick<NamedJob, 'id' | 'path' | 'owner'> {
  const parsed = parseReference(reference, { objectPaths: true });
  if (parsed.kind === 'name') return select(parsed.name, findNamedJobs());
  if (parsed.path.startsWith('\\')) return { id: idOfPath(parsed.path), path: parsed.path, owner: '' };
  const reason = 'there are no cgroups on Windows; an NT path begins with a backslash';
  throw new SilostatError('ERR_INVALID_ARGUMENT', { operation, subject: reference, reason });
}

/** An exact id, then an exact name of a job object, then a unique prefix of an id. */
export function select(name: string, jobs: readonly NamedJob[]): Pick<NamedJob, 'id' | 'path' | 'owner'> {
  const byId = jobs.filter(({ id }) => id === name);
  const byName = jobs.filter(({ path }) => path.endsWith(`\\${name}`));
  const byPrefix = name.length < shortestPrefix ? [] : jobs.filter(({ id }) => id.startsWith(name));
  const matches = trustedFirst([byId, byName, byPrefix].find(({ length }) => length > 0) ?? []);
  const [match, another] = matches;
  if (match === undefined) {
    throw new SilostatError('ERR_NOT_FOUND', {
      operation,
      subject: name,
      reason: 'there is no silo and no job container of that id, name or prefix',
    });
  }
  if (another === undefined) return match;
  const candidates = matches.map(({ id, path }) => (byId.length > 0 ? path : id));
  const reason = `it stands for ${matches.length} containers: ${candidates.join(', ')}`;
  throw new SilostatError('ERR_AMBIGUOUS', { operation, subject: name, reason, candidates });
}

/** Any user may make a job with a container's name: it does not stand in the way of the container itself. */
function trustedFirst(jobs: readonly NamedJob[]): readonly NamedJob[] {
  const trusted = jobs.filter(({ verified }) => verified !== false);
  return trusted.length > 0 ? trusted : jobs;
}

/** One line of a list; none for what has gone meanwhile. */
function summaryOf({ id, path, owner, verified }: NamedJob): ComputeSystemSummary[] {
  const state = stateOf(path);
  if (state === undefined) return [];
  const summary: ComputeSystemSummary = {
    Id: id,
    Names: [],
    SystemType: 'Container',
    RuntimeOsType: 'Windows',
    Owner: owner,
    JobName: path,
    ...state,
  };
  if (verified !== undefined) summary.Verified = verified;
  return [summary];
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
