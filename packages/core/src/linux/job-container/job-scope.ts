import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../errno.ts';
import { SilostatError } from '../../errors.ts';
import type { JobContainer } from '../../job-container.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import { nativeError } from '../errors.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import { tryWriteControl, writeControl } from './control-file.ts';
import { holdOf, systemOf } from './job-cgroup.ts';
import { JobDirectories } from './job-directories.ts';
import { LinuxJob } from './linux-job.ts';
import { Ownership } from './ownership.ts';
import { ProcessStarts } from './process-starts.ts';

export const askForScope = 'ask systemd for a scope for';
/** Without io, which a user's systemd does not hand down, the figures of storage are absent. */
const controllers = ['cpu', 'io', 'memory', 'pids'];
const goneMs = 2000;

/** True where every cgroup is systemd's, so that one of ours has to be asked for. On v1 there are hierarchies that it leaves alone. */
export function isRuledBySystemd({ v1, v2 }: Hierarchies): boolean {
  const isOnlyV2 = v2 !== undefined && !v1.some(({ controllers: [name = ''] }) => !name.startsWith('name='));
  return isOnlyV2 && existsSync('/run/systemd/system');
}

/**
 * Makes a job container in a scope that systemd gives us to do with as we like (Delegate): `silostat-<id>.scope/job`. The scope's
 * first process is the watcher; systemd removes it with that.
 * @throws SilostatError ERR_ALREADY_EXISTS, ERR_UNSUPPORTED with what systemd said; nothing is left then.
 */
export async function createJobScope(options: CheckedJobOptions, hierarchies: Hierarchies): Promise<JobContainer> {
  const { id } = options;
  const unit = `silostat-${id}.scope`;
  const ownership = Ownership.take(id, launcherOf(unit));
  let scope: string | undefined;
  try {
    const hierarchy = hierarchies.v2 as Hierarchy;
    scope = await scopeOf(ownership, hierarchy, unit, id);
    moveIntoLeaf(scope, ownership, id);
    const directory = `${scope}/job`;
    const directories = JobDirectories.within(hierarchy, directory, options, (pid) => attach(unit, pid, id));
    ownership.made(directory);
    const hold = holdOf(directories, id);
    const removed = async () => {
      await ownership.release();
      await untilGone(scope);
    };
    const starts = new ProcessStarts(options.countProcesses);
    const system = systemOf(id, directories.paths, hierarchies);
    return new LinuxJob({ id, system, hold, ownership: { release: removed }, starts });
  } catch (error) {
    await ownership.release();
    await untilGone(scope);
    throw error;
  }
}

function launcherOf(unit: string): string[] {
  const whose = process.geteuid?.() === 0 ? [] : ['--user'];
  return [
    'systemd-run',
    ...whose,
    '--scope',
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    '--property=Delegate=yes',
    '--',
  ];
}

/** The scope's directory, when systemd has made it. */
async function scopeOf(ownership: Ownership, hierarchy: Hierarchy, unit: string, id: string): Promise<string> {
  let said: string;
  try {
    said = await ownership.watcher.whereabouts();
  } catch (error) {
    throw refused(id, (error as Error).message, error);
  }
  const path = /^0::(\/.*)$/m.exec(said)?.[1];
  const directory = path === undefined ? undefined : directoryOf(hierarchy, path);
  if (directory?.endsWith(`/${unit}`) === true) return directory;
  throw refused(id, `it is in ${path ?? 'no cgroup'}, where it was to be in ${unit}`);
}

/** A cgroup with processes in it can hand no controllers down: the watcher moves to a leaf of its own. */
function moveIntoLeaf(scope: string, { watcher }: Ownership, id: string): void {
  const leaf = `${scope}/watcher`;
  try {
    mkdirSync(leaf);
    writeControl(`${leaf}/cgroup.procs`, String(watcher.pid));
  } catch (error) {
    throw refused(id, nativeError(error, leaf).message, error);
  }
  for (const controller of controllers) tryWriteControl(`${scope}/cgroup.subtree_control`, `+${controller}`);
}

/** A user may not move a process out of the session that he is in; systemd does it for him. */
function attach(unit: string, pid: number, id: string): void {
  const call = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];
  const args = ['AttachProcessesToUnit', 'ssau', unit, '/job', '1', String(pid)];
  try {
    execFileSync('busctl', ['--user', '--quiet', 'call', ...call, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim();
    throw new SilostatError('ERR_UNSUPPORTED', {
      subject: id,
      operation: 'put a process into job container',
      reason: said || `busctl: ${errnoOf(error) ?? 'failed'}`,
      cause: error,
    });
  }
}

/** systemd takes a moment to see that a scope is empty. */
async function untilGone(scope: string | undefined): Promise<void> {
  const deadline = performance.now() + goneMs;
  while (scope !== undefined && existsSync(scope) && performance.now() < deadline) await sleep(10);
}

function refused(id: string, reason: string, cause?: unknown): SilostatError {
  return new SilostatError('ERR_UNSUPPORTED', { subject: id, operation: askForScope, reason, cause });
}
