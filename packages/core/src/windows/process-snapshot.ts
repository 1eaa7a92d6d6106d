import { SilostatError } from '../errors.ts';
import { SYSTEM_PROCESS_INFORMATION, SystemProcessInformation } from './abi/process.ts';
import { STATUS_BUFFER_TOO_SMALL, STATUS_INFO_LENGTH_MISMATCH } from './abi/status.ts';
import type { NativeMemory } from './call/memory.ts';
import { allocate } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { querySystem } from './call/process.ts';
import { uint64 } from './counter.ts';
import { ntError } from './errors.ts';

/** What a host-wide pass says of one process, in bytes. */
interface SnapshotEntry {
  readonly privateBytes: number;
  readonly workingSetBytes: number;
}

export type ProcessSnapshot = ReadonlyMap<number, SnapshotEntry>;

const api = 'NtQuerySystemInformation class 5';
const attempt = { operation: 'read', subject: 'all processes' };
const usualSize = 512 * 1024;
const largestSize = 512 * 1024 * 1024;
const mostAttempts = 8;

let answer: NativeMemory | undefined;

/** The given processes, out of one pass over all that run on the host. The cost grows with the host. */
export function readProcessSnapshot(pids: ReadonlySet<number>): ProcessSnapshot {
  answer ??= allocate(usualSize);
  for (let i = 0; i < mostAttempts; i++) {
    const { status, needed } = querySystem(SystemProcessInformation, answer);
    if (succeeded(status)) return parseProcessSnapshot(answer.view, pids);
    const short = status === STATUS_INFO_LENGTH_MISMATCH || status === STATUS_BUFFER_TOO_SMALL;
    if (!short) throw ntError(api, status, attempt);
    const size = Math.max(2 * answer.size, needed + (needed >> 2));
    if (size > largestSize) break;
    answer = allocate(size);
  }
  throw new SilostatError('ERR_TIMEOUT', { ...attempt, reason: 'they did not fit in a buffer that kept growing' });
}

/** Entries are chained by NextEntryOffset; 0 is the last. */
export function parseProcessSnapshot(view: DataView, pids: ReadonlySet<number>): ProcessSnapshot {
  const { size, NextEntryOffset, UniqueProcessId, WorkingSetPrivateSize, WorkingSetSize } = SYSTEM_PROCESS_INFORMATION;
  const entries = new Map<number, SnapshotEntry>();
  for (let at = 0; ; ) {
    if (at + size > view.byteLength) {
      throw new SilostatError('ERR_PARSE', { ...attempt, reason: 'the answer ends within an entry' });
    }
    const pid = view.getUint32(at + UniqueProcessId, true);
    if (pids.has(pid)) {
      entries.set(pid, {
        privateBytes: uint64(view, at + WorkingSetPrivateSize),
        workingSetBytes: uint64(view, at + WorkingSetSize),
      });
    }
    const next = view.getUint32(at + NextEntryOffset, true);
    if (next === 0) return entries;
    at += next;
  }
}
