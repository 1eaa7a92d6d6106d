import type { ComputeSystem } from './compute-system.ts';
import type { Diagnosis } from './diagnosis.ts';
import { SilostatError } from './errors.ts';
import type { FollowOptions, StartWatch } from './follower.ts';
import { Follower } from './follower.ts';
import type { JobContainer, JobContainerOptions } from './job-container.ts';
import type { Reference } from './reference.ts';
import * as references from './reference.ts';
import type { Reason } from './report.ts';
import type { ComputeSystemSummary } from './schema/summary.ts';
import { ListingWatch } from './system-watch.ts';

export interface ListOptions {
  /** Also systemd units, other leaf cgroups with processes, and ended containers. */
  all?: boolean;
  /** Told what could not be asked, and why: then the list may lack systems (Windows without HCS: virtual machines). */
  onMissing?: (reason: Reason) => void;
}

export interface CleanOptions {
  /** Only tell what would be removed. */
  dryRun?: boolean;
}

/** What a silostat that was killed left behind: a job container that nobody owns any more. */
export interface Leftover {
  readonly id: string;
  /** Its cgroup, or what else there is of it. */
  readonly path: string;
  /** How many processes still ran in it. */
  readonly processCount: number;
}

/** What an operating system has to offer; one object per system. */
export interface Host {
  list(options: ListOptions): Promise<ComputeSystemSummary[]>;
  open(reference: string): Promise<ComputeSystem>;
  create(options: JobContainerOptions): Promise<JobContainer>;
  clean(options: CleanOptions): Promise<Leftover[]>;
  /** What can be read here, and what cannot. */
  diagnose(): Promise<Diagnosis>;
  /** Where the kernel tells of systems that come and go; absent where they can but be listed. */
  watch?(options: ListOptions): Promise<StartWatch>;
}

/** The containers (and VMs) of this host. */
export async function listComputeSystems(options: ListOptions = {}): Promise<ComputeSystemSummary[]> {
  return (await thisHost()).list(options);
}

/**
 * Checks a reference as this system takes it, without opening anything: NT paths are for Windows alone.
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function parseReference(reference: string): Reference {
  return references.parseReference(reference, { objectPaths: process.platform === 'win32' });
}

/**
 * Opens a container for reading. `reference` is an absolute cgroup path (on Windows the NT
 * path of a job object), an id, a name, or a unique prefix (3 characters
 * or more) of an id or name, tried in this order.
 * @throws SilostatError ERR_INVALID_ARGUMENT (nothing is opened then), ERR_NOT_FOUND, ERR_AMBIGUOUS with `candidates`,
 * ERR_ACCESS_DENIED.
 */
export async function openComputeSystem(reference: string): Promise<ComputeSystem> {
  parseReference(reference);
  return (await thisHost()).open(reference);
}

/**
 * Follows all containers of this host: those that are there, and those that come later, until they end.
 * @throws SilostatError ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED.
 */
export async function followComputeSystems(options: FollowOptions = {}): Promise<Follower> {
  const host = await thisHost();
  const startWatch = (await host.watch?.(options)) ?? ((listener) => new ListingWatch(host, listener));
  return new Follower(options, startWatch);
}

/**
 * Makes a job container: an empty job (job object or cgroup) to spawn processes in.
 * @throws SilostatError ERR_INVALID_ARGUMENT, ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED, ERR_UNSUPPORTED.
 */
export async function createJobContainer(options: JobContainerOptions = {}): Promise<JobContainer> {
  return (await thisHost()).create(options);
}

/**
 * Ends and removes the job containers whose owner is gone; nothing that is not ours is touched. On Windows there never is
 * one: the kernel ends a job with its owner.
 * @returns what was removed, or with `dryRun` what would be
 * @throws SilostatError
 */
export async function cleanJobContainers(options: CleanOptions = {}): Promise<Leftover[]> {
  return (await thisHost()).clean(options);
}

/**
 * What this process can read on this host, and what it cannot, without reading any container's figures.
 * @throws SilostatError ERR_UNSUPPORTED on another system than Windows and Linux.
 */
export async function diagnoseHost(): Promise<Diagnosis> {
  return (await thisHost()).diagnose();
}

let known: Host | undefined;

/** Loaded once: an import() costs some time also of what is loaded. */
async function thisHost(): Promise<Host> {
  known ??= await loadHost();
  return known;
}

async function loadHost(): Promise<Host> {
  switch (process.platform) {
    case 'linux':
      return (await import('./linux/host.ts')).linuxHost;
    case 'win32':
      return (await import('./windows/host.ts')).windowsHost;
    default:
      throw new SilostatError('ERR_UNSUPPORTED', {
        subject: process.platform,
        operation: 'read container statistics on',
        reason: 'only Windows and Linux have job objects and cgroups',
      });
  }
}
