import type { Hierarchies } from '../../mounts.ts';
import type { EngineFolders } from './folders.ts';
import type { RuntimeState } from './runtime-state.ts';
import { readRuntimeState } from './runtime-state.ts';

/**
 * The state of the runc that containerd started for a task, for itself or for Docker.
 * @param namespacesIn the names of the folders in one
 */
export function readContainerdRuntimeState(
  folders: EngineFolders,
  id: string,
  hierarchies: Hierarchies,
  namespacesIn: (root: string) => readonly string[],
): RuntimeState | undefined {
  for (const root of ['containerd/runc', 'docker/runtime-runc']) {
    for (const namespace of namespacesIn(root)) {
      const path = `${root}/${namespace}/${id}`;
      const state = readRuntimeState(folders, hierarchies, { path, runtime: 'runc', id });
      if (state !== undefined) return state;
    }
  }
  return undefined;
}
