import type { EngineFacts } from '../../../engines/facts.ts';
import { factsIn } from '../../../engines/facts.ts';
import { itemsAt, textAt, textsAt } from '../../../engines/json-member.ts';
import { annotationFacts } from '../../../engines/kubernetes.ts';
import type { Reason } from '../../../report.ts';
import type { EngineFolders } from './folders.ts';

/** One list for all containers: some 1 KB for each of 16,000. */
const longestList = 16 * 1024 * 1024;

export interface StorageList {
  readonly byId: ReadonlyMap<string, EngineFacts>;
  /** Why a list that is there could not be used: then no container of its engine has a name. */
  readonly problems: readonly Reason[];
}

/** What the storage library of Podman and CRI-O wrote down about all containers: `<driver>-containers/containers.json`. */
export function readStorageList(folders: EngineFolders): StorageList {
  const byId = new Map<string, EngineFacts>();
  const problems: Reason[] = [];
  for (const folder of driverFolders(folders)) {
    const file = folders.storage.readJson(`${folder}/containers.json`, longestList);
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
export function readStorageBundle(folders: EngineFolders, id: string): EngineFacts | undefined {
  for (const folder of driverFolders(folders)) {
    const bundle = `${folder}/${id}/userdata/config.json`;
    const inStorage = factsIn(folders.storage.readJson(bundle), parseBundle);
    const facts = inStorage ?? factsIn(folders.run.readJson(`containers/storage/${bundle}`), parseBundle);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

function driverFolders(folders: EngineFolders): string[] {
  return folders.storage.foldersIn('').filter((name) => name.endsWith('-containers'));
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
