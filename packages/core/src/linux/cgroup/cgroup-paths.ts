import { statSync } from 'node:fs';
import { errnoOf } from '../../errno.ts';
import { isSilostatError, SilostatError } from '../../errors.ts';
import type { Reason } from '../../report.ts';
import { isGoneErrno, systemError } from '../errors.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { directoryOf, isWithin, nameOf } from '../mounts.ts';
import type { CgroupPaths, CgroupReference } from './cgroup.ts';
import { readSomePids } from './pids.ts';

/** Which hierarchy is asked first for a container's processes, and whose directory is its identity. */
const preference: readonly string[] = ['memory', 'cpuacct', 'cpu', 'pids', 'blkio', 'freezer', 'devices'];

/** One member tells all there is; the next is asked only where one has just gone, or its cgroup is not shown. */
const mostAsked = 16;

/** A process of the container, and what it says of its cgroups. */
interface Member {
  /** As in /proc/PID/cgroup: by v1 controller, by the empty name for v2. */
  readonly cgroups: ReadonlyMap<string, string>;
  /** How far below the container's cgroup it is: empty, or `/init.scope`. */
  readonly below: string;
}

/**
 * Where a cgroup lies in each hierarchy: as a member process says, else as the engine's state file says, else at the
 * same path everywhere. The directories need not exist; the primary one did a moment ago.
 * @throws SilostatError ERR_NOT_FOUND when it is in no hierarchy, ERR_ACCESS_DENIED, ERR_PARSE.
 */
export function resolveCgroupPaths(reference: CgroupReference): CgroupPaths {
  const all = inOrder(reference.hierarchies);
  const seen = new Map<Hierarchy, boolean>();
  // Looked at once, when it is first asked for: one that was there and goes meanwhile is gone, not somewhere else.
  const isPresent = (hierarchy: Hierarchy) => {
    const present = seen.get(hierarchy) ?? exists(hierarchy, reference.path);
    seen.set(hierarchy, present);
    return present;
  };
  const member = findMember(all, reference, isPresent);
  const paths = new Map<Hierarchy, string>();
  const reasons = new Map<Hierarchy, Reason>();
  for (const hierarchy of all) {
    const path = member === undefined ? guess(hierarchy, reference) : ownPath(hierarchy, reference, member);
    if (typeof path === 'string') paths.set(hierarchy, path);
    else reasons.set(hierarchy, path);
  }
  const primary = all.find((hierarchy) => paths.get(hierarchy) === reference.path && isPresent(hierarchy));
  if (primary === undefined) throw whyNowhere(all, reference.path);
  return { primary, paths, reasons };
}

/**
 * The same without a look at anything, as the runtime wrote it down, or where there is one hierarchy alone. None of the
 * directories need exist.
 */
export function writtenPaths(reference: CgroupReference): CgroupPaths | undefined {
  const all = inOrder(reference.hierarchies);
  if (all.length > 1 && reference.isWrittenDown !== true) return undefined;
  const paths = new Map(all.map((hierarchy) => [hierarchy, enginePath(hierarchy, reference) ?? reference.path]));
  const isAtPath = (hierarchy: Hierarchy) => paths.get(hierarchy) === reference.path;
  const primary = all.find((hierarchy) => isAtPath(hierarchy) && directoryOf(hierarchy, reference.path) !== undefined);
  return primary && { primary, paths, reasons: noReasons };
}

const noReasons: ReadonlyMap<Hierarchy, Reason> = new Map();

const orders = new WeakMap<Hierarchies, readonly Hierarchy[]>();

function inOrder(hierarchies: Hierarchies): readonly Hierarchy[] {
  const known = orders.get(hierarchies) ?? ordered(hierarchies);
  orders.set(hierarchies, known);
  return known;
}

/** v2 first: its list of processes is never stale, and the same for all controllers. */
function ordered(hierarchies: Hierarchies): readonly Hierarchy[] {
  const rank = (hierarchy: Hierarchy) => {
    const ranks = hierarchy.controllers.map((name) => preference.indexOf(name)).filter((index) => index >= 0);
    return Math.min(preference.length, ...ranks);
  };
  const v1 = [...hierarchies.v1].sort((a, b) => rank(a) - rank(b));
  return hierarchies.v2 === undefined ? v1 : [hierarchies.v2, ...v1];
}

/** Any process that is in the cgroup, or below it, in one of the hierarchies. */
function findMember(
  all: readonly Hierarchy[],
  reference: CgroupReference,
  isPresent: (hierarchy: Hierarchy) => boolean,
): Member | undefined {
  for (const hierarchy of all) {
    if (!isPresent(hierarchy)) continue;
    for (const pid of pidsOf(hierarchy, reference.path).slice(0, mostAsked)) {
      const cgroups = cgroupsOf(reference, pid);
      const path = cgroups?.get(nameOf(hierarchy));
      if (cgroups === undefined || path === undefined || !isWithin(path, reference.path)) continue;
      return { cgroups, below: path === reference.path ? '' : path.slice(lengthOf(reference.path)) };
    }
  }
  return undefined;
}

function pidsOf(hierarchy: Hierarchy, path: string): readonly number[] {
  try {
    return readSomePids(hierarchy, path);
  } catch (error) {
    // Removed meanwhile, threaded, or not to be read: another hierarchy may tell.
    if (isSilostatError(error) && error.code !== 'ERR_PARSE') return [];
    throw error;
  }
}

function cgroupsOf(reference: CgroupReference, pid: number): ReadonlyMap<string, string> | undefined {
  try {
    return reference.hierarchies.proc.cgroupsOf(pid);
  } catch (error) {
    if (isSilostatError(error) && error.code !== 'ERR_PARSE') return undefined;
    throw error;
  }
}

/**
 * The container's own cgroup in a hierarchy, told from that of a member. A member of a nested cgroup is further below;
 * and where the engine does not use a controller, the member is in a cgroup that is not the container's (`/`, the
 * engine's own): its figures are somebody else's.
 */
function ownPath(hierarchy: Hierarchy, reference: CgroupReference, member: Member): string | Reason {
  const itsPath = member.cgroups.get(nameOf(hierarchy));
  const known = enginePath(hierarchy, reference);
  if (itsPath !== undefined) {
    // The longest: a name may stand twice in a path, as in that of a container in a container.
    const candidates = [known, reference.path].filter((path) => path !== undefined && isWithin(itsPath, path));
    const own = candidates.sort((a = '', b = '') => b.length - a.length)[0];
    const found = own ?? upToName(itsPath, lastName(reference.path), member.below);
    if (found !== undefined) return found;
  }
  // It may be on its way in: an engine moves the first process into one hierarchy after the other.
  const expected = known ?? reference.path;
  if (exists(hierarchy, expected)) return expected;
  return {
    code: 'ERR_UNSUPPORTED',
    message: `it has no cgroup of its own for ${describe(hierarchy)}: its processes are in ${itsPath ?? 'none'}`,
  };
}

/**
 * The part of a path that ends with the container's own name: `/x/lab` of `/x/lab/init.scope`. Undefined where that name
 * is not in it. `below` is how far the member is nested in another hierarchy, where it often is as far.
 */
function upToName(path: string, name: string, below: string): string | undefined {
  if (below !== '' && path.endsWith(`/${name}${below}`)) return path.slice(0, path.length - below.length);
  const names = path.split('/');
  const last = names.lastIndexOf(name);
  return last < 1 ? undefined : names.slice(0, last + 1).join('/');
}

/** Without a member: the same path where there is one, else what the engine says it made. */
function guess(hierarchy: Hierarchy, reference: CgroupReference): string | Reason {
  if (exists(hierarchy, reference.path)) return reference.path;
  const known = enginePath(hierarchy, reference);
  if (known !== undefined) return known;
  if (reference.hasAllPaths !== true) return reference.path;
  return { code: 'ERR_UNSUPPORTED', message: `no cgroup was made for it in ${describe(hierarchy)}` };
}

function enginePath(hierarchy: Hierarchy, reference: CgroupReference): string | undefined {
  if (hierarchy.version === 2) return reference.enginePaths?.get('');
  for (const controller of hierarchy.controllers) {
    const path = reference.enginePaths?.get(controller);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** False also where it may not be looked at: {@link whyNowhere} tells, if it is nowhere else. */
function exists(hierarchy: Hierarchy, path: string): boolean {
  const directory = directoryOf(hierarchy, path);
  if (directory === undefined) return false;
  try {
    return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function whyNowhere(all: readonly Hierarchy[], path: string): unknown {
  for (const hierarchy of all) {
    const directory = directoryOf(hierarchy, path);
    if (directory === undefined) continue;
    try {
      statSync(directory);
    } catch (error) {
      if (!isGoneErrno(errnoOf(error))) return systemError(error, 'open cgroup', path, directory);
    }
  }
  const reason = 'there is none of this path in any hierarchy';
  return new SilostatError('ERR_NOT_FOUND', { subject: path, operation: 'open cgroup', reason });
}

function describe(hierarchy: Hierarchy): string {
  return hierarchy.version === 2 ? 'cgroup v2' : hierarchy.controllers.join(' and ');
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function lengthOf(path: string): number {
  return path === '/' ? 0 : path.length;
}
