import { constants } from 'node:os';
import { isGone, isSilostatError, NativeError, SilostatError } from '../../errors.ts';
import { systemError } from '../errors.ts';
import type { Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import { parseCgroupProcs } from '../parse/cgroup-procs.ts';
import { readWhole, scratchBytes } from '../read.ts';
import { subCgroupsOf } from './sub-cgroups.ts';

/** The processes of a cgroup and its sub-cgroups, each once, in ascending order. */
export interface PidList {
  readonly pids: readonly number[];
  /** How many more there are in other pid namespaces, where they have no number that we could use (v2 lists them as 0). */
  readonly hidden: number;
}

/**
 * Some of its processes: those that are in the cgroup itself; only where it has none, those of its sub-cgroups.
 * @throws SilostatError as {@link readPids}
 */
export function readSomePids(hierarchy: Hierarchy, path: string): readonly number[] {
  const pids = new Set<number>();
  const top = directoryOf(hierarchy, path);
  if (top !== undefined) readTop(top, path, pids);
  return pids.size > 0 ? [...pids] : readPids(hierarchy, path).pids;
}

/** {@link readPidsOf}, of a cgroup that is given by its path in one hierarchy. */
export function readPids(hierarchy: Hierarchy, path: string): PidList {
  const top = directoryOf(hierarchy, path);
  if (top === undefined) {
    throw new SilostatError('ERR_NOT_FOUND', {
      subject: path,
      operation: 'list the processes of cgroup',
      reason: `it does not lie below ${hierarchy.mountPoint}`,
    });
  }
  return readPidsOf(top, path);
}

/**
 * The processes of one cgroup in one hierarchy, those of its sub-cgroups included. Zombies are not listed. The files
 * are opened anew each time: a kept descriptor of v1 `cgroup.procs` shows what was, for as long as it is asked.
 * @param path what the cgroup is called in messages
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_PARSE, ERR_UNSUPPORTED for a threaded cgroup.
 */
export function readPidsOf(top: string, path: string): PidList {
  const pids = new Set<number>();
  let hidden = readTop(top, path, pids);
  const below = subCgroups(top);
  for (let directory = below.pop(); directory !== undefined; directory = below.pop()) {
    try {
      hidden += readProcs(directory, pids);
      below.push(...subCgroups(directory));
    } catch (error) {
      // Removed meanwhile; or threaded, and then its processes stand in the list of the cgroup above it.
      if (!isGone(error) && !isThreaded(error)) throw error;
    }
  }
  return { pids: [...pids].sort((a, b) => a - b), hidden };
}

function readTop(directory: string, path: string, pids: Set<number>): number {
  try {
    return readProcs(directory, pids);
  } catch (error) {
    if (!isThreaded(error)) throw error;
    throw new SilostatError('ERR_UNSUPPORTED', {
      subject: path,
      operation: 'list the processes of cgroup',
      reason: 'it is threaded, and its processes are listed by the cgroup above it',
      cause: error,
    });
  }
}

function readProcs(directory: string, pids: Set<number>): number {
  const file = `${directory}/cgroup.procs`;
  const length = readWhole(file);
  return parseCgroupProcs(scratchBytes(), length, file, pids);
}

function subCgroups(directory: string): string[] {
  try {
    return subCgroupsOf(directory).map((name) => `${directory}/${name}`);
  } catch (error) {
    throw systemError(error, 'list', directory);
  }
}

function isThreaded(error: unknown): boolean {
  return (
    isSilostatError(error) && error.cause instanceof NativeError && error.cause.status === constants.errno.EOPNOTSUPP
  );
}
