import { OVERLAPPED_ENTRY } from './abi/completion-port.ts';
import { createCompletionPort, takeCompletions } from './call/completion-port.ts';
import type { Handle } from './call/handle.ts';
import { closeHandle } from './call/handle.ts';
import { allocateOnce } from './call/memory.ts';
import { uint64 } from './counter.ts';
import { win32Error } from './errors.ts';

/** One packet of a completion port: whom it is for, and what it says. */
export interface Packet {
  readonly key: number;
  /** Number of the message. */
  readonly message: number;
  /** The process it is about, where it is about one. */
  readonly pid: number;
}

export type Receiver = (packet: Packet) => void;

const packetsAtATime = 64;
/** A storm of packets does not keep the event loop for longer than this many. */
const mostPerTick = 64 * packetsAtATime;
const pollEveryMs = 50;
const entries = allocateOnce(packetsAtATime * OVERLAPPED_ENTRY.size);

let port: Handle | undefined;
let timer: NodeJS.Timeout | undefined;
/** Never given out twice: a packet that comes late cannot reach another job's receiver. */
let nextKey = 1;
const receivers = new Map<number, Receiver>();
/** Taken from the port and not delivered yet, in order. */
const pending: Packet[] = [];

/**
 * A place at the one port of this program, which is asked, without waiting, by a timer that does not keep the program
 * alive. `receive` is called for each packet whose key it is.
 */
export function joinPort(receive: Receiver): { port: Handle; key: number } {
  if (port === undefined) {
    const made = createCompletionPort();
    if (typeof made !== 'number') throw win32Error(made, { operation: 'create', subject: 'completion port' });
    port = made;
    timer = setInterval(deliver, pollEveryMs);
    timer.unref();
  }
  const key = nextKey++;
  receivers.set(key, receive);
  return { port, key };
}

/** Gives the place up; with the last one the port is closed. */
export function leavePort(key: number): void {
  receivers.delete(key);
  if (receivers.size > 0 || port === undefined) return;
  clearInterval(timer);
  pending.length = 0;
  const last = port;
  port = undefined;
  closeHandle(last);
}

/** Delivers all that has arrived. What a receiver that throws leaves over is delivered at the next tick. */
export function deliver(): void {
  take();
  for (let packet = pending.shift(); packet !== undefined; packet = pending.shift()) {
    receivers.get(packet.key)?.(packet);
  }
}

function take(): void {
  if (port === undefined) return;
  const into = entries();
  for (let taken = 0; taken < mostPerTick; ) {
    const count = takeCompletions(port, into, packetsAtATime);
    if (typeof count !== 'number') throw win32Error(count, { operation: 'read', subject: 'completion port' });
    pending.push(...parsePackets(into.view, count));
    if (count < packetsAtATime) return;
    taken += count;
  }
}

export function parsePackets(view: DataView, count: number): Packet[] {
  const { size, lpCompletionKey, lpOverlapped, dwNumberOfBytesTransferred } = OVERLAPPED_ENTRY;
  return Array.from({ length: count }, (_, i) => ({
    key: uint64(view, i * size + lpCompletionKey),
    message: view.getUint32(i * size + dwNumberOfBytesTransferred, true),
    pid: view.getUint32(i * size + lpOverlapped, true),
  }));
}
