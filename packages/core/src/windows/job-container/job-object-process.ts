import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { SilostatError } from '../../errors.ts';
import type { JobProcess } from '../../job-container.ts';
import { exitCodeOf } from '../call/child.ts';
import type { CreatedProcess } from '../call/create-process.ts';
import type { Handle } from '../call/handle.ts';
import { closeHandle } from '../call/handle.ts';
import { terminateProcess } from '../call/process.ts';
import { win32Error } from '../errors.ts';
import { ExitNotice } from './exit-notice.ts';

/** What a process ends with that is ended by us; Node's choice as well. */
export const killedCode = 1;

export interface JobObjectProcessParts {
  readonly created: CreatedProcess;
  readonly sockets: readonly (Socket | null)[];
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
}

/** A process in a job object, as a child process of Node is: its streams, events, exit code and signal. */
export class JobObjectProcess extends EventEmitter implements JobProcess {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: readonly (Readable | Writable | null)[];
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  killed = false;
  readonly #notice: ExitNotice;
  #process: Handle | undefined;
  #endedBy: NodeJS.Signals | undefined;
  /** Streams that are open, and the process itself. */
  #open = 1;

  /** @throws SilostatError; the handle is the caller's still. */
  constructor({ created, sockets, spawnfile, spawnargs }: JobObjectProcessParts) {
    super();
    this.pid = created.pid;
    this.spawnfile = spawnfile;
    this.spawnargs = spawnargs;
    this.stdio = sockets;
    [this.stdin = null, this.stdout = null, this.stderr = null] = sockets;
    this.#notice = new ExitNotice(created.process, created.pid, () => this.#ended());
    this.#process = created.process;
    for (const socket of sockets) {
      if (socket === null) continue;
      this.#open++;
      socket.once('close', () => this.#closed());
    }
    process.nextTick(() => this.emit('spawn'));
  }

  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    const name = signalName(signal);
    if (this.#process === undefined) return false;
    if (name === undefined) return true;
    const failure = terminateProcess(this.#process, killedCode);
    if (failure !== undefined) return false;
    this.endedBy(name);
    this.killed = true;
    return true;
  }

  /** It is being ended, with `killedCode`, in the name of this signal. */
  endedBy(signal: NodeJS.Signals): void {
    this.#endedBy ??= signal;
  }

  ref(): void {
    this.#notice.ref();
  }

  unref(): void {
    this.#notice.unref();
  }

  [Symbol.dispose](): void {
    this.kill();
  }

  #ended(): void {
    if (this.#process === undefined) return;
    const code = exitCodeOf(this.#process);
    closeHandle(this.#process);
    this.#process = undefined;
    this.stdin?.destroy();
    if (typeof code !== 'number')
      this.emit('error', win32Error(code, { operation: 'wait for', subject: this.spawnfile }));
    else if (code === killedCode && this.#endedBy !== undefined) this.signalCode = this.#endedBy;
    else this.exitCode = code;
    this.emit('exit', this.exitCode, this.signalCode);
    process.nextTick(() => this.#readOn());
    this.#closed();
  }

  /** What nobody reads does not keep the streams from ending. */
  #readOn(): void {
    for (const stream of [this.stdout, this.stderr]) if (stream?.readable === true) stream.resume();
  }

  #closed(): void {
    this.#open--;
    if (this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }
}

/** Undefined for 0, which only asks whether the process is there. */
function signalName(signal: NodeJS.Signals | number): NodeJS.Signals | undefined {
  if (signal === 0) return undefined;
  const known = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const found = known.find(([name, number]) => signal === name || signal === number);
  if (found !== undefined) return found[0];
  const reason = 'there is no such signal';
  throw new SilostatError('ERR_INVALID_ARGUMENT', { subject: String(signal), operation: 'send signal', reason });
}
