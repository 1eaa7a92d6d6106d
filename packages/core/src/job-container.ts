import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { ComputeSystem } from './compute-system.ts';

export interface JobContainerOptions {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`, beginning with a letter or digit; a random one if left out. */
  id?: string;
}

/** A compute system that we made: a job with the processes that we start in it. */
export interface JobContainer {
  readonly id: string;
  /** Its statistics, read like any container's. */
  readonly system: ComputeSystem;
  /**
   * Starts a process that is inside the job before it executes anything. Child, streams and events are Node's own.
   * @throws SilostatError with the operation `run`: ERR_NOT_FOUND when there is no such program, ERR_ACCESS_DENIED when it
   * may not be executed, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED; else ERR_CLOSED, ERR_UNSUPPORTED when the job is gone or
   * refuses the process. Nothing is left running then.
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Resolves when no process is left in the job. */
  wait(): Promise<void>;
  /** Ends all its processes at once. */
  terminate(): Promise<void>;
  /** Ends what still runs, and removes the job. Harmless a second time. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
