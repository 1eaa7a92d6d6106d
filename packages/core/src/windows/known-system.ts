import { SilostatError } from '../errors.ts';
import type { Identity } from '../schema/properties.ts';
import type { EngineRecords, RecordedFacts } from './engine-records.ts';
import type { ListedSystem } from './hcs/compute-service.ts';
import type { NamedJob } from './named-jobs.ts';

const shortestPrefix = 3;

/** A container or a VM of this host, by all that is known of it: its job object, what HCS says, what its engine wrote down. */
export class KnownSystem {
  readonly id: string;
  /** Absent where the kernel shows none. */
  readonly job: NamedJob | undefined;
  /** Absent where HCS does not know it, or could not be asked. */
  readonly hcs: ListedSystem | undefined;
  readonly #records: EngineRecords;
  #facts: RecordedFacts | undefined;

  constructor(id: string, found: { job?: NamedJob; hcs?: ListedSystem }, records: EngineRecords) {
    this.id = id;
    this.job = found.job;
    this.hcs = found.hcs;
    this.#records = records;
  }

  /** Read when they are first asked for: an id needs no engine's files. */
  get facts(): RecordedFacts {
    this.#facts ??= this.#records.factsOf(this.id);
    return this.#facts;
  }

  get names(): string[] {
    const names = [...(this.facts.names ?? [])];
    const given = this.hcs?.Name;
    if (given !== undefined && given !== this.id && !names.includes(given)) names.push(given);
    return names;
  }

  /** As HCS spells it; else what the kernel and the engine tell. */
  get identity(): Identity {
    if (this.hcs !== undefined) {
      const { Id, SystemType, RuntimeOsType, Owner } = this.hcs;
      return { Id, SystemType, RuntimeOsType, Owner };
    }
    const owner = this.job?.owner ?? '';
    return { Id: this.id, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: owner || this.facts.owner };
  }

  get isContainer(): boolean {
    return this.hcs === undefined || this.hcs.SystemType === 'Container';
  }
}

/** Each system once, whoever told of it. A silo is HCS's of the same id; the kernel minds the case, HCS does not. */
export function mergeSystems(
  jobs: readonly NamedJob[],
  listed: readonly ListedSystem[],
  records: EngineRecords,
): KnownSystem[] {
  const byId = new Map(listed.map((system) => [system.Id.toLowerCase(), system]));
  const fromKernel = jobs.map((job) => {
    const hcs = job.isSilo ? byId.get(job.id.toLowerCase()) : undefined;
    if (hcs === undefined) return new KnownSystem(job.id, { job }, records);
    byId.delete(job.id.toLowerCase());
    return new KnownSystem(hcs.Id, { job, hcs }, records);
  });
  return [...fromKernel, ...[...byId.values()].map((hcs) => new KnownSystem(hcs.Id, { hcs }, records))];
}

/** What a reference is held against. */
export type Nameable = Pick<KnownSystem, 'id' | 'names' | 'job'>;

/**
 * An exact id, then an exact name (a job object's counts), then a unique prefix of an id or name.
 * @throws SilostatError ERR_NOT_FOUND, ERR_AMBIGUOUS with `candidates`
 */
export function select<T extends Nameable>(name: string, systems: readonly T[]): T {
  const byId = systems.filter(({ id }) => id === name);
  const matches = trustedFirst(byId.length > 0 ? byId : byNameOrPrefix(name, systems));
  const [match, another] = matches;
  if (match === undefined) {
    throw new SilostatError('ERR_NOT_FOUND', {
      operation: 'open container',
      subject: name,
      reason: 'there is no container and no virtual machine of that id, name or prefix',
    });
  }
  if (another === undefined) return match;
  // Object directories have an order of their own, which is another one each time.
  const candidates = matches.map(({ id, job }) => (byId.length > 0 ? (job?.path ?? id) : id)).toSorted();
  const reason = `it stands for ${matches.length} containers: ${candidates.join(', ')}`;
  throw new SilostatError('ERR_AMBIGUOUS', { operation: 'open container', subject: name, reason, candidates });
}

function byNameOrPrefix<T extends Nameable>(name: string, systems: readonly T[]): T[] {
  const byName = systems.filter(({ names, job }) => names.includes(name) || job?.path.endsWith(`\\${name}`) === true);
  if (byName.length > 0 || name.length < shortestPrefix) return byName;
  return systems.filter(({ id, names }) => [id, ...names].some((candidate) => candidate.startsWith(name)));
}

/** Any user may make a job with a container's name: it does not stand in the way of the container itself. */
function trustedFirst<T extends Nameable>(systems: readonly T[]): readonly T[] {
  const trusted = systems.filter(({ job }) => job?.verified !== false);
  return trusted.length > 0 ? trusted : systems;
}
