import type { Hierarchies } from '../../mounts.ts';
import type { EngineFolders } from './folders.ts';
import type { RuntimeState } from './runtime-state.ts';
import { parseRuncState } from './runtime-state.ts';

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
