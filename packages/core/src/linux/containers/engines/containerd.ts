import type { Hierarchies } from '../../mounts.ts';
import { textsAt } from '../json-member.ts';
import type { EngineFacts } from './facts.ts';
import { factsIn } from './facts.ts';
import type { EngineFolders } from './folders.ts';
import { annotationFacts } from './kubernetes.ts';
import type { RuntimeState } from './runtime-state.ts';
import { parseRuncState } from './runtime-state.ts';

const tasks = 'containerd/io.containerd.runtime.v2.task';

/** What the OCI bundle of a containerd task tells, whatever its namespace. */
export function readContainerdFacts(folders: EngineFolders, id: string): EngineFacts | undefined {
  for (const namespace of folders.run.foldersIn(tasks)) {
    const facts = factsIn(folders.run.readJson(`${tasks}/${namespace}/${id}/config.json`), parseBundle);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

/** The state of the runc that containerd started for a task, for itself or for Docker. */
export function readContainerdRuntimeState(
  folders: EngineFolders,
  id: string,
  hierarchies: Hierarchies,
): RuntimeState | undefined {
  for (const root of ['containerd/runc', 'docker/runtime-runc']) {
    for (const namespace of folders.run.foldersIn(root)) {
      const file = folders.run.readJson(`${root}/${namespace}/${id}/state.json`);
      const state = parseRuncState(id, file, hierarchies, folders.root);
      if (state !== undefined) return state;
    }
  }
  return undefined;
}

function parseBundle(json: unknown): Omit<EngineFacts, 'problems'> {
  return annotationFacts(textsAt(json, 'annotations') ?? {});
}
