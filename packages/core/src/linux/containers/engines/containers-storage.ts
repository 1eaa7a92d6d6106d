import type { EngineFacts } from '../../../engines/facts.ts';
import { factsIn } from '../../../engines/facts.ts';
import { itemsAt, textAt, textsAt } from '../../../engines/json-member.ts';
import { annotationFacts } from '../../../engines/kubernetes.ts';
import { StateFolder } from '../../../engines/state-folder.ts';
import type { Reason } from '../../../report.ts';
import type { RuntimeState } from './runtime-state.ts';

/** One list for all containers: some 1 KB for each of 16,000. */
const longestList = 16 * 1024 * 1024;

export interface StorageList {
  readonly byId: ReadonlyMap<string, EngineFacts>;
  /** Why a list that is there could not be used: then no container of its engine has a name. */
  readonly problems: readonly Reason[];
}

/** What the storage library of Podman and CRI-O wrote down about all containers: `<driver>-containers/containers.json`. */
export function readStorageList(storage: StateFolder): StorageList {
  const byId = new Map<string, EngineFacts>();
  const problems: Reason[] = [];
  for (const folder of driverFolders(storage)) {
    const file = storage.readJson(`${folder}/containers.json`, longestList);
    if (file.kind === 'unusable') problems.push(file.reason);
    if (file.kind !== 'read') continue;
    for (const item of itemsAt(file.json)) {
      const id = textAt(item, 'id');
      if (id !== undefined) byId.set(id, parseItem(item));
    }
  }
  return { byId, problems };
}

/** What the OCI bundle tells that Podman (in its storage) or CRI-O (below /run) made for one container. */
export function readStorageBundle(run: StateFolder, storage: StateFolder, id: string): EngineFacts | undefined {
  for (const folder of driverFolders(storage)) {
    const bundle = `${folder}/${id}/userdata/config.json`;
    const inStorage = factsIn(storage.readJson(bundle), parseBundle);
    const facts = inStorage ?? factsIn(run.readJson(`containers/storage/${bundle}`), parseBundle);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

/**
 * The storage that a container is in whose runtime was given this bundle: `<storage>/<driver>-containers/<id>/userdata`. A
 * user's is not where root's is.
 */
export function storageOfBundle({ id, uid, bundle = '' }: RuntimeState, root: string): StateFolder | undefined {
  const [, storage, named] = /^(\/.+)\/[\w-]+-containers\/([0-9a-f]{64})\/userdata$/.exec(bundle) ?? [];
  if (storage === undefined || named !== id || storage.split('/').includes('..')) return undefined;
  return new StateFolder(`${root}${storage}`, uid === 0 ? undefined : uid);
}

function driverFolders(storage: StateFolder): string[] {
  return storage.foldersIn('').filter((name) => name.endsWith('-containers'));
}

function parseItem(item: unknown): EngineFacts {
  const names = itemsAt(item, 'names').filter((name) => typeof name === 'string' && name !== '') as string[];
  const image = imageIn(textAt(item, 'metadata'));
  return { ...(names.length === 0 ? {} : { names }), ...(image === undefined ? {} : { image }), problems: [] };
}

/** `metadata` is a JSON document in a text. */
function imageIn(metadata: string | undefined): string | undefined {
  if (metadata === undefined) return undefined;
  try {
    return textAt(JSON.parse(metadata), 'image-name');
  } catch {
    return undefined;
  }
}

function parseBundle(json: unknown): Omit<EngineFacts, 'problems'> {
  return annotationFacts(textsAt(json, 'annotations') ?? {});
}
