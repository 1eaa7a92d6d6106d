import { SilostatError } from '../../errors.ts';
import type { AsyncNativeFunction, NativeFunction, NativeLibrary, NativeType } from '../../ffi.ts';
import { allocate, loadLibrary } from '../../ffi.ts';

/** All are part of every Windows but vmcompute.dll, which comes with the feature Containers, or Hyper-V. */
export type SystemLibrary = 'kernel32.dll' | 'ntdll.dll' | 'advapi32.dll' | 'ole32.dll' | 'vmcompute.dll';

/** The longest path that GetSystemDirectoryW is given room for, in UTF-16 units. */
const longestPath = 1024;
/** Wine 10 hangs in ntdll functions that koffi calls with fewer arguments; surplus ones are harmless: the caller cleans. */
const fewestNtParameters = 5;

const libraries = new Map<SystemLibrary, NativeLibrary>();
let directory: string | undefined;

/** A function of a system library, looked up and declared when it is first asked for. */
export function systemFunction(
  library: SystemLibrary,
  name: string,
  result: NativeType,
  parameters: readonly NativeType[],
): () => NativeFunction {
  let declared: NativeFunction | undefined;
  return () => {
    declared ??= systemLibrary(library).declare(name, result, parameters);
    return declared;
  };
}

/** The same, to be called off the thread that runs JavaScript. */
export function asyncSystemFunction(
  library: SystemLibrary,
  name: string,
  result: NativeType,
  parameters: readonly NativeType[],
): () => AsyncNativeFunction {
  let declared: AsyncNativeFunction | undefined;
  return () => {
    declared ??= systemLibrary(library).declareAsync(name, result, parameters);
    return declared;
  };
}

/** A function of ntdll that gives an NTSTATUS. */
export function ntFunction(name: string, parameters: readonly NativeType[]): () => NativeFunction {
  if (parameters.length < fewestNtParameters) throw new TypeError(`${name} must be padded to 5 parameters`);
  return systemFunction('ntdll.dll', name, 'uint32_t', parameters);
}

function systemLibrary(name: SystemLibrary): NativeLibrary {
  let library = libraries.get(name);
  if (library === undefined) {
    library = loadLibrary(`${systemDirectory()}\\${name}`);
    libraries.set(name, library);
  }
  return library;
}

/** Where Windows' own libraries and programs lie. */
export function systemDirectory(): string {
  directory ??= readSystemDirectory();
  return directory;
}

/**
 * Asks Windows where its own libraries lie, instead of %SystemRoot%, which whoever started us could have set.
 *
 * kernel32 is the one library that is named without a path. That is safe: it is mapped into every process before the first
 * instruction of the program, and the loader answers the name of a loaded module with that module, without a search.
 * https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order#factors-that-affect-searching
 */
function readSystemDirectory(): string {
  requireSystem();
  const path = allocate(2 * longestPath);
  const read = loadLibrary('kernel32.dll').declare('GetSystemDirectoryW', 'uint32_t', ['uintptr_t', 'uint32_t']);
  const length = read(path.address, longestPath) as number;
  const text = Buffer.from(path.bytes.subarray(0, 2 * Math.min(length, longestPath))).toString('utf16le');
  if (length === 0 || length >= longestPath || !/^[A-Za-z]:\\/.test(text)) {
    throw unsupported('load', 'kernel32.dll', `GetSystemDirectoryW gave no absolute path (length ${length})`);
  }
  return text;
}

/** The layouts are those of 64-bit Windows. */
function requireSystem(): void {
  if (process.platform === 'win32' && (process.arch === 'x64' || process.arch === 'arm64')) return;
  throw unsupported('call Windows on', `${process.platform} ${process.arch}`, 'job objects need 64-bit Windows');
}

function unsupported(operation: string, subject: string, reason: string): SilostatError {
  return new SilostatError('ERR_UNSUPPORTED', { operation, subject, reason });
}
