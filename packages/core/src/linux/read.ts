import { closeSync, openSync, readSync } from 'node:fs';
import { errnoOf } from '../errno.ts';
import { SilostatError } from '../errors.ts';
import { descriptorBudget } from './descriptor-budget.ts';
import { systemError } from './errors.ts';
import type { NativeFiles } from './native.ts';
import { loadNativeFiles } from './native.ts';

/** One read of a figure file never needs more; a longer file is read on, up to {@link longest}. */
const firstRead = 64 * 1024;

/** No kernel file that is read here is longer: the pids of more than a million processes fit. */
const longest = 16 * 1024 * 1024;

/**
 * Where every read of a kernel file lands. Shared: what was read is parsed before anything else is read, and nothing
 * keeps a view of it. {@link readWhole} replaces it by a larger one where a file does not fit.
 */
let scratch: Buffer = Buffer.allocUnsafeSlow(firstRead);

/**
 * The C library's own calls save some 0.3 us each, and loading koffi costs some 10 ms: who reads once in a while never pays
 * for it, who reads all the time soon has it. This many calls have cost as much more as the loading does.
 */
const callsToNative = 32_768;
let calls = 0;
let native: NativeFiles | undefined;

/** The bytes of the last read, up to the length that it returned. */
export function scratchBytes(): Uint8Array {
  return scratch;
}

/** Whose a kept file is, and who keeps count of descriptors. */
export interface FileOwner {
  /** A file is about to be opened. */
  makeRoom(): void;
  opened(): void;
  closed(): void;
  /** Throws when a file that was let go has been opened again, and is another's by now. */
  assertSame(): void;
}

/**
 * A kernel file that stays open: each `read` is one pread from its beginning, which makes the kernel write it anew.
 * Errors are SilostatErrors: ERR_NOT_FOUND when the cgroup or the process behind it has gone.
 */
export class KernelFile {
  readonly path: string;
  #fd: number;
  #isLetGo = false;
  readonly #owner: FileOwner | undefined;

  constructor(path: string, owner?: FileOwner) {
    this.path = path;
    this.#owner = owner;
    owner?.makeRoom();
    this.#fd = openForReading(path);
    owner?.opened();
  }

  /** Reads the file from its beginning into {@link scratchBytes}; returns its length. */
  read(): number {
    let length = native === undefined ? -1 : native.pread(this.#fd, 0);
    if (length < 0) length = this.#readByNode();
    return length < scratch.length ? length : this.#readOn(length);
  }

  /** Harmless a second time. */
  close(): void {
    this.#isLetGo = false;
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeFile(fd);
    this.#owner?.closed();
  }

  /** Closes it until it is read again. */
  letGo(): void {
    if (this.#fd < 0) return;
    this.close();
    this.#isLetGo = true;
  }

  /** Also tells why the native call failed, and opens what was let go. */
  #readByNode(): number {
    countCall();
    try {
      if (this.#isLetGo) this.#openAgain();
      return readSync(this.#fd, scratch, 0, scratch.length, 0);
    } catch (error) {
      throw systemError(error, 'read', this.path);
    }
  }

  #openAgain(): void {
    this.#owner?.makeRoom();
    this.#fd = openForReading(this.path);
    this.#isLetGo = false;
    this.#owner?.opened();
    this.#owner?.assertSame();
  }

  #readOn(already: number): number {
    try {
      return readOn(this.#fd, already, this.path);
    } catch (error) {
      throw systemError(error, 'read', this.path);
    }
  }
}

/**
 * Opens a file that the kernel hands out in one read (a process's stat, statm, status, cgroup), reads it into
 * {@link scratchBytes}, closes it; returns the length.
 * @throws SilostatError
 */
export function readAtOnce(path: string): number {
  const file = new KernelFile(path);
  try {
    return file.read();
  } finally {
    file.close();
  }
}

/**
 * Opens a file and reads at most so many bytes of its beginning into {@link scratchBytes}, closes it; returns the length.
 * @throws SilostatError
 */
export function readBeginning(path: string, most: number): number {
  const fd = openForReading(path);
  try {
    return readSync(fd, scratch, 0, Math.min(most, scratch.length), 0);
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a file, reads it to its end into {@link scratchBytes}, closes it; returns the length. For files
 * that come a page at a time: cgroup.procs, mountinfo.
 * @throws SilostatError
 */
export function readWhole(path: string): number {
  const fd = openForReading(path);
  try {
    return readOn(fd, 0, path);
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeFile(fd);
  }
}

function openForReading(path: string): number {
  const fd = native === undefined ? -1 : native.open(path);
  if (fd >= 0) return fd;
  countCall();
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isOutOfDescriptors(error) && descriptorBudget.letGoMost()) return openForReading(path);
    throw systemError(error, 'open', path);
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  const symbol = errnoOf(error);
  return symbol === 'EMFILE' || symbol === 'ENFILE';
}

function closeFile(fd: number): void {
  if (native === undefined) closeSync(fd);
  else native.close(fd);
}

function countCall(): void {
  calls += 1;
  if (calls !== callsToNative) return;
  native = loadNativeFiles();
  native?.readInto(scratch);
}

/** Reads on behind what is in the scratch buffer already, until the kernel says that there is no more. */
function readOn(fd: number, already: number, path: string): number {
  let length = already;
  for (;;) {
    if (length === scratch.length) growScratch(path);
    let more = native === undefined ? -1 : native.pread(fd, length);
    if (more < 0) {
      countCall();
      more = readSync(fd, scratch, length, scratch.length - length, length);
    }
    if (more === 0) return length;
    length += more;
  }
}

function growScratch(path: string): void {
  if (scratch.length >= longest) {
    throw new SilostatError('ERR_UNSUPPORTED', {
      subject: path,
      operation: 'read',
      reason: `it is longer than ${longest} bytes`,
    });
  }
  const larger = Buffer.allocUnsafeSlow(Math.min(longest, scratch.length * 4));
  scratch.copy(larger);
  scratch = larger;
  native?.readInto(scratch);
}
