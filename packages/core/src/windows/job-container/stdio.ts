import type { SpawnOptions, StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Handle } from '../call/handle.ts';
import { closeHandle } from '../call/handle.ts';
import { duplicateInheritable, handleOfDescriptor, openNullDevice } from '../call/stdio.ts';
import { win32Error } from '../errors.ts';
import { openNodePipe } from './node-pipe.ts';
import { refused, unsupported } from './refused.ts';

/** One of the three standard streams, as it is asked for. */
export type StdioEntry =
  | 'pipe'
  | 'overlapped'
  | 'ignore'
  | { readonly descriptor: number; readonly inherited: boolean };

const streams = 3;

/**
 * The `stdio` option written out, three entries long.
 * @throws SilostatError ERR_UNSUPPORTED for `ipc` and for more than three, ERR_INVALID_ARGUMENT for what Node does not know
 */
export function stdioEntries(command: string, stdio: SpawnOptions['stdio']): StdioEntry[] {
  const list = Array.isArray(stdio) ? stdio : Array<StdioOptions | undefined>(streams).fill(stdio);
  if (list.slice(streams).some((entry) => entry !== undefined && entry !== null && entry !== 'ignore')) {
    throw unsupported(command, 'a process in a job container of Windows gets three standard streams, and no others');
  }
  return Array.from({ length: streams }, (_, index) => entryOf(command, list[index] as unknown, index));
}

function entryOf(command: string, entry: unknown, index: number): StdioEntry {
  if (entry === undefined || entry === null || entry === 'pipe') return 'pipe';
  if (entry === 'ignore' || entry === 'overlapped') return entry;
  if (entry === 'inherit') return { descriptor: index, inherited: true };
  if (entry === 'ipc') throw unsupported(command, 'there is no IPC channel to a process in a job container of Windows');
  const descriptor = typeof entry === 'number' ? entry : (entry as { fd?: unknown }).fd;
  if (typeof descriptor === 'number' && Number.isInteger(descriptor) && descriptor >= 0) {
    return { descriptor, inherited: false };
  }
  throw refused(command, `stdio[${index}] is neither known nor a stream with a descriptor`);
}

/** The standard streams of a process that is being started: handles for it, and Node's ends of its pipes. */
export class Stdio {
  /** Inheritable, and ours until `closeHandles()`. */
  readonly handles: Handle[] = [];
  readonly sockets: (Socket | null)[] = [];

  /** @throws SilostatError when one of them cannot be opened; then nothing is left open. */
  constructor(command: string, entries: readonly StdioEntry[]) {
    try {
      entries.forEach((entry, index) => {
        this.#open(command, entry, index);
      });
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** To be called when the process has its own. */
  closeHandles(): void {
    for (const handle of this.handles.splice(0)) closeHandle(handle);
  }

  /** There will be no process. */
  abandon(): void {
    this.closeHandles();
    for (const socket of this.sockets) socket?.on('error', () => {}).destroy();
  }

  #open(command: string, entry: StdioEntry, index: number): void {
    if (entry !== 'pipe' && entry !== 'overlapped') {
      this.handles.push(entry === 'ignore' ? nullDevice(index) : duplicated(command, entry, index));
      this.sockets.push(null);
      return;
    }
    const writer = index === 0 ? 'node' : 'handle';
    const { handle, socket } = openNodePipe({ writer, inherit: true, overlapped: entry === 'overlapped' });
    this.handles.push(handle);
    this.sockets.push(socket);
  }
}

function nullDevice(index: number): Handle {
  const handle = openNullDevice(index === 0 ? 'read' : 'write');
  if (typeof handle === 'number') return handle;
  throw win32Error(handle, { operation: 'open', subject: 'NUL' });
}

/** Who has no standard stream of his own to pass on gives the null device. */
function duplicated(command: string, entry: Exclude<StdioEntry, string>, index: number): Handle {
  const own = handleOfDescriptor(entry.descriptor);
  if (own === undefined) {
    if (entry.inherited) return nullDevice(index);
    throw refused(command, `stdio[${index}] is descriptor ${entry.descriptor}, which is not open`);
  }
  const handle = duplicateInheritable(own);
  if (typeof handle === 'number') return handle;
  throw win32Error(handle, { operation: 'pass on', subject: `descriptor ${entry.descriptor}` });
}
