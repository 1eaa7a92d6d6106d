import type { FSWatcher } from 'node:fs';
import { readFileSync, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../errno.ts';
import { isSilostatError, SilostatError } from '../../errors.ts';
import { readPids } from '../cgroup/cgroup.ts';
import { isGoneErrno } from '../errors.ts';
import { tryWriteControl } from './control-file.ts';
import type { JobDirectories } from './job-directories.ts';

/** The look that backs the kernel's notice. */
const lookMs = 1000;
/** Between two looks where the kernel gives no notice (v1). */
const pollMs = 100;
const killPollMs = 5;
const killMs = 10_000;

/** Resolves when no process is left in the job, or the job is gone; or when nobody waits any longer. */
export async function waitUntilEmpty(job: JobDirectories, abandon?: AbortSignal): Promise<void> {
  const watcher = watchPopulation(job);
  try {
    while (abandon?.aborted !== true && !isEmpty(job)) await change(watcher, abandon);
  } finally {
    watcher?.close();
  }
}

/**
 * Ends all processes of a job, and waits until they have ended.
 * @throws SilostatError ERR_TIMEOUT after 10 s: then the kernel cannot end one now (an uninterruptible wait).
 */
export async function endAll(job: JobDirectories, id: string): Promise<void> {
  const deadline = performance.now() + killMs;
  for (let pids = allPids(job); pids.size > 0; pids = allPids(job)) {
    if (performance.now() > deadline) {
      throw new SilostatError('ERR_TIMEOUT', {
        subject: id,
        operation: 'end job container',
        reason: `${pids.size} processes have not ended ${killMs / 1000} s after SIGKILL`,
      });
    }
    killAll(job, pids);
    await sleep(killPollMs);
  }
}

function watchPopulation({ v2 }: JobDirectories): FSWatcher | undefined {
  if (v2 === undefined) return undefined;
  try {
    const watcher = watch(`${v2}/cgroup.events`);
    // Without the notice, the look every second must do.
    watcher.on('error', () => undefined);
    return watcher;
  } catch {
    // The job has gone, or this host has no more watches: looks alone.
    return undefined;
  }
}

/** The next notice, the time for a look, or that nobody waits any longer. */
function change(watcher: FSWatcher | undefined, abandon: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      watcher?.off('change', done);
      abandon?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, watcher === undefined ? pollMs : lookMs);
    watcher?.on('change', done);
    abandon?.addEventListener('abort', done);
  });
}

function isEmpty(job: JobDirectories): boolean {
  if (job.v2 === undefined) return allPids(job).size === 0;
  try {
    return /^populated 0$/m.test(readFileSync(`${job.v2}/cgroup.events`, 'latin1'));
  } catch (error) {
    if (isGoneErrno(errnoOf(error))) return true;
    throw error;
  }
}

/** Every process of the job; one that left v2's cgroup by itself may still be in a v1 one. */
export function allPids(job: JobDirectories): Set<number> {
  const pids = new Set<number>();
  for (const [hierarchy, path] of job.paths) {
    try {
      for (const pid of readPids(hierarchy, path).pids) pids.add(pid);
    } catch (error) {
      if (!isSilostatError(error) || error.code !== 'ERR_NOT_FOUND') throw error;
    }
  }
  return pids;
}

/** While they are frozen they cannot fork, nor can a pid become another process's. */
function killAll({ v2, freezer }: JobDirectories, pids: Iterable<number>): void {
  if (v2 !== undefined) tryWriteControl(`${v2}/cgroup.kill`, '1');
  if (freezer !== undefined) tryWriteControl(`${freezer}/freezer.state`, 'FROZEN');
  else if (v2 !== undefined) tryWriteControl(`${v2}/cgroup.freeze`, '1');
  for (const pid of pids) signal(pid, 'SIGKILL');
  if (freezer !== undefined) tryWriteControl(`${freezer}/freezer.state`, 'THAWED');
  else if (v2 !== undefined) tryWriteControl(`${v2}/cgroup.freeze`, '0');
}

export function signal(pid: number, ...signals: NodeJS.Signals[]): void {
  try {
    for (const each of signals) process.kill(pid, each);
  } catch {
    // It has ended already.
  }
}
