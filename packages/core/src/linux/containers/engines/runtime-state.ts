import { textAt, textsAt } from '../../../engines/json-member.ts';
import type { StateFile } from '../../../engines/state-folder.ts';
import type { StartTime } from '../../../start-time.ts';
import { recordedStart } from '../../../start-time.ts';
import type { Hierarchies } from '../../mounts.ts';
import { pathOfDirectory } from '../../mounts.ts';
import type { EngineFolders } from './folders.ts';

/** What an OCI runtime (runc, crun) wrote down when it made a container. */
export interface RuntimeState {
  readonly runtime: 'runc' | 'crun';
  /** The id that the runtime was given; an engine gives its own. */
  readonly id: string;
  /** Whose state it is: 0, or the user of a rootless container, who can write anything into it. */
  readonly uid: number;
  /** The cgroup by v1 controller, by the empty name for v2; as in /proc/PID/cgroup. */
  readonly cgroupPaths: ReadonlyMap<string, string>;
  readonly startTime?: StartTime;
}

/** The states that runtimes started by hand (and by Podman and CRI-O) leave in their own folders below `/run`. */
export function readRuntimeStates({ run, root }: EngineFolders, hierarchies: Hierarchies): RuntimeState[] {
  const users = run.foldersIn('user').filter((name) => /^\d{1,10}$/.test(name));
  const homes = ['', ...users.map((uid) => `user/${uid}/`)];
  const states: RuntimeState[] = [];
  for (const home of homes) {
    for (const id of run.foldersIn(`${home}runc`)) {
      const state = parseRuncState(id, run.readJson(`${home}runc/${id}/state.json`), hierarchies, root);
      if (state !== undefined) states.push(state);
    }
    for (const id of run.foldersIn(`${home}crun`)) {
      const state = parseCrunStatus(id, run.readJson(`${home}crun/${id}/status`), hierarchies);
      if (state !== undefined) states.push(state);
    }
  }
  return states;
}

/**
 * runc's `state.json`: `created`, and in `cgroup_paths` the directory for each controller.
 * @param root where the host's files are mounted on whose directories it speaks; "" for this host
 */
export function parseRuncState(
  id: string,
  file: StateFile,
  hierarchies: Hierarchies,
  root: string,
): RuntimeState | undefined {
  if (file.kind !== 'read') return undefined;
  const cgroupPaths = new Map<string, string>();
  for (const [controller, directory] of Object.entries(textsAt(file.json, 'cgroup_paths') ?? {})) {
    const found = pathOfDirectory(hierarchies, `${root}${directory}`);
    if (found === undefined) continue;
    const { version, controllers } = found.hierarchy;
    if (version === 2 ? controller === '' : controllers.includes(controller)) cgroupPaths.set(controller, found.path);
  }
  return { runtime: 'runc', id, uid: file.uid, cgroupPaths, ...startIn(file, 'runc state.json created') };
}

/** crun's `status`: `created`, and in `cgroup-path` the one path that it uses in all hierarchies. */
function parseCrunStatus(id: string, file: StateFile, hierarchies: Hierarchies): RuntimeState | undefined {
  if (file.kind !== 'read') return undefined;
  const cgroupPaths = new Map<string, string>();
  // With systemd it names the sub-cgroup `container`, in which crun puts the processes, not the container's own.
  const path = textAt(file.json, 'cgroup-path')?.replace(/(\.scope)\/container$/, '$1');
  if (path !== undefined) {
    const absolute = path.startsWith('/') ? path : `/${path}`;
    for (const controller of hierarchies.byController.keys()) cgroupPaths.set(controller, absolute);
    if (hierarchies.v2 !== undefined) cgroupPaths.set('', absolute);
  }
  return { runtime: 'crun', id, uid: file.uid, cgroupPaths, ...startIn(file, 'crun status created') };
}

function startIn(file: StateFile & { kind: 'read' }, source: string): { startTime?: StartTime } {
  const startTime = recordedStart(textAt(file.json, 'created') ?? '', source);
  return startTime === undefined ? {} : { startTime };
}
