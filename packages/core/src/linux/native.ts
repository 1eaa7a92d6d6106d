import { isMainThread } from 'node:worker_threads';
import { addressOf, allocate, loadLibrary } from '../ffi.ts';

/** open, pread and close of the C library, without what node:fs does around them. Failures are -1: node:fs then says why. */
export interface NativeFiles {
  /** For reading; closed on exec. */
  open(path: string): number;
  /** From that position of the file into the same position of the bytes that were given to {@link readInto}. */
  pread(fd: number, position: number): number;
  close(fd: number): void;
  /** Where reads land from now on. Whoever calls keeps them alive, and in place. */
  readInto(bytes: Uint8Array): void;
}

/** The same number on x64 and arm64: O_RDONLY | O_CLOEXEC. */
const readOnly = 0x80000;
const longestPath = 4096;
const lastAscii = 127;

/**
 * undefined where it cannot be had: another processor than those whose ABI is known here, a worker thread (koffi is not
 * safe there), no koffi for this C library, no permission for native code.
 */
export function loadNativeFiles(): NativeFiles | undefined {
  if (process.platform !== 'linux' || !isMainThread) return undefined;
  if (process.arch !== 'x64' && process.arch !== 'arm64') return undefined;
  try {
    return declareFiles();
  } catch {
    return undefined;
  }
}

function declareFiles(): NativeFiles {
  const library = loadLibrary(null);
  const open = library.declare('open', 'int32_t', ['uintptr_t', 'int32_t']);
  const pread = library.declare('pread', 'int64_t', ['int32_t', 'uintptr_t', 'size_t', 'int64_t']);
  const close = library.declare('close', 'int32_t', ['int32_t']);
  const path = allocate(longestPath);
  let address = 0;
  let size = 0;
  return {
    open: (name) => (writePath(name, path.bytes) ? Number(open(path.address, readOnly)) : -1),
    pread: (fd, position) => Number(pread(fd, address + position, size - position, position)),
    close: (fd) => void close(fd),
    readInto: (bytes) => {
      address = addressOf(bytes);
      size = bytes.length;
    },
  };
}

/** With its final NUL; false for what is longer, or has other characters than ASCII: node:fs knows how to write those. */
function writePath(path: string, bytes: Uint8Array): boolean {
  const { length } = path;
  if (length >= bytes.length) return false;
  for (let i = 0; i < length; i += 1) {
    const code = path.charCodeAt(i);
    if (code === 0 || code > lastAscii) return false;
    bytes[i] = code;
  }
  bytes[length] = 0;
  return true;
}
