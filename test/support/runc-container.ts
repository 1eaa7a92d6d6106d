import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { BundleOptions } from './bundle.ts';
import { makeRootfs, writeBundle } from './bundle.ts';
import { membership, removeEmptyCgroup } from './cgroup-files.ts';
import { mustRun, run } from './command.ts';
import { scratchFolder } from './scratch.ts';
import { sweep, testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';
import { Workload } from './workload.ts';

/** A running container, made by runc, with the workload as its first process. */
export interface RuncContainer {
  id: string;
  /** Its first process, as this host numbers it. */
  pid: number;
  workload: Workload;
  /** The cgroup path of each controller ('' is v2), as in /proc/PID/cgroup. */
  cgroups: ReadonlyMap<string, string>;
  /** Kills and removes it, as an operator would. Harmless a second time. */
  remove(): Promise<void>;
}

export interface ContainerOptions extends BundleOptions {
  /** The whole id; made up if left out. */
  id?: string;
}

let made = 0;

/** Makes containers with one root file system; all that they leave goes with `undo`. */
export class RuncEngine {
  readonly #folder: string;
  readonly #undo: Undo;

  constructor(undo: Undo) {
    sweep();
    this.#undo = undo;
    this.#folder = scratchFolder(undo);
    makeRootfs(`${this.#folder}/rootfs`);
  }

  /** An id that no other container of this or another run has. */
  newId(): string {
    return `${testPrefix}-${process.pid}-${++made}`;
  }

  async start(options: ContainerOptions = {}): Promise<RuncContainer> {
    const id = options.id ?? this.newId();
    const bundle = `${this.#folder}/${id}`;
    writeBundle(bundle, `${this.#folder}/rootfs`, options);
    const workload = new Workload(bundle, this.#undo);
    let removed = false;
    this.#undo.add(() => {
      if (!removed) removeNow(id);
      removeParents(options.cgroupsPath);
    });
    await workload.startedBy(({ stdin, stdout }) => runDetached(id, bundle, stdin, stdout));
    const pid = Number(readFileSync(`${bundle}/pid`, 'utf8'));
    const removeOnce = async (): Promise<void> => {
      await remove(id);
      removed = true;
    };
    return { id, pid, workload, cgroups: membership(pid), remove: removeOnce };
  }
}

async function runDetached(id: string, bundle: string, stdin: number, stdout: number): Promise<void> {
  const log = openSync(`${bundle}/log`, 'w');
  const args = ['run', '--detach', '--bundle', bundle, '--pid-file', `${bundle}/pid`, id];
  const child = spawn('runc', args, { stdio: [stdin, stdout, log] });
  closeSync(log);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`runc run ${id}: ${readFileSync(`${bundle}/log`, 'utf8')}`);
}

async function remove(id: string): Promise<void> {
  const { code, stderr } = await run('runc', ['delete', '--force', id]);
  if (code !== 0) throw new Error(`runc delete ${id}: ${stderr}`);
}

function removeNow(id: string): void {
  // `--force` ends with 0 also when there is no such container.
  mustRun('runc', ['delete', '--force', id]);
}

/** runc makes the parents of a cgroupsPath, and leaves them behind. */
function removeParents(cgroupsPath = ''): void {
  const [, top] = cgroupsPath.split('/');
  if (top?.startsWith(testPrefix) !== true) return;
  try {
    removeEmptyCgroup(`/${top}`);
  } catch (error) {
    // Another container is still in it, and takes it away with itself.
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}
