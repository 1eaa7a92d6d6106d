import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../errno.ts';
import { isDeniedErrno, isGoneErrno, systemError } from '../errors.ts';
import { tryLock } from '../native-calls.ts';

const suffix = '.lock';
const mostTries = 100;

/** A directory of a job: what tells it from one that somebody makes later at the same place is the inode. */
export interface MadeDirectory {
  readonly path: string;
  readonly inode: string;
}

/**
 * Says that a job container has an owner: the file is locked while that lives, however it ends. In it stand the cgroups that
 * were made, with their inodes, so that what a killed owner left behind can be told, and nothing else is taken for it.
 */
export class LockFile {
  readonly path: string;
  #fd: number | undefined;
  readonly #made: MadeDirectory[];

  private constructor(path: string, fd: number, made: MadeDirectory[]) {
    this.path = path;
    this.#fd = fd;
    this.#made = made;
  }

  /**
   * Takes the lock of an id; undefined when it has an owner.
   * @throws SilostatError when no folder for it may be written to
   */
  static take(id: string): LockFile | undefined {
    let denied: unknown;
    for (const folder of lockFolders()) {
      try {
        return LockFile.takeIn(folder, id);
      } catch (error) {
        if (!isDeniedErrno(errnoOf(error))) throw systemError(error, 'lock', id, folder);
        denied = systemError(error, 'lock', id, folder);
      }
    }
    throw denied;
  }

  /** All lock files that nobody holds: these are held now. */
  static takeAbandoned(): LockFile[] {
    const abandoned: LockFile[] = [];
    for (const path of lockFolders().flatMap(filesIn)) {
      try {
        const file = LockFile.open(path, 0);
        if (file instanceof LockFile) abandoned.push(file);
      } catch (error) {
        if (!isGoneErrno(errnoOf(error))) throw systemError(error, 'open', path);
      }
    }
    return abandoned;
  }

  private static takeIn(folder: string, id: string): LockFile | undefined {
    for (let tries = 1; ; tries++) {
      try {
        makeFolder(folder);
        const file = LockFile.open(join(folder, `${id}${suffix}`), constants.O_CREAT);
        if (file !== 'another') return file;
      } catch (error) {
        // The last job of somebody else took the folder with it, or its file.
        if (!isGoneErrno(errnoOf(error)) || tries === mostTries) throw error;
      }
    }
  }

  private static open(path: string, flags: number): LockFile | 'another' | undefined {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | flags, 0o600);
    let kept = false;
    try {
      if (!tryLock(fd)) return undefined;
      // Between open and lock its owner may have removed it.
      if (fstatSync(fd, { bigint: true }).ino !== statSync(path, { bigint: true }).ino) return 'another';
      kept = true;
      return new LockFile(path, fd, recordsOf(readFileSync(path, 'utf8')));
    } finally {
      if (!kept) closeSync(fd);
    }
  }

  get id(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1, -suffix.length);
  }

  /** The cgroups that are still those that were made. */
  get remaining(): MadeDirectory[] {
    return this.#made.filter(({ path, inode }) => inodeOf(path) === inode);
  }

  /** Forgets what an owner before left in the file. */
  forget(): void {
    this.#made.length = 0;
    this.#write();
  }

  add(path: string): void {
    const inode = inodeOf(path);
    if (inode === undefined) return;
    this.#made.push({ path, inode });
    this.#write();
  }

  /** Lets go of it, and leaves it where it is. Harmless a second time. */
  letGo(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Removes it, with its folder when that is empty. */
  remove(): void {
    try {
      unlinkSync(this.path);
      rmdirSync(dirname(this.path));
    } catch {
      // Other jobs have theirs in the folder; or it was removed already.
    }
    this.letGo();
  }

  #write(): void {
    if (this.#fd === undefined) return;
    const text = this.#made.map(({ path, inode }) => `${inode} ${path}\n`).join('');
    ftruncateSync(this.#fd, 0);
    writeSync(this.#fd, text, 0);
  }
}

/** Where lock files may lie, the best place first: a read-only system may have no other than the folder for temporary files. */
function lockFolders(): string[] {
  const temporary = join(tmpdir(), `silostat-${process.geteuid?.()}`);
  if (process.geteuid?.() === 0) return ['/run/silostat', temporary];
  const { XDG_RUNTIME_DIR } = process.env;
  const hasOwn = XDG_RUNTIME_DIR?.startsWith('/') === true && isOwn(XDG_RUNTIME_DIR);
  return hasOwn ? [join(XDG_RUNTIME_DIR, 'silostat'), temporary] : [temporary];
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    // In a folder that is open to all, somebody else may have put one there.
    if (!isOwn(folder)) throw Object.assign(new Error(`${folder} is another user's`), { code: 'EACCES', errno: -13 });
  }
}

function isOwn(folder: string): boolean {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === process.geteuid?.();
}

function filesIn(folder: string): string[] {
  try {
    if (!isOwn(folder)) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
    return names.map((name) => join(folder, name));
  } catch (error) {
    if (isGoneErrno(errnoOf(error)) || isDeniedErrno(errnoOf(error))) return [];
    throw systemError(error, 'list', folder);
  }
}

function recordsOf(text: string): MadeDirectory[] {
  return text.split('\n').flatMap((line) => {
    const [, inode, path] = /^(\d+) (\/.*)$/.exec(line) ?? [];
    return inode === undefined || path === undefined ? [] : [{ inode, path }];
  });
}

function inodeOf(path: string): string | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString();
}
