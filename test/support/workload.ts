import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { mustRun } from './command.ts';
import type { Undo } from './undo.ts';

/** The ends of a workload's stdin and stdout that the process itself gets. */
export interface WorkloadPipes {
  stdin: number;
  stdout: number;
}

/**
 * Talks to a workload (test/live/c/workload.c) through two FIFOs in `folder`. They outlive the process that starts it,
 * as they must with `runc run --detach`; when we go, the workload reads the end of its stdin, and goes too.
 */
export class Workload {
  readonly #commands: number;
  readonly #lines: AsyncIterator<string>;
  readonly #pipes: WorkloadPipes;

  constructor(folder: string, undo: Undo) {
    mustRun('mkfifo', [`${folder}/in`, `${folder}/out`]);
    // A FIFO opens without waiting when this process already holds its other end.
    const stdin = openSync(`${folder}/in`, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#commands = openSync(`${folder}/in`, constants.O_WRONLY);
    const answers = openSync(`${folder}/out`, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#pipes = {
      stdin: openSync(`/proc/self/fd/${stdin}`, constants.O_RDONLY),
      stdout: openSync(`${folder}/out`, constants.O_WRONLY),
    };
    closeSync(stdin);
    const socket = new Socket({ fd: answers, readable: true, writable: false });
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    undo.add(() => {
      closeSync(this.#commands);
      socket.destroy();
    });
  }

  /** Starts it with `start`, which hands the pipes to a new process. Resolves when the workload is ready. */
  async startedBy(start: (pipes: WorkloadPipes) => Promise<void> | void): Promise<void> {
    try {
      await start(this.#pipes);
    } finally {
      closeSync(this.#pipes.stdin);
      closeSync(this.#pipes.stdout);
    }
    await this.#expect('ready');
  }

  /** Writes to this much fresh anonymous memory, and keeps it. */
  touch(mebibytes: number): Promise<void> {
    return this.#do(`touch ${mebibytes}`);
  }

  /** Gives back what the last `touch` took. */
  release(): Promise<void> {
    return this.#do('release');
  }

  /** Uses this much CPU time. */
  burn(milliseconds: number): Promise<void> {
    return this.#do(`burn ${milliseconds}`);
  }

  /** Writes with O_DIRECT to a file or device. */
  write(mebibytes: number, path: string): Promise<void> {
    return this.#do(`write ${mebibytes} ${path}`);
  }

  /** Reads with O_DIRECT from a file or device. */
  read(mebibytes: number, path: string): Promise<void> {
    return this.#do(`read ${mebibytes} ${path}`);
  }

  /** Starts children that sleep. */
  fork(count: number): Promise<void> {
    return this.#do(`fork ${count}`);
  }

  /** Moves itself into the cgroup of that folder; its next children are born there. */
  join(folder: string): Promise<void> {
    return this.#do(`join ${folder}`);
  }

  /** Ends the children. */
  reap(): Promise<void> {
    return this.#do('reap');
  }

  /** Its getrusage, and its reaped children's, in microseconds. */
  async usage(): Promise<{ user: number; system: number }> {
    const [, user, system] = (await this.#ask('usage')).split(' ').map(Number);
    if (user === undefined || system === undefined) throw new Error('the workload answered no usage');
    return { user, system };
  }

  /** Ends at once with this status. Resolves when its stdout has ended. */
  async exit(status: number): Promise<void> {
    writeSync(this.#commands, `exit ${status}\n`);
    while (!(await this.#lines.next()).done);
  }

  async #do(command: string): Promise<void> {
    const answer = await this.#ask(command);
    if (answer !== 'ok') throw new Error(`workload: ${command}: ${answer}`);
  }

  #ask(command: string): Promise<string> {
    writeSync(this.#commands, `${command}\n`);
    return this.#line();
  }

  async #expect(word: string): Promise<void> {
    const line = await this.#line();
    if (line !== word) throw new Error(`the workload said ${JSON.stringify(line)}, not ${word}`);
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the workload has ended');
    return value;
  }
}
