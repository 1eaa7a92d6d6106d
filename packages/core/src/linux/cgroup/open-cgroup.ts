import { existsSync } from 'node:fs';
import { isGone, isSilostatError, SilostatError } from '../../errors.ts';
import { KeyedNumber } from '../parse/keyed-number.ts';
import { readAtOnce, scratchBytes } from '../read.ts';
import type { Cgroup, CgroupReference } from './cgroup.ts';
import type { CgroupDirectory } from './cgroup-directory.ts';
import { CgroupHybrid } from './cgroup-hybrid.ts';
import { resolveCgroupPaths, writtenPaths } from './cgroup-paths.ts';
import { CgroupPlaces } from './cgroup-places.ts';
import { Cgroup1 } from './cgroup1.ts';
import { Cgroup2 } from './cgroup2.ts';
import { readPids } from './pids.ts';

/** How often a cgroup that is being made is looked at again. */
const attempts = 3;

export interface OpenedCgroup {
  readonly cgroup: Cgroup;
  /** True where some hierarchy has no cgroup of this container: it may have been in the making. */
  readonly isPartial: boolean;
}

/**
 * Opens a cgroup: finds its directory in each hierarchy.
 *
 * A version 1 container is removed one hierarchy after the other, and while that goes on it must not look like a
 * container that lacks a controller. What makes the difference: a cgroup can be removed only when its last process has
 * gone. So where a directory is missing that should be there (a member process says so, or the engine's state file, or
 * nobody knows better), the processes are looked for after it was found missing. Are there some, it was not removed: the
 * controller is absent, with its reason. Are there none, or has the primary directory gone by then: the container is
 * being removed, ERR_NOT_FOUND. The same holds later on: a file that cannot be opened or read because its cgroup has
 * gone makes the whole container ERR_NOT_FOUND (see CgroupDirectory and CgroupJob).
 *
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_PARSE.
 */
export function openCgroup(reference: CgroupReference): OpenedCgroup {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const places = writtenPlaces(reference) ?? new CgroupPlaces(reference.hierarchies, resolveCgroupPaths(reference));
    const { hierarchy, inode } = places.primary;
    if (reference.seen?.isIts(hierarchy, inode) === false) break;
    if (isMissed(places, reference) && !hasProcesses(places.primary)) break;
    // One that is there by now was just being made: look again.
    if (places.missing.some(({ directory }) => existsSync(directory))) continue;
    return { cgroup: cgroupOf(places), isPartial: places.isPartial };
  }
  throw new SilostatError('ERR_NOT_FOUND', {
    subject: reference.path,
    operation: 'open cgroup',
    reason: 'it has been removed, or is just being so',
  });
}

/** Where the runtime wrote down where they are, and all of them are there. */
function writtenPlaces(reference: CgroupReference): CgroupPlaces | undefined {
  const paths = writtenPaths(reference);
  if (paths === undefined) return undefined;
  try {
    const places = new CgroupPlaces(reference.hierarchies, paths);
    return places.isPartial ? undefined : places;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** One that has never been there is not removed: it is still to be made. */
function isMissed({ missing }: CgroupPlaces, { seen }: CgroupReference): boolean {
  return missing.some(({ hierarchy }) => seen === undefined || seen.has(hierarchy));
}

function cgroupOf(places: CgroupPlaces): Cgroup {
  const { v2 } = places;
  if (v2 === undefined) return new Cgroup1(places);
  return places.hasVersion1 ? new CgroupHybrid(places, v2) : new Cgroup2(v2);
}

/** True while there is a process in the cgroup or below it. */
function hasProcesses(directory: CgroupDirectory): boolean {
  try {
    if (directory.hierarchy.version === 2) return isPopulated(directory.directory);
    return readPids(directory.hierarchy, directory.path).pids.length > 0;
  } catch (error) {
    if (isSilostatError(error) && error.code === 'ERR_NOT_FOUND') return false;
    throw error;
  }
}

/** Whether there are processes in a cgroup of version 2 or below it, those of other pid namespaces too. */
export function isPopulated(directory: string): boolean {
  const file = `${directory}/cgroup.events`;
  const length = readAtOnce(file);
  return new KeyedNumber('populated').parse(scratchBytes(), length, file) !== 0;
}
