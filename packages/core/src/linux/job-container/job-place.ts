import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { errnoOf } from '../../errno.ts';
import { isGoneErrno } from '../errors.ts';
import type { Hierarchy } from '../mounts.ts';
import { writeControl } from './control-file.ts';

/** The cgroup in which all jobs lie. */
const parentName = 'silostat';
/** The v2 controllers that a job needs for its figures. */
const wanted = ['cpu', 'io', 'memory', 'pids'];
/** Says that a parent was made by us, by any process of ours: such a one may go when it is empty. */
const sticky = 0o1000;
const mostTries = 100;

/** Makes `/silostat/<id>`, with its parent. @throws what node:fs throws */
export function makeDirectory(hierarchy: Hierarchy, id: string): string {
  const parent = parentOf(hierarchy);
  for (let tries = 1; ; tries++) {
    makeParent(hierarchy, parent);
    try {
      mkdirSync(`${parent}/${id}`, 0o755);
      return `${parent}/${id}`;
    } catch (error) {
      // Another process may just have removed the parent, together with its last job.
      if (errnoOf(error) !== 'ENOENT' || tries === mostTries) throw error;
    }
  }
}

function makeParent(hierarchy: Hierarchy, parent: string): void {
  try {
    mkdirSync(parent, sticky | 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  if (hierarchy.version === 1) return;
  // Without systemd nobody else hands the controllers down from the root.
  if (!isSystemdBooted()) handDown(hierarchy.mountPoint);
  handDown(parent);
}

function handDown(directory: string): void {
  try {
    const available = words(`${directory}/cgroup.controllers`);
    const enabled = words(`${directory}/cgroup.subtree_control`);
    for (const controller of wanted) {
      if (!available.includes(controller) || enabled.includes(controller)) continue;
      writeControl(`${directory}/cgroup.subtree_control`, `+${controller}`);
    }
  } catch {
    // Not to be had: the figures of that controller will be absent, with their reason.
  }
}

function words(file: string): string[] {
  return readFileSync(file, 'latin1').trim().split(' ');
}

function isSystemdBooted(): boolean {
  return statSync('/run/systemd/system', { throwIfNoEntry: false }) !== undefined;
}

/** Removes a cgroup and those below it, the lowest first; what could not be removed for now. */
export function removeTree(directory: string): unknown {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const left = entry.isDirectory() ? removeTree(`${directory}/${entry.name}`) : undefined;
      if (left !== undefined) return left;
    }
    rmdirSync(directory);
    return undefined;
  } catch (error) {
    return isGoneErrno(errnoOf(error)) ? undefined : error;
  }
}

/** Where it is empty, and ours. */
export function removeParent(hierarchy: Hierarchy): void {
  const parent = parentOf(hierarchy);
  try {
    if ((statSync(parent).mode & sticky) !== 0) rmdirSync(parent);
  } catch {
    // Another job is in it, or it has gone already.
  }
}

function parentOf({ mountPoint }: Hierarchy): string {
  return `${mountPoint}/${parentName}`;
}
