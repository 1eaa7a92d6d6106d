import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../errno.ts';
import { SilostatError } from '../../errors.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import { isDeniedErrno, isGoneErrno, nativeError, systemError } from '../errors.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { pathOfDirectory } from '../mounts.ts';
import { writeControl } from './control-file.ts';
import { setLimits } from './job-limits.ts';

/** The cgroup in which all jobs lie. */
const parentName = 'silostat';

/**
 * The v1 hierarchies that a job joins: those that are measured, limited or frozen. The others place devices, processors and
 * systemd's units, where a job changes nothing.
 */
const joined: ReadonlySet<string> = new Set(['cpu', 'cpuacct', 'memory', 'blkio', 'pids', 'freezer']);
/** The v2 controllers that a job needs for its figures. */
const wanted = ['cpu', 'io', 'memory', 'pids'];

/** Says that a parent was made by us, by any process of ours: such a one may go when it is empty. */
const sticky = 0o1000;
const removalMs = 2000;
const mostTries = 100;

/** The directories of one job: `/silostat/<id>` in v2 and in each v1 hierarchy that it joins. */
export class JobDirectories {
  readonly #directories: ReadonlyMap<Hierarchy, string>;
  readonly #attach: ((pid: number) => void) | undefined;
  /** By hierarchy, as in /proc/PID/cgroup. */
  readonly paths: ReadonlyMap<Hierarchy, string>;

  private constructor(directories: ReadonlyMap<Hierarchy, string>, attach?: (pid: number) => void) {
    this.#directories = directories;
    this.#attach = attach;
    this.paths = new Map(
      [...directories].map(([hierarchy, directory]): [Hierarchy, string] => {
        const below = directory.slice(hierarchy.mountPoint.length);
        return [hierarchy, hierarchy.root === '/' ? below : `${hierarchy.root}${below}`];
      }),
    );
  }

  /** Its directory in v2. */
  get v2(): string | undefined {
    return this.#where(({ version }) => version === 2);
  }

  /** Its directory in the v1 hierarchy of the freezer. */
  get freezer(): string | undefined {
    return this.#where(({ controllers }) => controllers.includes('freezer'));
  }

  /**
   * Makes the directories, all or none, and sets the limits; a hierarchy that we may not write to is left out.
   * @param onMade is told of each directory, right after it was made
   * @throws SilostatError ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED when no hierarchy may be written to, ERR_UNSUPPORTED when a
   * limit cannot be set.
   */
  static make(
    hierarchies: Hierarchies,
    { id, limits }: Pick<CheckedJobOptions, 'id' | 'limits'>,
    onMade: (directory: string) => void = () => undefined,
  ): JobDirectories {
    const made = new Map<Hierarchy, string>();
    let denied: unknown;
    try {
      for (const hierarchy of hierarchiesToJoin(hierarchies)) {
        try {
          const directory = makeDirectory(hierarchy, id);
          made.set(hierarchy, directory);
          onMade(directory);
        } catch (error) {
          if (!isDeniedErrno(errnoOf(error))) throw creationError(error, id);
          denied ??= nativeError(error, hierarchy.mountPoint);
          removeParent(hierarchy);
        }
      }
      if (made.size > 0) setLimits(made, limits, id);
    } catch (error) {
      for (const [hierarchy, directory] of made) undo(hierarchy, directory);
      throw error;
    }
    if (made.size > 0) return new JobDirectories(made);
    throw new SilostatError('ERR_ACCESS_DENIED', {
      subject: id,
      operation: 'create job container',
      reason: 'no cgroup hierarchy may be written to; run as root',
      cause: denied,
    });
  }

  /**
   * One in v2 alone, in a cgroup that was given to us: its controllers are handed down already.
   * @param attach puts a process into it where the kernel does not let us
   * @throws SilostatError ERR_UNSUPPORTED when a limit cannot be set
   */
  static within(
    hierarchy: Hierarchy,
    directory: string,
    { id, limits }: Pick<CheckedJobOptions, 'id' | 'limits'>,
    attach: (pid: number) => void,
  ): JobDirectories {
    const made = new Map([[hierarchy, directory]]);
    mkdirSync(directory, 0o755);
    try {
      setLimits(made, limits, id);
    } catch (error) {
      removeTree(directory);
      throw error;
    }
    return new JobDirectories(made, attach);
  }

  /** Those that were made before, by whom it may be; what is below no mounted hierarchy is left out. */
  static of(hierarchies: Hierarchies, made: readonly { readonly path: string }[]): JobDirectories {
    const directories = new Map<Hierarchy, string>();
    for (const { path } of made) {
      const hierarchy = pathOfDirectory(hierarchies, path)?.hierarchy;
      if (hierarchy !== undefined) directories.set(hierarchy, path);
    }
    return new JobDirectories(directories);
  }

  /**
   * Puts a process into the job. One that has died meanwhile is no error.
   * @throws SilostatError ERR_CLOSED when the job has been removed, ERR_UNSUPPORTED when the kernel refuses.
   */
  join(pid: number, id: string): void {
    for (const directory of this.#directories.values()) {
      const file = `${directory}/cgroup.procs`;
      try {
        writeControl(file, String(pid));
      } catch (error) {
        const symbol = errnoOf(error);
        if (symbol === 'ESRCH') return;
        if (isDeniedErrno(symbol) && this.#attach !== undefined) {
          this.#attach(pid);
          return;
        }
        const gone = isGoneErrno(symbol);
        throw new SilostatError(gone ? 'ERR_CLOSED' : 'ERR_UNSUPPORTED', {
          subject: id,
          operation: 'put a process into job container',
          reason: gone ? 'its cgroup has been removed' : nativeError(error, file).message,
          cause: nativeError(error, file),
        });
      }
    }
  }

  /**
   * Removes the directories with what is below them, and the parents that are empty and ours. The kernel may hold a cgroup
   * for a moment after its last process.
   * @throws SilostatError ERR_TIMEOUT after 2 s; what could be removed is gone then.
   */
  async remove(id: string): Promise<void> {
    const deadline = performance.now() + removalMs;
    let failure: unknown;
    for (const [hierarchy, directory] of this.#directories) {
      let left = removeTree(directory);
      while (left !== undefined && performance.now() < deadline) {
        await sleep(10);
        left = removeTree(directory);
      }
      removeParent(hierarchy);
      failure ??= left && nativeError(left, directory);
    }
    if (failure === undefined) return;
    throw new SilostatError('ERR_TIMEOUT', {
      subject: id,
      operation: 'remove job container',
      reason: (failure as Error).message,
      cause: failure,
    });
  }

  #where(matches: (hierarchy: Hierarchy) => boolean): string | undefined {
    for (const [hierarchy, directory] of this.#directories) if (matches(hierarchy)) return directory;
    return undefined;
  }
}

function hierarchiesToJoin({ v1, v2 }: Hierarchies): Hierarchy[] {
  const found = v1.filter(({ controllers }) => controllers.some((controller) => joined.has(controller)));
  return v2 === undefined ? found : [v2, ...found];
}

function makeDirectory(hierarchy: Hierarchy, id: string): string {
  const parent = parentOf(hierarchy);
  for (let tries = 1; ; tries++) {
    makeParent(hierarchy, parent);
    try {
      mkdirSync(`${parent}/${id}`, 0o755);
      return `${parent}/${id}`;
    } catch (error) {
      // Another process may just have removed the parent, together with its last job.
      if (errnoOf(error) !== 'ENOENT' || tries === mostTries) throw error;
    }
  }
}

function makeParent(hierarchy: Hierarchy, parent: string): void {
  try {
    mkdirSync(parent, sticky | 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  if (hierarchy.version === 1) return;
  // Without systemd nobody else hands the controllers down from the root.
  if (!isSystemdBooted()) handDown(hierarchy.mountPoint);
  handDown(parent);
}

function handDown(directory: string): void {
  try {
    const available = words(`${directory}/cgroup.controllers`);
    const enabled = words(`${directory}/cgroup.subtree_control`);
    for (const controller of wanted) {
      if (!available.includes(controller) || enabled.includes(controller)) continue;
      writeControl(`${directory}/cgroup.subtree_control`, `+${controller}`);
    }
  } catch {
    // Not to be had: the figures of that controller will be absent, with their reason.
  }
}

function words(file: string): string[] {
  return readFileSync(file, 'latin1').trim().split(' ');
}

function isSystemdBooted(): boolean {
  return statSync('/run/systemd/system', { throwIfNoEntry: false }) !== undefined;
}

/** Removes a cgroup and those below it, the lowest first; what could not be removed for now. */
function removeTree(directory: string): unknown {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const left = entry.isDirectory() ? removeTree(`${directory}/${entry.name}`) : undefined;
      if (left !== undefined) return left;
    }
    rmdirSync(directory);
    return undefined;
  } catch (error) {
    return isGoneErrno(errnoOf(error)) ? undefined : error;
  }
}

function removeParent(hierarchy: Hierarchy): void {
  const parent = parentOf(hierarchy);
  try {
    if ((statSync(parent).mode & sticky) !== 0) rmdirSync(parent);
  } catch {
    // Another job is in it, or it has gone already.
  }
}

function undo(hierarchy: Hierarchy, directory: string): void {
  removeTree(directory);
  removeParent(hierarchy);
}

function parentOf({ mountPoint }: Hierarchy): string {
  return `${mountPoint}/${parentName}`;
}

function creationError(error: unknown, id: string): unknown {
  if (errnoOf(error) !== 'EEXIST') return systemError(error, 'create job container', id);
  return new SilostatError('ERR_ALREADY_EXISTS', {
    subject: id,
    operation: 'create job container',
    reason: 'there is one of this id; choose another',
    cause: nativeError(error, id),
  });
}
