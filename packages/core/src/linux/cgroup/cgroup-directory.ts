import { statSync } from 'node:fs';
import { errnoOf } from '../../errno.ts';
import { isSilostatError, SilostatError } from '../../errors.ts';
import type { JobIdentity } from '../../job.ts';
import type { Reason } from '../../report.ts';
import { reasonOf } from '../../report.ts';
import { descriptorBudget } from '../descriptor-budget.ts';
import { isGoneErrno, nativeError, systemError } from '../errors.ts';
import type { Hierarchy } from '../mounts.ts';
import { isWithin, nameOf } from '../mounts.ts';
import type { FileOwner } from '../read.ts';
import { KernelFile } from '../read.ts';

/** A file of figures. */
export interface WantedFile {
  readonly file: string;
  /** Why it may be missing though the cgroup is there. */
  readonly whyMissing: string;
}

/** The directory of a cgroup in one hierarchy, and the descriptors of its files that are kept. */
export class CgroupDirectory implements FileOwner {
  readonly hierarchy: Hierarchy;
  /** As in /proc/PID/cgroup. */
  readonly path: string;
  readonly directory: string;
  /** Tells it from a cgroup that is made later under the same name. */
  readonly inode: bigint;
  /** In nanoseconds since 1970; undefined where the file system does not record it. */
  readonly birthNs: bigint | undefined;
  #files: readonly KernelFile[] = [];
  #identity: JobIdentity | undefined;

  /** @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED. */
  constructor(hierarchy: Hierarchy, path: string, directory: string) {
    this.hierarchy = hierarchy;
    this.path = path;
    this.directory = directory;
    try {
      const stat = statSync(directory, { bigint: true });
      this.inode = stat.ino;
      this.birthNs = stat.birthtimeNs > 0n ? stat.birthtimeNs : undefined;
    } catch (error) {
      throw systemError(error, 'open', path, directory);
    }
  }

  /**
   * Opens files of figures and keeps them open until `close()`; a reason for each that this kernel, or the configuration of this
   * cgroup, does not have, or does not let us read.
   * @throws SilostatError ERR_NOT_FOUND when it is not the file that is missing but the cgroup.
   */
  openFiles(wanted: readonly WantedFile[]): (KernelFile | Reason)[] {
    const files = wanted.map(({ file, whyMissing }) => this.#openFile(file, whyMissing));
    // They are of this cgroup, and not of a new one of the same name, if the directory still is the same.
    if (files.some((file) => file instanceof KernelFile)) this.assertSame();
    return files;
  }

  #openFile(name: string, whyMissing: string): KernelFile | Reason {
    const path = `${this.directory}/${name}`;
    let file: KernelFile;
    try {
      file = new KernelFile(path, this);
    } catch (error) {
      return this.#whyNotOpened(error, name, whyMissing);
    }
    // A new list has no room to grow, which would be most of what a directory keeps.
    this.#files = [...this.#files, file];
    return file;
  }

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has been removed, also if there is a new one of its name. */
  assertSame(): void {
    let inode: bigint;
    try {
      inode = statSync(this.directory, { bigint: true }).ino;
    } catch (error) {
      throw isGoneErrno(errnoOf(error)) ? this.#removed(error) : systemError(error, 'open', this.path, this.directory);
    }
    if (inode !== this.inode) throw this.#removed(undefined);
  }

  /** True where files of it are kept: what they tell is of this cgroup, and of no new one of its name. */
  get isPinned(): boolean {
    return this.#files.length > 0;
  }

  /** The same object each time. */
  get identity(): JobIdentity {
    this.#identity ??= identityMarks(this.inode, this.birthNs);
    return this.#identity;
  }

  /**
   * That it is there, in one read where a file is kept: of a cgroup that has been removed none can be read any more.
   * @throws SilostatError ERR_NOT_FOUND
   */
  assertThere(): void {
    const [file] = this.#files;
    if (file === undefined) this.assertSame();
    else file.read();
  }

  /** Tells from a process's /proc/PID/cgroup whether it is in this cgroup, or below it. */
  holds(cgroups: ReadonlyMap<string, string>): boolean {
    const path = cgroups.get(nameOf(this.hierarchy));
    return path !== undefined && isWithin(path, this.path);
  }

  /** This cgroup and its ancestors as far up as they are mounted here, this one first. */
  *ancestry(): Iterable<{ readonly path: string; readonly directory: string }> {
    let { path, directory } = this;
    while (isWithin(directory, this.hierarchy.mountPoint)) {
      yield { path, directory };
      if (directory === this.hierarchy.mountPoint) return;
      directory = directory.slice(0, directory.lastIndexOf('/'));
      path = path.slice(0, path.lastIndexOf('/')) || '/';
    }
  }

  makeRoom(): void {
    descriptorBudget.makeRoom();
  }

  opened(): void {
    descriptorBudget.opened();
  }

  closed(): void {
    descriptorBudget.closed();
  }

  /** Closes the files until they are read again. */
  letGo(): void {
    for (const file of this.#files) file.letGo();
  }

  close(): void {
    for (const file of this.#files) file.close();
    this.#files = [];
  }

  #whyNotOpened(error: unknown, name: string, whyMissing: string): Reason {
    if (!isSilostatError(error)) throw error;
    if (error.code === 'ERR_ACCESS_DENIED') return Object.freeze(reasonOf(error));
    if (error.code !== 'ERR_NOT_FOUND') throw error;
    this.assertSame();
    return Object.freeze({
      code: 'ERR_UNSUPPORTED',
      message: `there is no ${name}: ${whyMissing}`,
      cause: error.cause,
    });
  }

  #removed(error: unknown): SilostatError {
    const cause = errnoOf(error) === undefined ? undefined : nativeError(error, this.directory);
    return new SilostatError('ERR_NOT_FOUND', {
      subject: this.path,
      operation: 'read cgroup',
      reason: 'it has been removed',
      cause,
    });
  }
}

function identityMarks(inode: bigint, birthNs: bigint | undefined): JobIdentity {
  const object = inode.toString();
  return Object.freeze(birthNs === undefined ? { object } : { object, birth: birthNs.toString() });
}

/**
 * @param hasAnswered it has been read in the same query
 * @throws SilostatError ERR_NOT_FOUND when the cgroup has been removed, also if there is a new one of its name.
 */
export function identityOf(directory: CgroupDirectory, hasAnswered: boolean): JobIdentity {
  if (!hasAnswered || !directory.isPinned) directory.assertThere();
  return directory.identity;
}

/** Where a controller's files of one cgroup are; or why there are none. */
export type Place = CgroupDirectory | Reason;

export function isPlaced(place: Place): place is CgroupDirectory {
  return place instanceof CgroupDirectory;
}

/** {@link CgroupDirectory.openFiles}, or for each why there is no directory. */
export function openFiles<const W extends readonly WantedFile[]>(place: Place, wanted: W): Opened<W> {
  return (isPlaced(place) ? place.openFiles(wanted) : wanted.map(() => place)) as Opened<W>;
}

/** For each of them. */
type Opened<W extends readonly WantedFile[]> = { readonly [index in keyof W]: KernelFile | Reason };
