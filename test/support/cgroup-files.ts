import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';

/** Where each controller is mounted, by its name; '' is cgroup v2. Read from the kernel, not through the product. */
export function cgroupMounts(): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mountPoint = before.split(' ')[4] ?? '';
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') mounts.set('', mountPoint);
    if (type === 'cgroup') for (const name of options.split(',')) mounts.set(name, mountPoint);
  }
  return mounts;
}

/** The cgroup of a process by controller ('' is v2), as in /proc/PID/cgroup. */
export function membership(pid: number): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    for (const name of controllers.split(',')) paths.set(name, path.join(':'));
  }
  return paths;
}

/** The folder of a controller's cgroup; undefined where the controller is not mounted. */
export function cgroupFolder(cgroups: ReadonlyMap<string, string>, controller: string): string | undefined {
  const mount = cgroupMounts().get(controller);
  const path = cgroups.get(controller);
  return mount === undefined || path === undefined ? undefined : mount + path;
}

/** The text of a controller's file; undefined where there is none. */
export function cgroupFile(cgroups: ReadonlyMap<string, string>, controller: string, file: string): string | undefined {
  const path = `${cgroupFolder(cgroups, controller)}/${file}`;
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** The folders that a cgroup path has, in whatever hierarchies. */
export function cgroupFolders(path: string): string[] {
  return [...new Set(cgroupMounts().values())].map((mount) => mount + path).filter((folder) => existsSync(folder));
}

/** Removes a cgroup of ours and what is below it, in every hierarchy. @throws EBUSY when a process is in it. */
export function removeEmptyCgroup(path: string): void {
  for (const folder of cgroupFolders(path)) removeTree(folder);
}

/** Ends what is in a cgroup that the tests made, so that there are no others in it, and removes it. @throws EBUSY after 5 s. */
export function removeFilledCgroup(path: string): void {
  for (let tries = 1; ; tries++) {
    for (const pid of cgroupFolders(path).flatMap(pidsBelow)) killIfThere(pid);
    try {
      removeEmptyCgroup(path);
      return;
    } catch (error) {
      if (tries === 50) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

function pidsBelow(folder: string): number[] {
  const procs = `${folder}/cgroup.procs`;
  if (!existsSync(procs)) return [];
  const own = readFileSync(procs, 'utf8').split('\n').filter(Boolean).map(Number);
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...own, ...below.flatMap(({ name }) => pidsBelow(`${folder}/${name}`))];
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Others may be removing it too: what has gone meanwhile is as it should be. */
function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(`${folder}/${entry.name}`);
    }
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
