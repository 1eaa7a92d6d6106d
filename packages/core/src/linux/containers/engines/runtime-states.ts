import type { Hierarchies } from '../../mounts.ts';
import type { EngineFolders } from './folders.ts';
import type { RuntimeState } from './runtime-state.ts';
import { readRuntimeState } from './runtime-state.ts';

/** A container's folder in a runtime's folder. */
interface Entry {
  /** Which folder it is: one made anew under the same name is another. */
  readonly mark: string | undefined;
  /** undefined where there is no usable state, perhaps not yet. */
  readonly state: RuntimeState | undefined;
}

/** One runtime's folder. */
interface Folder {
  readonly mark: string | undefined;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** The states that runtimes started by hand (and by Podman and CRI-O) leave in their own folders below `/run`. */
export class RuntimeStates {
  readonly #folders: EngineFolders;
  readonly #hierarchies: Hierarchies;
  readonly #known = new Map<string, Folder>();
  #users: { readonly mark: string | undefined; readonly names: readonly string[] } | undefined;

  constructor(folders: EngineFolders, hierarchies: Hierarchies) {
    this.#folders = folders;
    this.#hierarchies = hierarchies;
  }

  /** Root's first. */
  get states(): RuntimeState[] {
    return [...this.#known.values()].flatMap(({ entries }) =>
      [...entries.values()].map(({ state }) => state).filter((state) => state !== undefined),
    );
  }

  /** Reads what is new since the last time. @returns true where there was anything */
  look(): boolean {
    const paths = this.#homes().flatMap((home) => [`${home}runc`, `${home}crun`]);
    for (const path of this.#known.keys()) if (!paths.includes(path)) this.#known.delete(path);
    return paths.map((path) => this.#lookInto(path)).includes(true);
  }

  /** Below `/run`: root's, and those of the users that are logged in. */
  #homes(): string[] {
    const { run } = this.#folders;
    const mark = run.markOf('user');
    if (this.#users?.mark !== mark) {
      const names = mark === undefined ? [] : run.foldersIn('user').filter((name) => /^\d{1,10}$/.test(name));
      this.#users = { mark, names };
    }
    return ['', ...(this.#users?.names ?? []).map((uid) => `user/${uid}/`)];
  }

  #lookInto(path: string): boolean {
    const before = this.#known.get(path);
    const mark = this.#folders.run.markOf(path);
    if (before !== undefined && before.mark === mark && !hasUnread(before)) return false;
    const entries = new Map(this.#folders.run.foldersIn(path).map((id) => [id, this.#entry(path, id, before)]));
    this.#known.set(path, { mark, entries });
    if (before?.entries.size !== entries.size) return true;
    return [...entries].some(([id, entry]) => before.entries.get(id) !== entry);
  }

  #entry(path: string, id: string, before: Folder | undefined): Entry {
    const mark = this.#folders.run.markOf(`${path}/${id}`);
    const known = before?.entries.get(id);
    if (known?.state !== undefined && known.mark === mark) return known;
    const state = this.#read(path, id);
    return state === undefined && known !== undefined ? known : { mark, state };
  }

  #read(path: string, id: string): RuntimeState | undefined {
    return readState(this.#folders, this.#hierarchies, path, id);
  }
}

/** The state of root's container of that id, looked for in the order of {@link RuntimeStates}; undefined where it is not root's. */
export function readRootState(folders: EngineFolders, hierarchies: Hierarchies, id: string): RuntimeState | undefined {
  const state = readState(folders, hierarchies, 'runc', id) ?? readState(folders, hierarchies, 'crun', id);
  return state?.uid === 0 ? state : undefined;
}

/** @param folder a runtime's, below `/run` */
function readState(
  folders: EngineFolders,
  hierarchies: Hierarchies,
  folder: string,
  id: string,
): RuntimeState | undefined {
  const runtime = folder.endsWith('crun') ? 'crun' : 'runc';
  return readRuntimeState(folders, hierarchies, { path: `${folder}/${id}`, runtime, id });
}

function hasUnread({ entries }: Folder): boolean {
  return [...entries.values()].some(({ state }) => state === undefined);
}
