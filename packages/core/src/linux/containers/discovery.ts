import { lstatSync } from 'node:fs';
import { subCgroupsOf } from '../cgroup/sub-cgroups.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { directoryOf, inOrder } from '../mounts.ts';
import { classifyContainer, classifySpelled, RuntimeClaims, statesAbout } from './claims.ts';
import type { PathFacts } from './containers.ts';
import { containerWithPath, unitOfPath } from './containers.ts';
import type { EngineRecords } from './engines/records.ts';
import type { RuntimeState } from './engines/runtime-state.ts';

/** What a cgroup is to its users. */
export type CgroupRole = 'container' | 'job' | 'unit' | 'cgroup';

/** One container, job, unit or other cgroup, wherever it shows. */
export interface FoundCgroup {
  readonly role: CgroupRole;
  /** The engine's id; the cgroup path where there is no engine. */
  readonly id: string;
  /** "" where the spelling of the path leaves the engine open. */
  readonly owner: string;
  readonly podUid?: string;
  /** The state of the runtime that made it, where that was found in the runtime's own folder. */
  readonly state?: RuntimeState;
  /** Its path in each hierarchy in which it was seen. */
  readonly paths: Map<Hierarchy, string>;
}

/** A cgroup's role and identity, as its path and the runtimes' states tell; undefined for one that is neither. */
export type Classified = Omit<FoundCgroup, 'paths'>;

/**
 * All containers and jobs of a host, and with `all` also systemd's units and other leaf cgroups that are in none of them.
 * Each is given once, although on v1 it shows in every hierarchy. What vanishes meanwhile is left out.
 */
export function discover(
  hierarchies: Hierarchies,
  states: readonly RuntimeState[],
  options: { readonly all: boolean },
): FoundCgroup[] {
  const claims = new RuntimeClaims(states);
  const registry = new Registry();
  const spellings = new Spellings();
  for (const hierarchy of inOrder(hierarchies)) {
    walk(hierarchy, (path, isLeaf, inside) => {
      const container = classifySpelled(spellings.of(path), hierarchy, path, claims);
      if (container !== undefined) {
        registry.add(hierarchy, path, container);
        return 'container';
      }
      if (!options.all || inside === 'container') return inside;
      if (unitOfPath(path) !== undefined) {
        registry.add(hierarchy, path, { role: 'unit', id: path, owner: 'systemd' });
        return 'unit';
      }
      if (isLeaf && inside === undefined) registry.add(hierarchy, path, { role: 'cgroup', id: path, owner: '' });
      return inside;
    });
  }
  return registry.found;
}

/** What lies at one path: for someone who names it, there need be no engine. */
export function classifyPath(
  hierarchies: Hierarchies,
  path: string,
  records: Pick<EngineRecords, 'runtimeStates' | 'rootState'>,
): FoundCgroup | undefined {
  const paths = new Map<Hierarchy, string>();
  let claims: RuntimeClaims | undefined;
  let classified: Classified | undefined;
  for (const hierarchy of inOrder(hierarchies)) {
    if (!isCgroup(hierarchy, path)) continue;
    paths.set(hierarchy, path);
    claims ??= new RuntimeClaims(statesAbout(hierarchy, path, records));
    classified = classifyContainer(hierarchy, path, claims);
    // In the others it is looked for when it is read.
    if (classified !== undefined) break;
  }
  if (paths.size === 0) return undefined;
  const isUnit = unitOfPath(path) !== undefined;
  return { ...(classified ?? { role: isUnit ? 'unit' : 'cgroup', id: path, owner: isUnit ? 'systemd' : '' }), paths };
}

/** Brings together what one container shows in several hierarchies. */
class Registry {
  readonly found: FoundCgroup[] = [];
  readonly #byName = new Map<string, FoundCgroup[]>();

  add(hierarchy: Hierarchy, path: string, classified: Classified): void {
    const name = `${classified.owner}\n${classified.id}`;
    const alike = this.#byName.get(name) ?? [];
    // The same name twice in one hierarchy is two containers, one perhaps within the other's.
    const open = alike.filter((candidate) => !candidate.paths.has(hierarchy));
    const isAtPath = ({ paths }: FoundCgroup) => [...paths.values()].includes(path);
    const known = open.length < 2 ? open[0] : (open.find(isAtPath) ?? open[0]);
    if (known !== undefined) {
      known.paths.set(hierarchy, path);
      return;
    }
    const cgroup = { ...classified, paths: new Map([[hierarchy, path]]) };
    this.found.push(cgroup);
    this.#byName.set(name, [...alike, cgroup]);
  }
}

/** What paths tell by their spelling: on version 1 the same paths come again in each hierarchy. */
class Spellings {
  readonly #known = new Map<string, PathFacts | undefined>();

  of(path: string): PathFacts | undefined {
    if (this.#known.has(path)) return this.#known.get(path);
    const facts = containerWithPath(path);
    this.#known.set(path, facts);
    return facts;
  }
}

type Inside = 'container' | 'unit' | undefined;

/** Calls `visit` for each cgroup below a mount; what it answers is handed to the cgroups below. */
function walk(hierarchy: Hierarchy, visit: (path: string, isLeaf: boolean, inside: Inside) => Inside): void {
  const { root, mountPoint } = hierarchy;
  const pending: { path: string; directory: string; inside: Inside }[] = [];
  pending.push({ path: root, directory: mountPoint, inside: undefined });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, directory, inside } = next;
    const children = childrenOf(directory);
    if (children === undefined) continue;
    const insideHere = path === root ? undefined : visit(path, children.length === 0, inside);
    const prefix = path === '/' ? '' : path;
    for (const name of children.toReversed()) {
      pending.push({ path: `${prefix}/${name}`, directory: `${directory}/${name}`, inside: insideHere });
    }
  }
}

/** The names of the cgroups in a cgroup; undefined when it has gone or is not for us. */
function childrenOf(directory: string): readonly string[] | undefined {
  try {
    return subCgroupsOf(directory);
  } catch {
    return undefined;
  }
}

function isCgroup(hierarchy: Hierarchy, path: string): boolean {
  const directory = directoryOf(hierarchy, path);
  try {
    return directory !== undefined && lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
