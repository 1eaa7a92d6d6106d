import type { ComputeSystem } from '../compute-system.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { isGone, isSilostatError, SilostatError } from '../errors.ts';
import type { StartWatch } from '../follower.ts';
import type { CleanOptions, Host, Leftover, ListOptions } from '../host.ts';
import type { JobContainer, JobContainerOptions } from '../job-container.ts';
import { checkedJobOptions } from '../job-options.ts';
import type { Reference } from '../reference.ts';
import { parseReference } from '../reference.ts';
import type { ComputeSystemSummary } from '../schema/summary.ts';
import { withoutAliases } from './containers/aliases.ts';
import type { FoundCgroup } from './containers/discovery.ts';
import { classifyPath, discover } from './containers/discovery.ts';
import type { EngineFolders } from './containers/engines/folders.ts';
import { engineFolders } from './containers/engines/folders.ts';
import { EngineRecords } from './containers/engines/records.ts';
import type { Nameable } from './containers/reference.ts';
import { notFound, resolveReference } from './containers/reference.ts';
import { cgroupPathOf, namesOf, summarize } from './containers/summary.ts';
import type { Hierarchies, HierarchyRoots } from './mounts.ts';
import { pathOfDirectory, readHierarchies, recentHierarchies } from './mounts.ts';

/** What is there at one moment: the mounts, and what the engines wrote down. */
interface Moment {
  readonly hierarchies: Hierarchies;
  readonly records: EngineRecords;
}

/** The containers of a Linux host: those of this one, or of one whose files are mounted (or recorded) below `roots`. */
export class LinuxHost implements Host {
  readonly #roots: HierarchyRoots;
  readonly #folders: EngineFolders;

  constructor(roots: HierarchyRoots = {}) {
    this.#roots = roots;
    this.#folders = engineFolders(roots.fsRoot);
  }

  async list(options: ListOptions): Promise<ComputeSystemSummary[]> {
    const { hierarchies, records } = this.#look();
    const all = options.all === true;
    const summaries: ComputeSystemSummary[] = [];
    const found = discover(hierarchies, records.runtimeStates, { all });
    for (const cgroup of withoutAliases(found, hierarchies)) {
      const summary = summarize(cgroup, records, hierarchies);
      if (summary !== undefined && (isRunning(summary) || isListedEmpty(cgroup, all))) summaries.push(summary);
    }
    return summaries.sort(byId);
  }

  async open(reference: string): Promise<ComputeSystem> {
    const { moment, cgroup } = this.#find(parseReference(reference));
    // A list needs nothing of what reads figures. An import() costs some time also of what is loaded.
    opening ??= await import('./containers/open-container.ts');
    return opening.openContainer(cgroup, moment);
  }

  async create(options: JobContainerOptions): Promise<JobContainer> {
    // Who only reads does not load what starts processes.
    const { createLinuxJob } = await import('./job-container/create.ts');
    return createLinuxJob(checkedJobOptions(options), () => readHierarchies(this.#roots));
  }

  async clean(options: CleanOptions): Promise<Leftover[]> {
    const { cleanLeftovers } = await import('./job-container/clean.ts');
    return cleanLeftovers(readHierarchies(this.#roots), options);
  }

  async diagnose(): Promise<Diagnosis> {
    let hierarchies: Hierarchies | undefined;
    try {
      hierarchies = readHierarchies(this.#roots);
    } catch (error) {
      // None is mounted: that is what there is to tell.
      if (!isSilostatError(error) || error.code !== 'ERR_UNSUPPORTED') throw error;
    }
    const { diagnose } = await import('./diagnosis.ts');
    return diagnose(hierarchies, this.#roots.fsRoot);
  }

  async watch({ all = false }: ListOptions): Promise<StartWatch> {
    const { ContainerWatch } = await import('./watch/container-watch.ts');
    const hierarchies = readHierarchies(this.#roots);
    return (listener) => new ContainerWatch({ hierarchies, folders: this.#folders, all }, listener);
  }

  /** What is not found where the hierarchies were mounted a moment ago is looked for where they are now. */
  #find(wanted: Reference): { readonly moment: Moment; readonly cgroup: FoundCgroup } {
    const find = (moment: Moment) => ({
      moment,
      cgroup: wanted.kind === 'path' ? atPath(wanted.path, moment) : named(wanted.name, moment),
    });
    const recent = recentHierarchies(this.#roots);
    try {
      if (recent !== undefined) return find(this.#look(recent));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    return find(this.#look());
  }

  #look(hierarchies = readHierarchies(this.#roots)): Moment {
    return { hierarchies, records: new EngineRecords(this.#folders, hierarchies) };
  }
}

let opening: typeof import('./containers/open-container.ts') | undefined;

export const linuxHost: Host = new LinuxHost();

function byId(a: ComputeSystemSummary, b: ComputeSystemSummary): number {
  if (a.Id === b.Id) return (a.CgroupPath ?? '') < (b.CgroupPath ?? '') ? -1 : 1;
  return a.Id < b.Id ? -1 : 1;
}

function isRunning(summary: ComputeSystemSummary): boolean {
  return summary.ProcessCount !== 0;
}

/** Containers that have ended are there with `all`; a job of ours always is, units and other cgroups only with processes. */
function isListedEmpty({ role }: FoundCgroup, all: boolean): boolean {
  return role === 'job' || (all && role === 'container');
}

function atPath(given: string, { hierarchies, records }: Moment): FoundCgroup {
  const path = pathOfDirectory(hierarchies, given)?.path ?? given;
  if (path === '/') {
    throw new SilostatError('ERR_INVALID_ARGUMENT', {
      subject: given,
      operation: 'open container',
      reason: 'the root cgroup is the whole host, not a container',
    });
  }
  const cgroup = classifyPath(hierarchies, path, records);
  if (cgroup === undefined) throw notFound(given);
  return cgroup;
}

function named(name: string, { hierarchies, records }: Moment): FoundCgroup {
  const found = discover(hierarchies, records.runtimeStates, { all: true }).map((cgroup) => new Named(cgroup, records));
  const isContainer = ({ cgroup }: Named) => cgroup.role === 'container' || cgroup.role === 'job';
  const containers = found.filter(isContainer);
  const others = found.filter((each) => !isContainer(each));
  return resolveReference(name, containers, others).cgroup;
}

/** A cgroup by all that it can be called. Its names are looked for when they are asked for: an id needs no engine's files. */
class Named implements Nameable {
  readonly cgroup: FoundCgroup;
  readonly #records: EngineRecords;
  #names: readonly string[] | undefined;

  constructor(cgroup: FoundCgroup, records: EngineRecords) {
    this.cgroup = cgroup;
    this.#records = records;
  }

  get id(): string {
    return this.cgroup.id;
  }

  get cgroupPath(): string {
    return cgroupPathOf(this.cgroup);
  }

  get names(): readonly string[] {
    this.#names ??= namesOf(this.cgroup, this.#records.factsOf(this.cgroup));
    return this.#names;
  }
}
