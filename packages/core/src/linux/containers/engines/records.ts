import { readContainerdFacts } from '../../../engines/containerd.ts';
import { readDockerFacts } from '../../../engines/docker.ts';
import type { EngineFacts } from '../../../engines/facts.ts';
import { mergeFacts } from '../../../engines/facts.ts';
import { annotationFacts } from '../../../engines/kubernetes.ts';
import type { StateFolder } from '../../../engines/state-folder.ts';
import type { Hierarchies } from '../../mounts.ts';
import type { CgroupRole } from '../discovery.ts';
import { readContainerdRuntimeState } from './containerd.ts';
import type { StorageList } from './containers-storage.ts';
import { readStorageBundle, readStorageList, storageOfBundle } from './containers-storage.ts';
import type { EngineFolders } from './folders.ts';
import type { RuntimeState } from './runtime-state.ts';
import { RuntimeStates, readRootState } from './runtime-states.ts';

/** Below /run: the tasks of each of containerd's namespaces. */
const tasks = 'containerd/io.containerd.runtime.v2.task';

/** Which container the engines' records are asked about. */
export interface Recorded {
  /** Of anything but a container no engine has a record. */
  readonly role: CgroupRole;
  readonly id: string;
  /** As its cgroup's spelling tells; "" where that leaves the engine open. */
  readonly owner: string;
  /** The state of the runtime that made its cgroup. */
  readonly state?: RuntimeState;
}

/** What is written down about a container, and whose it is. */
export type OwnedFacts = EngineFacts & { readonly owner: string };

/** Who tells what is written down. */
export type Records = Pick<EngineRecords, 'factsOf' | 'stateOf'>;

/** Nothing is: of a container that has gone already. */
export const noRecords: Records = {
  factsOf: ({ owner }) => ({ owner, problems: [] }),
  stateOf: ({ state }) => state,
};

/** Whose containers are (or may be) containerd's tasks. */
const containerdOwners: ReadonlySet<string> = new Set(['docker', 'containerd', '']);

/** What the engines of this host wrote down, at one moment: what lists all containers is read once. */
export class EngineRecords {
  readonly #folders: EngineFolders;
  readonly #hierarchies: Hierarchies;
  #runtimeStates: readonly RuntimeState[] | undefined;
  /** By the storage's folder, and whose it is. */
  readonly #lists = new Map<string, StorageList>();
  /** Of containerd, by the folder that they are in. */
  readonly #namespaces = new Map<string, readonly string[]>();
  readonly #facts = new Map<Recorded, OwnedFacts>();
  readonly #containerdStates = new Map<Recorded, { readonly state: RuntimeState | undefined }>();

  /** @param runtimeStates where they are known already */
  constructor(folders: EngineFolders, hierarchies: Hierarchies, runtimeStates?: readonly RuntimeState[]) {
    this.#folders = folders;
    this.#hierarchies = hierarchies;
    this.#runtimeStates = runtimeStates;
  }

  /** The containers of runc and crun in their own folders: those started by hand, Podman's and CRI-O's. */
  get runtimeStates(): readonly RuntimeState[] {
    this.#runtimeStates ??= readRuntimeStates(this.#folders, this.#hierarchies);
    return this.#runtimeStates;
  }

  /** The one of root's that was made under an id, without a look at the others. */
  rootState(id: string): RuntimeState | undefined {
    return readRootState(this.#folders, this.#hierarchies, id);
  }

  /** What the runtime wrote down that made a container's cgroup: in its own folder, or in containerd's or Docker's. */
  stateOf(container: Recorded): RuntimeState | undefined {
    const { role, id, owner, state } = container;
    if (role !== 'container' || state !== undefined || !containerdOwners.has(owner)) return state;
    const known = this.#containerdStates.get(container);
    if (known !== undefined) return known.state;
    const read = readContainerdRuntimeState(this.#folders, id, this.#hierarchies, (root) => this.#namespacesIn(root));
    this.#containerdStates.set(container, { state: read });
    return read;
  }

  /** Whose container it is, and what its engine wrote down about it; read once. */
  factsOf(container: Recorded): OwnedFacts {
    const known = this.#facts.get(container) ?? this.#readFacts(container);
    this.#facts.set(container, known);
    return known;
  }

  #readFacts(container: Recorded): OwnedFacts {
    if (container.role !== 'container') return { owner: container.owner, problems: [] };
    const { facts, owner } = this.#engineFacts(container);
    const startTime = facts.startTime ?? this.stateOf(container)?.startTime;
    return startTime === undefined ? { ...facts, owner } : { ...facts, owner, startTime };
  }

  #engineFacts(container: Recorded): { facts: EngineFacts; owner: string } {
    const { id, owner, state } = container;
    switch (owner) {
      case 'docker':
        return { owner, facts: mergeFacts(readDockerFacts(this.#folders.docker, id)) };
      case 'containerd':
        return {
          owner,
          facts: mergeFacts(readContainerdFacts(this.#folders.run, tasks, id, this.#namespacesIn(tasks))),
        };
      case 'podman':
        return { owner, facts: mergeFacts(this.#listed(container), this.#bundled(container)) };
      case 'cri-o':
        return { owner, facts: mergeFacts(this.#bundled(container), this.#listed(container)) };
      case '':
        return this.#factsOfUnknown(container);
      default:
        return { owner, facts: { ...annotationFacts(state?.annotations ?? {}), problems: [] } };
    }
  }

  /** A pod's container whose cgroup has only its id for a name: whoever keeps records of it. */
  #factsOfUnknown({ id, state }: Recorded): { facts: EngineFacts; owner: string } {
    const containerd = readContainerdFacts(this.#folders.run, tasks, id, this.#namespacesIn(tasks));
    if (containerd !== undefined && isTold(containerd)) return { owner: 'containerd', facts: containerd };
    const docker = readDockerFacts(this.#folders.docker, id);
    if (docker !== undefined && isTold(docker)) return { owner: 'docker', facts: docker };
    const problems = [...(containerd?.problems ?? []), ...(docker?.problems ?? [])];
    return { owner: state?.runtime ?? '', facts: { ...annotationFacts(state?.annotations ?? {}), problems } };
  }

  #namespacesIn(folder: string): readonly string[] {
    const known = this.#namespaces.get(folder) ?? this.#folders.run.foldersIn(folder);
    this.#namespaces.set(folder, known);
    return known;
  }

  /** In the list of the storage that it is in. */
  #listed(container: Recorded): EngineFacts {
    const storage = this.#storageOf(container);
    // What may not be read for one user is not unreadable for another.
    const key = `${container.state?.uid ?? 0} ${storage.root}`;
    const list = this.#lists.get(key) ?? readStorageList(storage);
    this.#lists.set(key, list);
    return list.byId.get(container.id) ?? { problems: list.problems };
  }

  #bundled(container: Recorded): EngineFacts | undefined {
    return readStorageBundle(this.#folders.run, this.#storageOf(container), container.id);
  }

  #storageOf({ state }: Recorded): StateFolder {
    return (state && storageOfBundle(state, this.#folders.root)) ?? this.#folders.storage;
  }
}

function readRuntimeStates(folders: EngineFolders, hierarchies: Hierarchies): RuntimeState[] {
  const states = new RuntimeStates(folders, hierarchies);
  states.look();
  return states.states;
}

/** Where we may not look, there need be nothing. */
function isTold(facts: EngineFacts): boolean {
  return facts.problems.every(({ code }) => code !== 'ERR_ACCESS_DENIED');
}
