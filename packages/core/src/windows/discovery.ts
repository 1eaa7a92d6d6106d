import { isSilostatError, SilostatError } from '../errors.ts';
import { parseReference } from '../reference.ts';
import type { Reason } from '../report.ts';
import { reasonOf } from '../report.ts';
import { EngineRecords } from './engine-records.ts';
import type { SystemQuery } from './hcs/calls.ts';
import type { ListedSystem } from './hcs/compute-service.ts';
import { hostComputeService } from './hcs/compute-service.ts';
import { KnownSystem, mergeSystems, select } from './known-system.ts';
import { findNamedJobs, namedJobAt } from './named-jobs.ts';

/** What there is on this host at one moment. */
export interface Discovery {
  readonly systems: readonly KnownSystem[];
  /** Why HCS could not be asked: virtual machines, and what only it knows of containers, are missing then. */
  readonly missing?: Reason;
}

/** One system out of them. */
export interface Found {
  readonly system: KnownSystem;
  readonly missing?: Reason;
}

/** The containers and VMs of this host: what the kernel shows, and what HCS lists, each once. */
export async function discover(): Promise<Discovery> {
  const { listed, missing } = await askHcs({});
  const systems = mergeSystems(findNamedJobs(), listed, new EngineRecords());
  return missing === undefined ? { systems } : { systems, missing };
}

/** @throws SilostatError ERR_INVALID_ARGUMENT, ERR_NOT_FOUND, ERR_AMBIGUOUS; what HCS failed with, where only it could know */
export async function find(reference: string): Promise<Found> {
  const parsed = parseReference(reference, { objectPaths: true });
  if (parsed.kind === 'name') return findByName(parsed.name);
  if (parsed.path.startsWith('\\')) return findByPath(parsed.path);
  const reason = 'there are no cgroups on Windows; an NT path begins with a backslash';
  throw new SilostatError('ERR_INVALID_ARGUMENT', { operation: 'open container', subject: reference, reason });
}

/** HCS is asked for that id alone, and for all that it has only when it is no id. */
async function findByName(name: string): Promise<Found> {
  const jobs = findNamedJobs();
  const records = new EngineRecords();
  let { listed, missing } = await askHcs({ Ids: [name] });
  const isId = jobs.some(({ id }) => id === name) || listed.some(({ Id }) => Id === name);
  if (!isId && missing === undefined) ({ listed, missing } = await askHcs({}));
  try {
    return found(select(name, mergeSystems(jobs, listed, records)), missing);
  } catch (error) {
    if (missing === undefined || !isSilostatError(error) || error.code !== 'ERR_NOT_FOUND') throw error;
    const reason = `${error.reason}; HCS could not be asked: ${missing.message}`;
    // Without HCS there is nobody else who might know it; one that fails might.
    const code = isLasting(missing) ? 'ERR_NOT_FOUND' : missing.code;
    const { operation, subject } = error;
    throw new SilostatError(code, { operation, subject, reason, cause: missing.cause });
  }
}

/** A job object at a path is opened whatever it is called; where that is a silo's name HCS may know it. */
async function findByPath(path: string): Promise<Found> {
  const job = namedJobAt(path);
  const records = new EngineRecords();
  if (!job.isSilo) return { system: new KnownSystem(job.id, { job }, records) };
  const { listed, missing } = await askHcs({ Ids: [job.id] });
  const [system = new KnownSystem(job.id, { job }, records)] = mergeSystems([job], listed, records);
  return found(system, missing);
}

function found(system: KnownSystem, missing: Reason | undefined): Found {
  return missing === undefined ? { system } : { system, missing };
}

/** True for a failure that asking again will not mend: HCS is not there, or not for us. */
export function isLasting({ code }: Reason): boolean {
  return code === 'ERR_UNSUPPORTED' || code === 'ERR_ACCESS_DENIED';
}

async function askHcs(query: SystemQuery): Promise<{ listed: readonly ListedSystem[]; missing?: Reason }> {
  try {
    return { listed: await hostComputeService.list(query) };
  } catch (error) {
    if (!isSilostatError(error)) throw error;
    return { listed: [], missing: reasonOf(error) };
  }
}
