import { readFileSync } from 'node:fs';
import { isSilostatError } from '../../errors.ts';
import type { StartedProcesses } from '../../job-container.ts';
import type { Reason } from '../../report.ts';
import { reasonOf } from '../../report.ts';
import type { SharedMemory } from '../native-calls.ts';
import { closeDescriptor, mapFile, openPerfEvent } from '../native-calls.ts';
import type { StartRecord } from '../parse/perf-records.ts';
import { parsePerfRecords, perfEventAttributes } from '../parse/perf-records.ts';
import { processorsOf } from '../parse/processor-list.ts';

const source = 'perf_event_open task records';
const online = '/sys/devices/system/cpu/online';
const pageBytes = 4096;
const dataBytes = 32 * pageBytes;
const headOffset = 1024;
const tailOffset = 1032;
const dataOffsetOffset = 1040;
/** A buffer holds some 3,000 starts. */
const drainMs = 100;

const notAsked: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message: 'no cgroup counts the processes that are started in it, and counting was not asked for',
});

/**
 * Counts the processes that a command starts, with all that those start in turn. No cgroup does; but the kernel writes a
 * record for each fork of a process and its descendants into a buffer, if it is asked to before the command begins.
 */
export class ProcessStarts {
  readonly #isWanted: boolean;
  readonly #onStart: ((start: StartRecord) => void) | undefined;
  readonly #buffers: RecordBuffer[] = [];
  #count = 0;
  #isLowerBound = false;
  #why: Reason | undefined;
  #drain: NodeJS.Timeout | undefined;

  /** @param onStart is told of each start that is seen */
  constructor(isWanted: boolean, onStart?: (start: StartRecord) => void) {
    this.#isWanted = isWanted;
    this.#onStart = onStart;
    if (!isWanted) this.#why = notAsked;
  }

  /** From now on `pid`, which waits at the gate, and all its descendants. */
  follow(pid: number): void {
    this.#count += 1;
    if (!this.#isWanted || this.#why !== undefined) return;
    const opened: RecordBuffer[] = [];
    try {
      for (const processor of onlineProcessors()) opened.push(new RecordBuffer(pid, processor));
      this.#buffers.push(...opened);
      this.#drain ??= setInterval(() => this.#read(), drainMs).unref();
    } catch (error) {
      for (const buffer of opened) buffer.close();
      if (!isSilostatError(error)) throw error;
      this.#why = reasonOf(error);
    }
  }

  read(): StartedProcesses {
    if (this.#why !== undefined) return { absent: this.#why };
    this.#read();
    return { count: this.#count, isLowerBound: this.#isLowerBound, source };
  }

  /** What was counted stays. */
  close(): void {
    this.#read();
    clearInterval(this.#drain);
    for (const buffer of this.#buffers.splice(0)) buffer.close();
  }

  #read(): void {
    for (const buffer of this.#buffers) {
      const { starts, lost } = buffer.read();
      this.#count += starts.length;
      this.#isLowerBound ||= lost;
      if (this.#onStart !== undefined) for (const start of starts) this.#onStart(start);
    }
  }
}

/** The records of one processor: a ring in memory that the kernel writes and we read. */
class RecordBuffer {
  readonly #fd: number;
  readonly #memory: SharedMemory;

  constructor(pid: number, processor: number) {
    this.#fd = openPerfEvent(perfEventAttributes, pid, processor);
    try {
      this.#memory = mapFile(this.#fd, pageBytes + dataBytes);
    } catch (error) {
      closeDescriptor(this.#fd);
      throw error;
    }
  }

  /** What is new. */
  read(): { readonly starts: readonly StartRecord[]; readonly lost: boolean } {
    const control = this.#memory.read(headOffset, 24);
    const head = control.getBigUint64(0, true);
    const tail = control.getBigUint64(tailOffset - headOffset, true);
    if (head === tail) return { starts: [], lost: false };
    const start = Number(control.getBigUint64(dataOffsetOffset - headOffset, true));
    const length = Number(head - tail);
    const from = Number(tail % BigInt(dataBytes));
    const first = Math.min(length, dataBytes - from);
    const bytes = new Uint8Array(length);
    bytes.set(bytesOf(this.#memory.read(start + from, first)));
    if (first < length) bytes.set(bytesOf(this.#memory.read(start, length - first)), first);
    this.#memory.writeNumber(tailOffset, head);
    return parsePerfRecords(bytes);
  }

  close(): void {
    this.#memory.close();
    closeDescriptor(this.#fd);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function onlineProcessors(): number[] {
  return processorsOf(readFileSync(online, 'latin1'));
}
