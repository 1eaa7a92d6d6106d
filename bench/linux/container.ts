import { readFileSync } from 'node:fs';
import { cgroupMounts } from '#test/support/cgroup-files.js';
import { startFullContainer } from '#test/support/full-container.js';
import { makeLoopDisk } from '#test/support/loop-disk.js';
import { skipReason } from '#test/support/requirements.js';
import type { RuncContainer } from '#test/support/runc-container.js';
import { RuncEngine } from '#test/support/runc-container.js';
import type { Undo } from '#test/support/undo.js';

/** Why containers cannot be made here; undefined when they can. */
export function whyNoContainers(...tools: string[]): string | undefined {
  const reason = skipReason({ tools: ['runc', 'busybox', 'gcc', 'taskset', ...tools] });
  return reason === false ? undefined : reason;
}

/** A container of runc with every figure, its disk's too, and so many processes that sleep. */
export async function startContainer(undo: Undo): Promise<RuncContainer> {
  return startFullContainer(new RuncEngine(undo), makeLoopDisk(undo, 16));
}

export async function setProcesses({ workload }: RuncContainer, count: number): Promise<void> {
  await workload.reap();
  await workload.fork(count - 1);
}

/** The path by which silostat finds it. */
export function pathOf({ cgroups }: RuncContainer): string {
  const path = [...cgroups.values()].find((each) => each !== '/');
  if (path === undefined) throw new Error('the container is in no cgroup of its own');
  return path;
}

/** The folder of the cgroup whose processes are listed: v2's, else the first that has one of its own. */
export function procsFolder({ cgroups, pid }: RuncContainer): string {
  const mounts = cgroupMounts();
  const own = [...cgroups].sort(([a], [b]) => a.length - b.length).filter(([, path]) => path !== '/');
  for (const [controller, path] of own) {
    const folder = `${mounts.get(controller)}${path}`;
    if (readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').includes(String(pid))) return folder;
  }
  throw new Error('no cgroup lists the container');
}
