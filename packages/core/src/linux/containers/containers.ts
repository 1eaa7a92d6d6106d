/**
 * Whose cgroup a path is, told from its spelling alone. Each engine has its own conventions; they are tried on one path
 * component at a time, the deepest first, so that a container in a container is its own.
 */

/** What a cgroup path tells about the container that it belongs to. */
export interface PathFacts {
  readonly id: string;
  /** The engine in lower case; "" where the spelling does not tell (a pod's container of an unknown runtime). */
  readonly owner: string;
  /** The container's own cgroup: the path up to the component that names it. */
  readonly cgroupPath: string;
  readonly podUid?: string;
}

interface ComponentFacts {
  id: string;
  owner: string;
}

/** Spellings that name engine and id by themselves. `$1` is the id. */
const ownSpellings: readonly (readonly [owner: string, shape: RegExp])[] = [
  ['docker', /^docker-([0-9a-f]{64})\.scope$/],
  ['containerd', /^(?:cri-containerd|nerdctl|containerd)-([0-9a-f]{64})\.scope$/],
  ['containerd', /^.+\.slice:cri-containerd:([0-9a-f]{64})$/],
  ['cri-o', /^crio-([0-9a-f]{64})(?:\.scope)?$/],
  ['cri-o', /^.+\.slice:crio:([0-9a-f]{64})$/],
  ['podman', /^libpod-([0-9a-f]{64})(?:\.scope)?$/],
  ['runc', /^runc-([\w+.-]{1,1024})\.scope$/],
  ['crun', /^crun-([\w+.-]{1,1024})\.scope$/],
  ['lxc', /^lxc\.payload\.([\w.-]+)$/],
  ['systemd-nspawn', /^systemd-nspawn@(.+)\.service$/],
  // machined registers virtual machines in the same way: these are not ours to count.
  ['systemd-machined', /^machine-(?!qemu|libvirt)(.+)\.scope$/],
  ['ecs', /^([0-9a-f]{32}-\d+)$/],
];

/** What only looks like a container: the engines' monitors, and mounts that have the id in their name. */
const lookalike = /\.mount$|^crio-conmon-|^libpod-conmon-|^conmon$|^lxc\.monitor(?:\.|$)/;
const bareId = /^[0-9a-f]{64}$/;
const underPod = /^(?:pod|kubepods)/;
/** The namespaces in which containerd's own clients work; their containers are `/<namespace>/<id>`. */
const containerdNamespaces: ReadonlySet<string> = new Set(['default', 'moby', 'k8s.io', 'buildkit']);
const ownJob = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const ownScope = /^silostat-([A-Za-z0-9][A-Za-z0-9_.-]{0,127})\.scope$/;
const podUidInName =
  /(?:^|-)pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?::|$)/;

/**
 * The container that a process in `cgroupPath` belongs to; undefined when no engine's convention fits.
 * @param cgroupPath as in `/proc/PID/cgroup`
 */
export function containerOfPath(cgroupPath: string): PathFacts | undefined {
  const components = cgroupPath.split('/').slice(1);
  for (let depth = components.length - 1; depth >= 0; depth--) {
    const facts = containerAt(components, depth);
    if (facts === undefined) continue;
    const path = `/${components.slice(0, depth + 1).join('/')}`;
    const podUid = podUidAbove(components, depth);
    return podUid === undefined ? { ...facts, cgroupPath: path } : { ...facts, cgroupPath: path, podUid };
  }
  return undefined;
}

/** The container whose own cgroup `cgroupPath` is, not one that it lies in. */
export function containerWithPath(cgroupPath: string): PathFacts | undefined {
  const facts = containerOfPath(cgroupPath);
  return facts?.cgroupPath === cgroupPath ? facts : undefined;
}

/** The name of the systemd unit whose cgroup this is: a service or a scope. */
export function unitOfPath(cgroupPath: string): string | undefined {
  const name = cgroupPath.slice(cgroupPath.lastIndexOf('/') + 1);
  return /^[^:]+\.(?:service|scope)$/.test(name) ? name : undefined;
}

function containerAt(components: readonly string[], depth: number): ComponentFacts | undefined {
  const name = components[depth] ?? '';
  const parent = components[depth - 1];
  if (name === '' || lookalike.test(name)) return undefined;
  for (const [owner, shape] of ownSpellings) {
    const id = shape.exec(name)?.[1];
    if (id !== undefined) return { owner, id };
  }
  if (parent === undefined) return undefined;
  if (parent === 'silostat' && ownJob.test(name)) return { owner: 'silostat', id: name };
  const scoped = name === 'job' ? ownScope.exec(parent)?.[1] : undefined;
  if (scoped !== undefined) return { owner: 'silostat', id: scoped };
  if (parent === 'lxc') return { owner: 'lxc', id: name };
  if (bareId.test(name)) {
    const owner = ownerOfBareId(parent);
    if (owner !== undefined) return { owner, id: name };
  }
  if (depth === 1 && containerdNamespaces.has(parent)) return { owner: 'containerd', id: name };
  return undefined;
}

function ownerOfBareId(parent: string): string | undefined {
  if (parent === 'docker') return 'docker';
  if (parent === 'libpod_parent') return 'podman';
  if (parent === 'k8s.io') return 'containerd';
  return underPod.test(parent) ? '' : undefined;
}

/** Kubernetes puts a pod's uid into the name of its cgroup, with `_` for `-` where systemd makes it. */
function podUidAbove(components: readonly string[], depth: number): string | undefined {
  for (let above = depth; above >= 0; above--) {
    const uid = podUidInName.exec(components[above] ?? '')?.[1];
    if (uid !== undefined) return uid.replaceAll('_', '-');
  }
  return undefined;
}
