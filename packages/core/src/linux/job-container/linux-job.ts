import type { SpawnOptions } from 'node:child_process';
import type { ComputeSystem } from '../../compute-system.ts';
import { SilostatError } from '../../errors.ts';
import { JobAnswers } from '../../job-answers.ts';
import type { JobContainer, JobProcess, StartedProcesses } from '../../job-container.ts';
import type { PropertyType } from '../../schema/property-type.ts';
import { spawnBehindGate } from './gate.ts';
import { signal } from './job-end.ts';
import type { Ownership } from './ownership.ts';
import type { ProcessStarts } from './process-starts.ts';
import { commandLineOf, findProgram } from './program.ts';

/** All that the kernel tells. */
const kernelTypes: readonly PropertyType[] = ['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux'];
const shutdownMs = 10_000;

/** What holds a job's processes together: a cgroup, or their descent. */
export interface ProcessHold {
  /** Takes in a process that waits. @throws SilostatError */
  admit(pid: number): void;
  pids(): Set<number>;
  /** Resolves when no process is left, or when nobody waits any longer. */
  waitUntilEmpty(abandon?: AbortSignal): Promise<void>;
  /** Ends all, and waits until they have ended. @throws SilostatError ERR_TIMEOUT */
  endAll(): Promise<void>;
  /** @throws SilostatError ERR_TIMEOUT */
  remove(): Promise<void>;
}

export interface LinuxJobParts {
  readonly id: string;
  readonly system: ComputeSystem;
  readonly hold: ProcessHold;
  readonly ownership: Pick<Ownership, 'release'>;
  readonly starts: ProcessStarts;
}

export class LinuxJob implements JobContainer {
  readonly id: string;
  readonly system: ComputeSystem;
  readonly properties: JobContainer['properties'];
  readonly query: JobContainer['query'];
  readonly #hold: ProcessHold;
  readonly #ownership: Pick<Ownership, 'release'>;
  readonly #starts: ProcessStarts;
  readonly #answers: JobAnswers;
  #closing: Promise<void> | undefined;

  constructor({ id, system, hold, ownership, starts }: LinuxJobParts) {
    this.id = id;
    this.system = system;
    this.#hold = hold;
    this.#ownership = ownership;
    this.#starts = starts;
    const answers = new JobAnswers(system, kernelTypes);
    this.#answers = answers;
    this.properties = (types, options) => answers.properties(types, options);
    this.query = (types, options) => answers.query(types, options);
  }

  started(): StartedProcesses {
    return this.#starts.read();
  }

  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): JobProcess {
    if (this.#closing !== undefined) {
      throw new SilostatError('ERR_CLOSED', {
        subject: this.id,
        operation: 'run a command in',
        reason: 'it is closed',
      });
    }
    const commandLine = commandLineOf(command, args, options);
    const found = findProgram(commandLine, options);
    // A script is told the path that it was executed by: as it was given, where it was one.
    const program = commandLine.command.includes('/') ? commandLine.command : found;
    return spawnBehindGate(commandLine, program, options, (pid: number) => {
      this.#hold.admit(pid);
      this.#starts.follow(pid);
    });
  }

  wait(): Promise<void> {
    return this.#hold.waitUntilEmpty();
  }

  terminate(): Promise<void> {
    return this.#hold.endAll();
  }

  /** Those that are stopped are woken, or they could not end. */
  async shutdown(deadlineMs?: number): Promise<boolean> {
    for (const pid of this.#hold.pids()) signal(pid, 'SIGTERM', 'SIGCONT');
    const deadline = AbortSignal.timeout(deadlineMs ?? shutdownMs);
    await this.#hold.waitUntilEmpty(deadline);
    if (this.#hold.pids().size === 0) return true;
    await this.terminate();
    return false;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    try {
      await this.terminate();
    } finally {
      this.#starts.close();
      await this.#answers.end();
      this.system.close();
      try {
        await this.#hold.remove();
      } finally {
        await this.#ownership.release();
      }
    }
  }
}
