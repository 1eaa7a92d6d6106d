import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { cgroupMounts, removeFilledCgroup } from './cgroup-files.ts';
import { compiled } from './compile.ts';

/** The names of everything that a run of the tests makes begin with this; the process id follows. */
export const testPrefix = 'silostat-test';

/**
 * Removes what runs of the tests left behind that were killed, so that they could not do it themselves: whatever is named
 * after a process that is no longer there.
 */
export function sweep(): void {
  for (const id of orphans('/run/runc')) spawnSync('runc', ['delete', '--force', id]);
  for (const mount of new Set(cgroupMounts().values())) {
    for (const name of orphans(mount)) removeFilledCgroup(`/${name}`);
  }
  for (const index of orphanedLoopDisks()) spawnSync(compiled('loop-disk.c'), ['remove', index]);
  for (const name of orphans(tmpdir())) rmSync(`${tmpdir()}/${name}`, { recursive: true, force: true });
}

function orphans(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter(isOrphan) : [];
}

function isOrphan(name: string): boolean {
  const pid = new RegExp(`^${testPrefix}-(\\d+)(?:-|$)`).exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function orphanedLoopDisks(): string[] {
  return readdirSync('/sys/block').flatMap((disk) => {
    const backing = `/sys/block/${disk}/loop/backing_file`;
    const folder = existsSync(backing) ? readFileSync(backing, 'utf8').slice(tmpdir().length + 1) : '';
    return isOrphan(folder.split('/')[0] ?? '') ? [disk.replace('loop', '')] : [];
  });
}
