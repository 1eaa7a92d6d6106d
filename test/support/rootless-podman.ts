import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeRootfs } from './bundle.ts';
import { cgroupMounts, removeEmptyCgroup } from './cgroup-files.ts';
import { mustRun } from './command.ts';
import { scratchFolder } from './scratch.ts';
import { sweep, testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';

/** A user that every Debian has and nobody is. */
const user = 5;

/**
 * Starts a container with a user's own Podman, in a cgroup that is delegated to that user, as systemd does it for one who logs
 * in. Needs cgroup v2 alone: on version 1 a user's Podman makes no cgroups.
 * @returns the container's id
 */
export function startRootless(undo: Undo, name: string): string {
  sweep();
  const home = scratchFolder(undo);
  makeRootfs(`${home}/rootfs`);
  mustRun('tar', ['-C', `${home}/rootfs`, '-cf', `${home}/image.tar`, '.']);
  mkdirSync(`${home}/.config/containers`, { recursive: true });
  writeFileSync(`${home}/.config/containers/storage.conf`, '[storage]\ndriver = "vfs"\n');
  mustRun('chown', ['-R', String(user), home]);
  makeRuntimeFolder(undo);
  const cgroup = delegate(undo);
  asUser(cgroup, home, `import --quiet ${home}/image.tar silostat-test:1`);
  const limits = '--ulimit nofile=1024:1024 --ulimit nproc=4096:4096';
  const options = `--detach --name ${name} --cgroup-parent ${cgroup} --network none ${limits}`;
  return asUser(cgroup, home, `run ${options} silostat-test:1 /bin/sleep 300`).trim();
}

/** Where the user's runtime keeps its state. */
function makeRuntimeFolder(undo: Undo): void {
  const folder = `/run/user/${user}`;
  if (existsSync(folder)) throw new Error(`${folder} is there already: that user is logged in`);
  mkdirSync(folder, { recursive: true });
  chownSync(folder, user, user);
  undo.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
}

/** A cgroup of the user's own, with one below for the commands, since no process may be in one that has controllers. */
function delegate(undo: Undo): string {
  const path = `/${testPrefix}-${process.pid}-rootless`;
  const folder = `${cgroupMounts().get('')}${path}`;
  undo.add(() => {
    // The container, its monitor, and the process that keeps the user's namespace.
    writeFileSync(`${folder}/cgroup.kill`, '1');
    while (readFileSync(`${folder}/cgroup.events`, 'utf8').includes('populated 1')) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    removeEmptyCgroup(path);
  });
  mkdirSync(folder);
  writeFileSync(`${cgroupMounts().get('')}/cgroup.subtree_control`, '+memory +pids +cpu');
  mkdirSync(`${folder}/commands`);
  writeFileSync(`${folder}/cgroup.subtree_control`, '+memory +pids +cpu');
  mustRun('chown', ['-R', String(user), folder]);
  return path;
}

/** Its output goes to a file: the container's monitor keeps whatever it is given. */
function asUser(cgroup: string, home: string, command: string): string {
  const commands = `${cgroupMounts().get('')}${cgroup}/commands/cgroup.procs`;
  const podman = `podman --runtime runc --events-backend=file --cgroup-manager=cgroupfs ${command}`;
  const environment = `HOME=${home} XDG_RUNTIME_DIR=/run/user/${user} PATH="$PATH"`;
  const log = `${home}/log`;
  const script = `echo 0 > ${commands}; cd ${home}; exec setpriv --reuid ${user} --regid ${user} --clear-groups env -i ${environment} ${podman} >${log} 2>${log}.errors </dev/null`;
  try {
    mustRun('sh', ['-ec', script]);
  } catch (error) {
    throw new Error(`podman ${command}: ${readFileSync(`${log}.errors`, 'utf8')}`, { cause: error });
  }
  return readFileSync(log, 'utf8');
}
