import { SilostatError } from '../errors.ts';
import type { MountEntry } from './parse/mountinfo.ts';
import { parseMountinfo } from './parse/mountinfo.ts';
import { ProcFs } from './process/proc.ts';
import { readWhole, scratchBytes } from './read.ts';

/** One cgroup hierarchy, where it is mounted. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** v1: its controllers, co-mounted ones together, a named hierarchy as `name=systemd`. v2: none, they differ by cgroup. */
  readonly controllers: readonly string[];
  /** The directory, as this process reaches it. */
  readonly mountPoint: string;
  /**
   * The cgroup that lies at the mount point, as in /proc/PID/cgroup: `/` as a rule, `/docker/<id>` where only a part of
   * the hierarchy is mounted, `/..` where the mount reaches above our cgroup namespace.
   */
  readonly root: string;
}

/** The cgroup hierarchies of this host as this process sees them. */
export interface Hierarchies {
  readonly v1: readonly Hierarchy[];
  readonly v2: Hierarchy | undefined;
  /** The v1 hierarchies by controller (`memory`, `cpuacct`, `name=systemd`). */
  readonly byController: ReadonlyMap<string, Hierarchy>;
  readonly proc: ProcFs;
}

/** Where to look; another place than the defaults for a recorded tree, or for the host's files mounted in a container. */
export interface HierarchyRoots {
  /** Default `/proc`. */
  readonly procRoot?: string;
  /** Stands before each mount point of mountinfo. Default empty. */
  readonly fsRoot?: string;
}

const v1Controllers: ReadonlySet<string> = new Set([
  'blkio',
  'cpu',
  'cpuacct',
  'cpuset',
  'debug',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'misc',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
  'rdma',
]);

/**
 * Finds the hierarchies in /proc/self/mountinfo. Where one is mounted several times, the mount that shows most of it.
 * @throws SilostatError ERR_UNSUPPORTED when none is mounted, ERR_PARSE, ERR_ACCESS_DENIED.
 */
export function readHierarchies(roots: HierarchyRoots = {}): Hierarchies {
  const { procRoot = '/proc', fsRoot = '' } = roots;
  const file = `${procRoot}/self/mountinfo`;
  const length = readWhole(file);
  const bytes = scratchBytes().subarray(0, length);
  const atMs = performance.now();
  if (last?.file === file && last.fsRoot === fsRoot && last.bytes.equals(bytes)) {
    last.atMs = atMs;
    return last.hierarchies;
  }
  const hierarchies = hierarchiesIn(bytes, file, new ProcFs(procRoot), fsRoot);
  last = { file, fsRoot, bytes: Buffer.from(bytes), hierarchies, atMs };
  return hierarchies;
}

/** Mounts seldom change: thousands of containers that are open share what was found in the same text. */
let last: { file: string; fsRoot: string; bytes: Buffer; hierarchies: Hierarchies; atMs: number } | undefined;

const recentMs = 1000;

/**
 * Those that were found a moment ago; undefined where that is longer ago. The kernel writes a line for each mount of the host,
 * which has several for each container: who opens one container after the other need not pay for all of them each time.
 */
export function recentHierarchies({ procRoot = '/proc', fsRoot = '' }: HierarchyRoots = {}): Hierarchies | undefined {
  if (last?.file !== `${procRoot}/self/mountinfo` || last.fsRoot !== fsRoot) return undefined;
  return performance.now() - last.atMs < recentMs ? last.hierarchies : undefined;
}

function hierarchiesIn(bytes: Uint8Array, file: string, proc: ProcFs, fsRoot: string): Hierarchies {
  const found = hierarchiesOf(parseMountinfo(bytes, bytes.length, file), fsRoot);
  if (found.length === 0) {
    throw new SilostatError('ERR_UNSUPPORTED', {
      subject: file,
      operation: 'find a cgroup hierarchy in',
      reason: 'none is mounted; mount cgroup2 on /sys/fs/cgroup',
    });
  }
  const v1 = found.filter((hierarchy) => hierarchy.version === 1);
  const byController = new Map(v1.flatMap((hierarchy) => hierarchy.controllers.map((name) => [name, hierarchy])));
  return { v1, v2: found.find((hierarchy) => hierarchy.version === 2), byController, proc };
}

function hierarchiesOf(entries: readonly MountEntry[], fsRoot: string): Hierarchy[] {
  // What was mounted later on the same directory hides what was there before.
  const visible = new Map(entries.map((entry) => [entry.mountPoint, entry]));
  const widest = new Map<string, Hierarchy>();
  for (const entry of visible.values()) {
    const hierarchy = hierarchyOf(entry, fsRoot);
    if (hierarchy === undefined) continue;
    const key = `${hierarchy.version} ${hierarchy.controllers.join()}`;
    const known = widest.get(key);
    if (known === undefined || height(hierarchy.root) > height(known.root)) widest.set(key, hierarchy);
  }
  return [...widest.values()];
}

function hierarchyOf(entry: MountEntry, fsRoot: string): Hierarchy | undefined {
  const { root } = entry;
  const mountPoint = `${fsRoot}${entry.mountPoint}`;
  if (entry.fsType === 'cgroup2') return { version: 2, controllers: [], mountPoint, root };
  if (entry.fsType !== 'cgroup') return undefined;
  const controllers = entry.superOptions.filter((option) => v1Controllers.has(option) || option.startsWith('name='));
  return controllers.length === 0 ? undefined : { version: 1, controllers, mountPoint, root };
}

/** How far up a mount's root lies: `/a/b` -2, `/` 0, `/../..` 2. */
function height(root: string): number {
  let levels = 0;
  for (const component of root.split('/')) {
    if (component === '..') levels += 1;
    else if (component !== '') levels -= 1;
  }
  return levels;
}

/**
 * The directory of a cgroup; `path` as in /proc/PID/cgroup. Undefined when the path is not below the mount, and when it
 * is no such path: the result always lies below the mount point.
 */
export function directoryOf(hierarchy: Hierarchy, path: string): string | undefined {
  const wanted = componentsOf(path);
  const mounted = componentsOf(hierarchy.root);
  if (wanted === undefined || mounted === undefined || wanted.ups !== mounted.ups) return undefined;
  if (mounted.names.some((name, index) => wanted.names[index] !== name)) return undefined;
  return [hierarchy.mountPoint, ...wanted.names.slice(mounted.names.length)].join('/');
}

/** The cgroup of a directory at or below a cgroup mount; undefined for any other. */
export function pathOfDirectory(
  hierarchies: Hierarchies,
  directory: string,
): { readonly hierarchy: Hierarchy; readonly path: string } | undefined {
  let best: Hierarchy | undefined;
  for (const hierarchy of inOrder(hierarchies)) {
    if (belowMount(hierarchy, directory) === undefined) continue;
    if (best === undefined || hierarchy.mountPoint.length > best.mountPoint.length) best = hierarchy;
  }
  const path = best && pathIn(best, directory);
  return best === undefined || path === undefined ? undefined : { hierarchy: best, path };
}

/** The cgroup of a directory at or below the mount of one hierarchy; undefined for any other. */
export function pathIn(hierarchy: Hierarchy, directory: string): string | undefined {
  const below = belowMount(hierarchy, directory);
  if (below === undefined || unclean.test(below)) return undefined;
  return hierarchy.root === '/' ? below || '/' : `${hierarchy.root}${below}`;
}

function belowMount({ mountPoint }: Hierarchy, directory: string): string | undefined {
  if (!directory.startsWith(mountPoint)) return undefined;
  const below = directory.slice(mountPoint.length);
  return below === '' || below.startsWith('/') ? below : undefined;
}

/** With a component that is empty, `.` or `..`, or with a NUL. */
const unclean = /\/\.{0,2}(?:\/|$)|\0/;

/** v2 first: where it has the container, its path is the one that names it. */
export function inOrder(hierarchies: Hierarchies): readonly Hierarchy[] {
  return hierarchies.v2 === undefined ? hierarchies.v1 : [hierarchies.v2, ...hierarchies.v1];
}

/** The name of a hierarchy in /proc/PID/cgroup; co-mounted controllers share a line, and any of them will do. */
export function nameOf(hierarchy: Hierarchy): string {
  return hierarchy.controllers[0] ?? '';
}

/** True when a cgroup is the other one, or lies below it. */
export function isWithin(path: string, above: string): boolean {
  if (above === '/') return path !== '/..' && !path.startsWith('/../');
  return path === above || path.startsWith(`${above}/`);
}

/** `/../a/b` as one step up and two names; undefined for what is no clean path. */
function componentsOf(path: string): { readonly ups: number; readonly names: readonly string[] } | undefined {
  if (path === '/') return { ups: 0, names: [] };
  if (!path.startsWith('/') || path.includes('\0')) return undefined;
  const components = path.slice(1).split('/');
  const first = components.findIndex((component) => component !== '..');
  const ups = first < 0 ? components.length : first;
  const names = components.slice(ups);
  if (names.some((name) => name === '' || name === '.' || name === '..')) return undefined;
  return { ups, names };
}
