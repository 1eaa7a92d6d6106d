import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { cgroupMounts, removeFilledCgroup } from './cgroup-files.ts';
import { compiled } from './compile.ts';
import { sweep, testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';

export interface CrowdOptions {
  count: number;
  /** So many at a time. */
  together: number;
  /** How long each process lives at least; 0: until the crowd is told to end. */
  milliseconds: number;
  /** How long its cgroup stays after that, as an engine takes some time; 0 if left out. */
  lingerMs?: number;
}

/** What Docker uses of version 1, without what needs to be set up first; '' is version 2. */
const controllers = ['', 'memory', 'cpuacct', 'cpu', 'blkio', 'pids', 'freezer'];

let made = 0;

/** Many containers in Docker's layout, each with one process, made and removed by a program of its own (crowd.c). */
export class Crowd {
  /** The cgroup that they are in, as in /proc/PID/cgroup. */
  readonly path: string;
  /** The first digits of their ids. */
  readonly prefix: string;
  /** Where they are made. */
  readonly folders: readonly string[];
  readonly #options: CrowdOptions;
  readonly #undo: Undo;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown[]> | undefined;

  constructor(undo: Undo, options: CrowdOptions) {
    sweep();
    const top = `/${testPrefix}-${process.pid}-crowd${++made}`;
    this.path = `${top}/docker`;
    this.prefix = `${process.pid.toString(16)}c${made}`;
    this.#options = options;
    this.#undo = undo;
    const mounts = cgroupMounts();
    const used = controllers.map((name) => mounts.get(name)).filter((mount) => mount !== undefined);
    this.folders = [...new Set(used)].map((mount) => `${mount}${this.path}`);
    // Its processes end a moment after the program that made them.
    undo.add(() => removeFilledCgroup(top));
    for (const folder of this.folders) mkdirSync(folder, { recursive: true });
  }

  id(number: number): string {
    return `${this.prefix}${number.toString(16).padStart(64 - this.prefix.length, '0')}`;
  }

  /** Until the first ones are in their cgroups: a kernel takes its time to move a process in version 1. */
  async start(): Promise<void> {
    const { count, together, milliseconds, lingerMs = 0 } = this.#options;
    const args = [this.prefix, count, together, milliseconds, lingerMs].map(String);
    const child = spawn(compiled('crowd.c'), [...args, ...this.folders], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#ended = once(child, 'exit');
    // Its processes end with it.
    this.#undo.add(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    if (line !== 'ready') throw new Error(`crowd: ${line}`);
  }

  /** Until the last one is removed. */
  async end(): Promise<void> {
    this.#child?.stdin?.end();
    const [code] = (await this.#ended) ?? [];
    if (code !== 0) throw new Error(`crowd ended with ${code}`);
  }
}
