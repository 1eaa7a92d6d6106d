import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import type { Capability, Diagnosis } from '../diagnosis.ts';
import { errnoOf } from '../errno.ts';
import type { Hierarchies, Hierarchy } from './mounts.ts';

/** The inode of the first pid namespace: the same number in every kernel. */
const firstPidNamespace = 'pid:[4026531836]';

/** Where the engines keep what says more of a container than its cgroup does: names, images, start times. */
const engineFolders: readonly (readonly [engine: string, folder: string])[] = [
  ['docker', '/var/lib/docker/containers'],
  ['podman', '/var/lib/containers/storage/overlay-containers'],
  ['containerd', '/run/containerd/io.containerd.runtime.v2.task'],
  ['runc', '/run/runc'],
  ['crun', '/run/crun'],
];

/** Looks at what there is, and changes nothing. `hierarchies`: undefined where none is mounted; `fsRoot` stands before the folders. */
export function diagnose(hierarchies: Hierarchies | undefined, fsRoot = ''): Diagnosis {
  const seen = hierarchies && withoutHidden(hierarchies);
  const hasSome = seen !== undefined && allOf(seen).length > 0;
  const capabilities = hasSome ? capabilitiesOf(seen, fsRoot) : [noCgroups];
  return { platform: 'linux', release: release(), capabilities };
}

const noCgroups: Capability = {
  name: 'cgroups',
  state: 'no',
  detail: 'no cgroup hierarchy is mounted, or all are hidden by other mounts',
};

function capabilitiesOf(hierarchies: Hierarchies, fsRoot: string): Capability[] {
  return [
    cgroups(hierarchies),
    controller('memory', ['memory'], hierarchies),
    processor(hierarchies),
    storage(hierarchies),
    pressure(hierarchies),
    processes(hierarchies),
    engines(fsRoot),
    jobs(hierarchies),
  ];
}

/** Without those that another mount lies on top of: they are mounted, and nobody reaches them. */
function withoutHidden({ v1, v2, byController, proc }: Hierarchies): Hierarchies {
  const isReached = ({ mountPoint }: Hierarchy): boolean => existsSync(`${mountPoint}/cgroup.procs`);
  return {
    v1: v1.filter(isReached),
    v2: v2 !== undefined && isReached(v2) ? v2 : undefined,
    byController: new Map([...byController].filter(([, hierarchy]) => isReached(hierarchy))),
    proc,
  };
}

function allOf({ v1, v2 }: Hierarchies): Hierarchy[] {
  return v2 === undefined ? [...v1] : [v2, ...v1];
}

function cgroups(hierarchies: Hierarchies): Capability {
  const all = allOf(hierarchies);
  const kind = [...new Set(all.map(({ version }) => `v${version}`))].sort().join(' + ');
  const [first] = all;
  const below = all.find(({ root }) => root !== '/');
  const detail = `cgroup ${kind}, ${first?.mountPoint ?? ''}`;
  if (below === undefined) return { name: 'cgroups', state: 'yes', detail };
  return { name: 'cgroups', state: 'partly', detail: `${detail}: only what is below ${below.root}` };
}

/** By a controller of v2's root, or a v1 hierarchy. */
function controller(name: 'memory' | 'storage', controllers: readonly string[], hierarchies: Hierarchies): Capability {
  const { v2, byController } = hierarchies;
  const inV2 = controllers.find((each) => v2Controllers(v2).includes(each));
  if (inV2 !== undefined) return { name, state: 'yes', detail: `the ${inV2} controller of cgroup v2` };
  const inV1 = controllers.find((each) => byController.has(each));
  if (inV1 !== undefined) return { name, state: 'yes', detail: `the ${inV1} controller of cgroup v1` };
  return { name, state: 'no', detail: `no ${controllers.join(' or ')} controller is mounted or enabled` };
}

function v2Controllers(v2: Hierarchy | undefined): string[] {
  if (v2 === undefined) return [];
  try {
    return readFileSync(`${v2.mountPoint}/cgroup.controllers`, 'utf8').trim().split(' ');
  } catch {
    return [];
  }
}

function processor({ v2, byController }: Hierarchies): Capability {
  const name = 'processor';
  // cpu.stat is there on v2 whether or not the cpu controller is.
  if (v2 !== undefined) return { name, state: 'yes', detail: 'cpu.stat of cgroup v2' };
  if (byController.has('cpuacct')) return { name, state: 'yes', detail: 'the cpuacct controller of cgroup v1' };
  return { name, state: 'no', detail: 'no cpuacct controller is mounted' };
}

function storage(hierarchies: Hierarchies): Capability {
  const found = controller('storage', ['io', 'blkio'], hierarchies);
  if (found.state !== 'yes' || v2Controllers(hierarchies.v2).includes('io')) return found;
  return {
    ...found,
    state: 'partly',
    detail: `${found.detail}: a disk is counted only once a throttle rule was set on it`,
  };
}

function pressure({ v2, proc }: Hierarchies): Capability {
  const name = 'pressure';
  if (v2 === undefined) return { name, state: 'no', detail: 'cgroup v1 has none' };
  if (!existsSync(`${proc.root}/pressure/cpu`)) {
    return { name, state: 'no', detail: 'the kernel was built or booted without it' };
  }
  return { name, state: 'yes', detail: 'pressure stall information of cgroup v2' };
}

function processes({ proc }: Hierarchies): Capability {
  const name = 'processes';
  if (!existsSync(`${proc.root}/1/stat`)) {
    return { name, state: 'partly', detail: 'proc hides the processes of other users (hidepid)' };
  }
  if (namespaceOf(proc.root) !== firstPidNamespace) {
    return { name, state: 'partly', detail: 'only those of this pid namespace, and of those below it' };
  }
  return { name, state: 'yes', detail: 'all of the host' };
}

function namespaceOf(procRoot: string): string | undefined {
  try {
    return readlinkSync(`${procRoot}/self/ns/pid`);
  } catch {
    return undefined;
  }
}

function engines(fsRoot: string): Capability {
  const name = 'engines';
  const found = engineFolders.map(([engine, folder]) => [engine, accessTo(`${fsRoot}${folder}`)] as const);
  const withAccess = (wanted: 'read' | 'denied'): string =>
    found
      .filter(([, access]) => access === wanted)
      .map(([engine]) => engine)
      .join(', ');
  const [readable, denied] = [withAccess('read'), withAccess('denied')];
  if (denied !== '') {
    const others = readable === '' ? '' : `; ${readable} can be read`;
    return { name, state: readable === '' ? 'no' : 'partly', detail: `closed to this user: ${denied}${others}` };
  }
  if (readable === '') return { name, state: 'unknown', detail: 'no engine that is known keeps records here' };
  return { name, state: 'yes', detail: readable };
}

function accessTo(folder: string): 'read' | 'denied' | 'absent' {
  try {
    readdirSync(folder);
    return 'read';
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'EACCES' || errno === 'EPERM' ? 'denied' : 'absent';
  }
}

/** Where a job container's cgroup would be made: in the common parent, or where that would be. */
function jobs(hierarchies: Hierarchies): Capability {
  const name = 'jobs';
  const all = allOf(hierarchies).filter(({ version, controllers }) => version === 2 || controllers.includes('memory'));
  const refusals = all.map(({ mountPoint }) => {
    const parent = `${mountPoint}/silostat`;
    return refusalAt(existsSync(parent) ? parent : mountPoint);
  });
  if (all.length > 0 && refusals.some((refusal) => refusal === undefined)) {
    return { name, state: 'yes', detail: 'cgroups can be made' };
  }
  const why = refusals[0] ?? 'there is no hierarchy to make one in';
  return { name, state: 'partly', detail: `${why}: the processes are followed one by one` };
}

function refusalAt(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return errnoOf(error) === 'EROFS' ? `${folder} is mounted read-only` : `${folder} is not ours to write to`;
  }
}
