import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOfErrno, errnoOf } from '../errno.ts';
import type { Reason } from '../report.ts';

/** What came of reading an engine's state file. */
export type StateFile =
  | {
      readonly kind: 'read';
      readonly json: unknown /** Whose file it is. */;
      readonly uid: number;
      readonly path: string;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly reason: Reason };

/** What a file is told by from another one, and from what it was before. */
export interface FileMark {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  /** Milliseconds since 1970, of its content. */
  readonly writtenMs: number;
  /** Likewise, of its owner and mode too. */
  readonly changedMs: number;
}

/** A container's own state file; the largest seen are some 100 KB (runc's, with long seccomp rules). */
const longestStateFile = 1024 * 1024;
/** More folders than this in one place are no containers of an engine: a stranger wants to keep us busy. */
const mostEntries = 10_000;

const missing: StateFile = Object.freeze({ kind: 'missing' });
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A folder in which a container engine keeps its state. Its files are data of strangers: only regular files of bounded
 * size are read, nothing can block, and no link is followed below the folder (the folder itself may be one).
 */
export class StateFolder {
  readonly root: string;
  readonly #owner: number | undefined;
  #realRoot: string | undefined;

  /** @param owner whose files alone are read; a user must not have us read what is another's */
  constructor(root: string, owner?: number) {
    this.root = root;
    this.#owner = owner;
  }

  /** A JSON file below the folder. Never throws: what is wrong with the file is that container's reason. */
  readJson(relative: string, longest: number = longestStateFile): StateFile {
    const path = join(this.root, relative);
    if (relative.split('/').includes('..')) return missing;
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const symbol = errnoOf(error);
      if (symbol === 'ENOENT' || symbol === 'ENOTDIR') return missing;
      return unusable(path, symbol === 'ELOOP' ? 'it is a link' : String(symbol ?? error), symbol);
    }
    try {
      return this.#readOpen(fd, path, relative, longest);
    } catch (error) {
      return unusable(path, String(errnoOf(error) ?? error), errnoOf(error));
    } finally {
      closeSync(fd);
    }
  }

  /** The names of the folders in a folder below; none where there is no such folder, or a link leads there. */
  foldersIn(relative: string): string[] {
    const names: string[] = [];
    try {
      const path = join(this.root, relative);
      if (!this.#isAt(realpathSync.native(path), relative)) return names;
      const folder = opendirSync(path);
      try {
        for (let seen = 0; seen < mostEntries; seen++) {
          const entry = folder.readSync();
          if (entry === null) break;
          if (entry.isDirectory()) names.push(entry.name);
        }
      } finally {
        folder.closeSync();
      }
    } catch {
      // Not there, or not for us: what the engine knows stays unknown.
    }
    return names;
  }

  /** Tells whether a folder below is another one than before, or another name was made or removed in it; undefined: none. */
  markOf(relative: string): string | undefined {
    try {
      const { dev, ino, mtimeNs } = lstatSync(join(this.root, relative), { bigint: true });
      return `${dev} ${ino} ${mtimeNs}`;
    } catch {
      return undefined;
    }
  }

  /** Undefined where there is no such file, or it may not be looked at. */
  fileMark(relative: string): FileMark | undefined {
    try {
      const stat = lstatSync(join(this.root, relative), { throwIfNoEntry: false });
      if (stat === undefined) return undefined;
      const { dev: device, ino: inode, size, mtimeMs: writtenMs, ctimeMs: changedMs } = stat;
      return { device, inode, size, writtenMs, changedMs };
    } catch {
      return undefined;
    }
  }

  #readOpen(fd: number, path: string, relative: string, longest: number): StateFile {
    const opened = fstatSync(fd);
    const { size, uid, mode } = opened;
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return unusable(path, 'it is no regular file');
    if (this.#owner !== undefined && uid !== this.#owner) return unusable(path, "it is somebody else's");
    if (!this.#isReached(fd, path, relative, opened)) return unusable(path, 'a link leads there');
    const bytes = readUpTo(fd, size, longest);
    if (bytes === undefined) return unusable(path, `it is larger than ${longest} bytes`);
    try {
      return { kind: 'read', json: JSON.parse(utf8.decode(bytes)), uid, path };
    } catch {
      // The message of JSON.parse quotes the file.
      return unusable(path, 'it is no JSON');
    }
  }

  /** True when no link below the folder led to the open file. */
  #isReached(fd: number, path: string, relative: string, { dev, ino }: Stats): boolean {
    const reached = pathOfDescriptor(fd);
    // An engine may have put a new one in its place meanwhile.
    if (reached !== undefined) return this.#isAt(reached.replace(/ \(deleted\)$/, ''), relative);
    const there = lstatSync(path);
    return this.#isAt(realpathSync.native(path), relative) && there.ino === ino && there.dev === dev;
  }

  /** Whether a path below the folder lies there when only the links above the folder are followed; these may have changed. */
  #isAt(real: string, relative: string): boolean {
    if (this.#realRoot !== undefined && real === join(this.#realRoot, relative)) return true;
    this.#realRoot = realpathSync.native(this.root);
    return real === join(this.#realRoot, relative);
  }
}

/** As Linux tells in one call, of the very file that is open; undefined where nobody tells. */
function pathOfDescriptor(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** Shared: what was read is parsed before anything else is read. Most state files fit. */
const scratch = Buffer.allocUnsafeSlow(32 * 1024);

/** At most what the file said it holds, or a little more if it has grown meanwhile; undefined above `longest`. */
function readUpTo(fd: number, size: number, longest: number): Uint8Array | undefined {
  const most = Math.min(longest, size + 4096) + 1;
  const buffer = most <= scratch.length ? scratch.subarray(0, most) : Buffer.allocUnsafe(most);
  let length = 0;
  while (length < buffer.length) {
    const more = readSync(fd, buffer, length, buffer.length - length, length);
    length += more;
    // A regular file gives less than was asked for at its end alone.
    if (length < buffer.length) return buffer.subarray(0, length);
  }
  return undefined;
}

function unusable(path: string, what: string, symbol?: string): StateFile {
  const code = symbol === undefined ? 'ERR_PARSE' : codeOfErrno(symbol);
  return { kind: 'unusable', reason: { code, message: `cannot use the state file ${JSON.stringify(path)}: ${what}` } };
}
