import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../errno.ts';
import { SilostatError } from '../../errors.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import { isDeniedErrno, isGoneErrno, nativeError, systemError } from '../errors.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { pathOfDirectory } from '../mounts.ts';
import { writeControl } from './control-file.ts';
import { setLimits } from './job-limits.ts';
import { makeDirectory, removeParent, removeTree } from './job-place.ts';

/**
 * The v1 hierarchies that a job joins: those that are measured, limited or frozen. The others place devices, processors and
 * systemd's units, where a job changes nothing.
 */
const joined: ReadonlySet<string> = new Set(['cpu', 'cpuacct', 'memory', 'blkio', 'pids', 'freezer']);

const removalMs = 2000;

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

function undo(hierarchy: Hierarchy, directory: string): void {
  removeTree(directory);
  removeParent(hierarchy);
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
