import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cgroupMounts, removeEmptyCgroup } from './cgroup-files.ts';
import { until } from './deadline.ts';
import { testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';

/** Hierarchies where a process may join a new cgroup at once. */
const joined = ['', 'memory', 'cpu', 'cpuacct', 'pids', 'blkio', 'freezer'];

export interface ManyCgroups {
  readonly ids: readonly string[];
  /** With which all their ids begin, and nobody else's. */
  readonly prefix: string;
  /** Puts one more process into one of them. */
  join(id: string, pid: number): void;
}

/**
 * So many cgroups that are called as Docker calls its own, each with a sleeping process: the kernel's side of containers without
 * what an engine costs.
 */
export async function manyCgroups(undo: Undo, count: number): Promise<ManyCgroups> {
  const top = `/${testPrefix}-${process.pid}-many`;
  const parent = `${top}/docker`;
  const prefix = hash(`${process.pid}`).slice(0, 6);
  const mounts = [...new Set([...cgroupMounts()].filter(([name]) => joined.includes(name)).map(([, mount]) => mount))];
  const join = (id: string, pid: number): void => {
    for (const mount of mounts) writeFileSync(`${mount}${parent}/${id}/cgroup.procs`, `${pid}`);
  };
  undo.add(() => removeWhenEmpty(top));
  const pids = await sleepers(undo, count);
  const ids = pids.map((pid, at) => {
    // The first 12 digits, which are what people see, tell them apart.
    const id = `${prefix}${at.toString(16).padStart(6, '0')}${hash(`${at}`).slice(12)}`;
    for (const mount of mounts) mkdirSync(`${mount}${parent}/${id}`, { recursive: true });
    join(id, pid);
    return id;
  });
  return { ids, prefix, join };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function sleepers(undo: Undo, count: number): Promise<number[]> {
  const script = `for i in $(seq ${count}); do sleep 1000 & echo $!; done; wait`;
  const shell = spawn('sh', ['-c', script], { detached: true });
  // The whole group of ours.
  undo.add(() => process.kill(-(shell.pid ?? Number.NaN), 'SIGKILL'));
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await until(`${count} processes`, () => text.split('\n').length === count + 1, 30_000);
  return text.trim().split('\n').map(Number);
}

/** Processes that were killed take a moment to leave. */
function removeWhenEmpty(path: string): void {
  for (let tries = 100; ; tries--) {
    try {
      removeEmptyCgroup(path);
      return;
    } catch (error) {
      if (tries === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
