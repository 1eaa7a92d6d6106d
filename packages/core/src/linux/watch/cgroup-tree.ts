import { readdirSync, statSync } from 'node:fs';
import type { Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import type { Notification, Notifications } from './notifications.ts';

/** One cgroup in one hierarchy, from when it was seen until it has gone. One made later at the same path is another. */
export interface CgroupNode {
  readonly hierarchy: Hierarchy;
  /** As in /proc/PID/cgroup. */
  readonly path: string;
  readonly directory: string;
  /** Tells it from one made later at the same path. */
  readonly inode: bigint;
}

export interface TreeListener {
  /** A cgroup is there; told before those below it. */
  appeared(node: CgroupNode): void;
  /** It has gone; told after those below it. */
  vanished(node: CgroupNode): void;
}

interface Branch extends CgroupNode {
  readonly children: Map<string, Branch>;
  watch?: Notification;
}

/** The cgroups below the mounts, kept up to date by what the kernel tells of each directory. */
export class CgroupTree {
  readonly #notifications: Notifications;
  readonly #listener: TreeListener;
  readonly #roots: readonly Branch[];
  /** Those that should be watched and cannot be. */
  readonly #unwatched = new Set<Branch>();

  constructor(hierarchies: readonly Hierarchy[], notifications: Notifications, listener: TreeListener) {
    this.#notifications = notifications;
    this.#listener = listener;
    this.#roots = hierarchies.map(rootOf);
    for (const root of this.#roots) this.#watch(root);
  }

  /** Looks at every cgroup: at first, and when something may have been missed. */
  lookAtAll(): void {
    for (const root of this.#roots) this.#reconcile(root, true);
  }

  /** Looks into those cgroups that cannot be watched. */
  lookAtUnwatched(): void {
    for (const branch of this.#unwatched) this.#reconcile(branch, false);
  }

  /** The directory is watched before it is listed: what is made in between is told, or listed, or both. */
  #add(parent: Branch, name: string, inode: bigint): void {
    const { hierarchy } = parent;
    const path = `${parent.path === '/' ? '' : parent.path}/${name}`;
    const directory = `${parent.directory}/${name}`;
    const branch: Branch = { hierarchy, path, directory, inode, children: new Map() };
    parent.children.set(name, branch);
    this.#listener.appeared(branch);
    if (inode === passed) return;
    this.#watch(branch);
    this.#reconcile(branch, false);
  }

  #remove(parent: Branch, name: string): void {
    const branch = parent.children.get(name);
    if (branch === undefined) return;
    for (const child of branch.children.keys()) this.#remove(branch, child);
    parent.children.delete(name);
    branch.watch?.close();
    this.#unwatched.delete(branch);
    this.#listener.vanished(branch);
  }

  #watch(branch: Branch): void {
    const watch = this.#notifications.watch(branch.directory, (event, name) => {
      if (event === 'rename') this.#update(branch, name, true);
    });
    if (watch !== undefined) branch.watch = watch;
    else this.#unwatched.add(branch);
  }

  /** Makes a cgroup's children those that are there. */
  #reconcile(branch: Branch, deeply: boolean): void {
    const there = namesIn(branch.directory);
    if (there === undefined) return;
    for (const name of branch.children.keys()) if (!there.has(name)) this.#remove(branch, name);
    for (const name of there) this.#update(branch, name);
    if (!deeply) return;
    for (const child of branch.children.values()) this.#reconcile(child, true);
  }

  /**
   * One child: what is at its name now, if it is a cgroup. Where the kernel tells of one that was never seen and is not
   * there, it has come and gone meanwhile: it appears, and vanishes with the other of its two events.
   */
  #update(branch: Branch, name: string, isTold = false): void {
    const known = branch.children.get(name);
    let inode = inodeOf(`${branch.directory}/${name}`);
    if (isTold && inode === undefined && known === undefined && isThere(branch)) inode = passed;
    if (inode === known?.inode) return;
    this.#remove(branch, name);
    if (inode !== undefined && inode !== noCgroup) this.#add(branch, name, inode);
  }
}

/** False when it is itself that is being removed. */
function isThere({ directory, inode }: Branch): boolean {
  return inode === passed || inodeOf(directory) === inode;
}

/** In place of the inode of a cgroup that has gone before it could be looked at. */
const passed = 0n;
/** And of what is no directory. */
const noCgroup = -1n;

function rootOf(hierarchy: Hierarchy): Branch {
  const { root: path, mountPoint } = hierarchy;
  return { hierarchy, path, directory: directoryOf(hierarchy, path) ?? mountPoint, inode: 0n, children: new Map() };
}

/** The names of the cgroups in a cgroup; undefined when it has gone or is not for us. */
function namesIn(directory: string): Set<string> | undefined {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name));
  } catch {
    return undefined;
  }
}

/** undefined for what is not there. */
function inodeOf(path: string): bigint | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined || stat.isDirectory() ? stat?.ino : noCgroup;
  } catch {
    return undefined;
  }
}
