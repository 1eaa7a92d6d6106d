import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cgroupMounts, removeEmptyCgroup } from '#test/support/cgroup-files.js';
import { compiled } from '#test/support/compile.js';
import { scratchFolder } from '#test/support/scratch.js';
import { sweep, testPrefix } from '#test/support/sweep.js';
import type { Undo } from '#test/support/undo.js';
import { Workload } from '#test/support/workload.js';

/** Where engines make a container's cgroups, but for what needs to be set up first; '' is cgroup v2. */
const controllers = ['', 'memory', 'cpu', 'cpuacct', 'blkio', 'pids', 'freezer', 'devices'];

/** A process of this host with children that sleep: it can be in any cgroup, and none of them in a container's. */
export async function startSleepers(undo: Undo): Promise<Workload> {
  const workload = new Workload(scratchFolder(undo), undo);
  await workload.startedBy(({ stdin, stdout }) => {
    const child = spawn(compiled('workload.c'), { stdio: [stdin, stdout, 'inherit'] });
    undo.add(() => void child.kill('SIGKILL'));
  });
  return workload;
}

/** Many cgroups, as containers have them, each with so many processes that sleep. Gives their paths. */
export async function makeCrowd(undo: Undo, count: number, processes: number): Promise<string[]> {
  sweep();
  const top = `/${testPrefix}-${process.pid}-crowd`;
  const mounts = cgroupMounts();
  const used = controllers.map((name) => mounts.get(name)).filter((mount) => mount !== undefined);
  const hierarchies = [...new Set(used)];
  undo.add(() => removeWhenEmpty(top));
  const sleepers = await startSleepers(undo);
  const paths = Array.from({ length: count }, (_, index) => `${top}/${index}`);
  for (const path of paths) {
    for (const hierarchy of hierarchies) mkdirSync(`${hierarchy}${path}`, { recursive: true });
    for (const hierarchy of hierarchies) await sleepers.join(`${hierarchy}${path}`);
    await sleepers.fork(processes);
  }
  for (const hierarchy of hierarchies) await sleepers.join(hierarchy);
  return paths;
}

/** Its processes have been killed by now, and take a moment to go. */
function removeWhenEmpty(path: string): void {
  const end = performance.now() + 20_000;
  for (;;) {
    try {
      removeEmptyCgroup(path);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
