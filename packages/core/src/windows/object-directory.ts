import { SilostatError } from '../errors.ts';
import { DIRECTORY_QUERY, OBJECT_DIRECTORY_INFORMATION } from './abi/object.ts';
import { STATUS_BUFFER_TOO_SMALL, STATUS_NO_MORE_ENTRIES } from './abi/status.ts';
import type { Handle } from './call/handle.ts';
import { closeHandle } from './call/handle.ts';
import type { NativeMemory } from './call/memory.ts';
import { allocate } from './call/memory.ts';
import type { NtStatus } from './call/nt-status.ts';
import { succeeded } from './call/nt-status.ts';
import { openDirectory, queryDirectoryEntry } from './call/object.ts';
import { ntError } from './errors.ts';
import { parseUnicodeString } from './unicode-string.ts';

/** A named object, by the directory that it is in. */
export interface DirectoryEntry {
  readonly name: string;
  /** "Job", "Directory", "SymbolicLink", ... */
  readonly type: string;
}

const operation = 'list object directory';
const usualSize = 1024;
/** Two UNICODE_STRINGs of full length. */
const largestSize = 2 * 0x10000 + OBJECT_DIRECTORY_INFORMATION.size;
/** More objects than any session has; a directory that never ends is wrong. */
const mostEntries = 1_000_000;

let entry: NativeMemory | undefined;

/**
 * The entries of an object directory that `wanted` takes. What is made or removed meanwhile may be missed or told twice.
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED
 */
export function readDirectory(path: string, wanted: (entry: DirectoryEntry) => boolean): DirectoryEntry[] {
  const opened = openDirectory(path, DIRECTORY_QUERY);
  if (opened.handle === undefined) {
    throw ntError('NtOpenDirectoryObject', opened.status, { operation, subject: path });
  }
  try {
    return readEntries(opened.handle, path, wanted);
  } finally {
    closeHandle(opened.handle);
  }
}

function readEntries(directory: Handle, path: string, wanted: (entry: DirectoryEntry) => boolean): DirectoryEntry[] {
  const found = new Map<string, DirectoryEntry>();
  for (let count = 0; count < mostEntries; count++) {
    const status = nextEntry(directory, count === 0);
    if (status === STATUS_NO_MORE_ENTRIES) return [...found.values()];
    if (!succeeded(status)) throw ntError('NtQueryDirectoryObject', status, { operation, subject: path });
    const read = entry === undefined ? undefined : parseDirectoryEntry(entry);
    if (read !== undefined && wanted(read)) found.set(read.name, read);
  }
  throw new SilostatError('ERR_TIMEOUT', {
    operation,
    subject: path,
    reason: `it has more than ${mostEntries} entries`,
  });
}

/** An entry that does not fit is asked for again: it is not skipped. */
function nextEntry(directory: Handle, restart: boolean): NtStatus {
  entry ??= allocate(usualSize);
  const status = queryDirectoryEntry(directory, entry, restart);
  if (status !== STATUS_BUFFER_TOO_SMALL || entry.size === largestSize) return status;
  entry = allocate(largestSize);
  return queryDirectoryEntry(directory, entry, restart);
}

/** An OBJECT_DIRECTORY_INFORMATION and its two texts; undefined where those are not in the same memory. */
export function parseDirectoryEntry(memory: NativeMemory): DirectoryEntry | undefined {
  const name = parseUnicodeString(memory, OBJECT_DIRECTORY_INFORMATION.Name);
  const type = parseUnicodeString(memory, OBJECT_DIRECTORY_INFORMATION.TypeName);
  return name === undefined || type === undefined ? undefined : { name, type };
}
