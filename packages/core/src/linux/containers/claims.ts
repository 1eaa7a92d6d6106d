import { lstatSync } from 'node:fs';
import type { Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import type { PathFacts } from './containers.ts';
import { containerWithPath } from './containers.ts';
import type { Classified } from './discovery.ts';
import type { EngineRecords } from './engines/records.ts';
import type { RuntimeState } from './engines/runtime-state.ts';

/** Whose container's own cgroup a path is, as its spelling and the runtimes' states tell. */
export function classifyContainer(hierarchy: Hierarchy, path: string, claims: RuntimeClaims): Classified | undefined {
  return classifySpelled(containerWithPath(path), hierarchy, path, claims);
}

/** The same, where it is known what its spelling tells. */
export function classifySpelled(
  facts: PathFacts | undefined,
  hierarchy: Hierarchy,
  path: string,
  claims: RuntimeClaims,
): Classified | undefined {
  const state = claims.at(hierarchy, path) ?? (facts && claims.withId(facts, hierarchy, path));
  if (facts !== undefined) return classifiedByPath(facts, state);
  return state === undefined ? undefined : { role: 'container', id: state.id, owner: state.runtime, state };
}

function classifiedByPath({ id, owner, podUid }: PathFacts, state: RuntimeState | undefined): Classified {
  return {
    role: owner === 'silostat' ? 'job' : 'container',
    id,
    owner,
    ...(podUid === undefined ? {} : { podUid }),
    ...(state === undefined ? {} : { state }),
  };
}

/** Whose containers have a state in the runtime's own folder, under the same id. */
const runtimeOwners: ReadonlySet<string> = new Set(['podman', 'cri-o', 'runc', 'crun', '']);

/**
 * The states that can tell whose cgroup a path is, without reading those of all containers where it can be helped: a
 * runtime's container as a rule is called as its cgroup is, and where root's state of that name claims the cgroup, no other
 * comes before it. Another engine's spelling tells by itself.
 * @param first of the hierarchies that have the path
 */
export function statesAbout(
  first: Hierarchy,
  path: string,
  records: Pick<EngineRecords, 'runtimeStates' | 'rootState'>,
): readonly RuntimeState[] {
  const facts = containerWithPath(path);
  const state = records.rootState(facts?.id ?? path.slice(path.lastIndexOf('/') + 1));
  if (state !== undefined && claimOf(state, first) === path) return [state];
  return facts === undefined || runtimeOwners.has(facts.owner) ? records.runtimeStates : [];
}

/** The path in a hierarchy that a state says is its container's. */
export function claimOf(state: RuntimeState, { version, controllers }: Hierarchy): string | undefined {
  const keys = version === 2 ? [''] : controllers;
  return keys.map((key) => state.cgroupPaths.get(key)).find((claimed) => claimed !== undefined);
}

/** Which cgroups the runtimes say are theirs. */
export class RuntimeClaims {
  readonly #states: readonly RuntimeState[];
  readonly #byPath = new Map<Hierarchy, ReadonlyMap<string, RuntimeState>>();
  readonly #byId = new Map<string, RuntimeState>();

  /** @param states root's first: these stay */
  constructor(states: readonly RuntimeState[]) {
    this.#states = states;
    for (const state of states) if (!this.#byId.has(state.id)) this.#byId.set(state.id, state);
  }

  at(hierarchy: Hierarchy, path: string): RuntimeState | undefined {
    return believed(this.#claimsIn(hierarchy).get(path), hierarchy, path);
  }

  #claimsIn(hierarchy: Hierarchy): ReadonlyMap<string, RuntimeState> {
    const known = this.#byPath.get(hierarchy);
    if (known !== undefined) return known;
    const byPath = new Map<string, RuntimeState>();
    for (const state of this.#states) {
      const path = claimOf(state, hierarchy);
      if (path !== undefined && !byPath.has(path)) byPath.set(path, state);
    }
    this.#byPath.set(hierarchy, byPath);
    return byPath;
  }

  /** For one whose state file names other directories than ours, as when the host's files are mounted elsewhere. */
  withId({ id, owner }: PathFacts, hierarchy: Hierarchy, path: string): RuntimeState | undefined {
    return runtimeOwners.has(owner) ? believed(this.#byId.get(id), hierarchy, path) : undefined;
  }
}

/** A user can claim any cgroup in a state file; it is believed about those that are the user's own. */
function believed(state: RuntimeState | undefined, hierarchy: Hierarchy, path: string): RuntimeState | undefined {
  if (state === undefined || state.uid === 0) return state;
  const directory = directoryOf(hierarchy, path);
  try {
    return directory !== undefined && lstatSync(directory).uid === state.uid ? state : undefined;
  } catch {
    return undefined;
  }
}
