import { itemsAt, textAt, textsAt } from '../../../engines/json-member.ts';
import { KeptFiles } from '../../../engines/kept-files.ts';
import type { StateFile } from '../../../engines/state-folder.ts';
import type { StartTime } from '../../../start-time.ts';
import { recordedStart } from '../../../start-time.ts';
import type { Hierarchies } from '../../mounts.ts';
import { pathIn } from '../../mounts.ts';
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
  /** The folder of the OCI configuration. */
  readonly bundle?: string;
  /** Those of the OCI configuration, as far as the runtime has written them down. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The paths in them are as the hierarchies were mounted. */
const known = new WeakMap<Hierarchies, KeptFiles<RuntimeState | undefined>>();

/** What runc or crun wrote down about a container in a folder below `/run`; again only when that has changed. */
export function readRuntimeState(
  { run, root }: EngineFolders,
  hierarchies: Hierarchies,
  file: { readonly path: string; readonly runtime: RuntimeState['runtime']; readonly id: string },
): RuntimeState | undefined {
  const files = known.get(hierarchies) ?? new KeptFiles();
  known.set(hierarchies, files);
  const { path, runtime, id } = file;
  if (runtime === 'crun') return files.read(run, `${path}/status`, (read) => parseCrunStatus(id, read, hierarchies));
  return files.read(run, `${path}/state.json`, (read) => parseRuncState(id, read, hierarchies, root));
}

/**
 * runc's `state.json`: `created`, and in `cgroup_paths` the directory for each controller.
 * @param root where the host's files are mounted on whose directories it speaks; "" for this host
 */
function parseRuncState(id: string, file: StateFile, hierarchies: Hierarchies, root: string): RuntimeState | undefined {
  if (file.kind !== 'read') return undefined;
  const cgroupPaths = new Map<string, string>();
  for (const [controller, directory] of Object.entries(textsAt(file.json, 'cgroup_paths') ?? {})) {
    const hierarchy = controller === '' ? hierarchies.v2 : hierarchies.byController.get(controller);
    const path = hierarchy && pathIn(hierarchy, `${root}${directory}`);
    if (path !== undefined) cgroupPaths.set(controller, path);
  }
  const { bundle, ...annotations } = labelsIn(file.json);
  return {
    runtime: 'runc',
    id,
    uid: file.uid,
    cgroupPaths,
    annotations,
    ...(bundle === undefined ? {} : { bundle }),
    ...startIn(file, 'runc state.json created'),
  };
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
  const bundle = textAt(file.json, 'bundle');
  return {
    runtime: 'crun',
    id,
    uid: file.uid,
    cgroupPaths,
    annotations: {},
    ...(bundle === undefined ? {} : { bundle }),
    ...startIn(file, 'crun status created'),
  };
}

/** runc's list of `key=value`: the bundle, and the annotations. */
function labelsIn(json: unknown): Record<string, string> {
  const texts = itemsAt(json, 'config', 'labels').filter((item) => typeof item === 'string');
  const pairs = texts.filter((text) => text.indexOf('=') > 0);
  return Object.fromEntries(pairs.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
}

function startIn(file: StateFile & { kind: 'read' }, source: string): { startTime?: StartTime } {
  const startTime = recordedStart(textAt(file.json, 'created') ?? '', source);
  return startTime === undefined ? {} : { startTime };
}
