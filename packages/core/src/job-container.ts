import type { SpawnOptions } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ComputeSystem, QueryOptions } from './compute-system.ts';
import type { QueryResult, Reason } from './report.ts';
import type { Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';

/** What a job may use; what is left out is not limited. A limit that cannot be set is an error before anything runs. */
export interface JobLimits {
  /** Most that the commit (Windows) or the charge (Linux) of all its processes may be: whole bytes, 1 MiB at least. */
  memoryBytes?: number;
  /** Most processor time per time, in processors: 0.5 is half of one; 0.01 at least. */
  cpus?: number;
  /** Most processes (Windows) or threads (Linux) at a time: a whole number, 1 at least. */
  pids?: number;
}

export interface JobContainerOptions {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`, beginning with a letter or digit; a random one if left out. */
  id?: string;
  limits?: JobLimits;
  /**
   * Linux, where no cgroup may be written to: become the parent of orphans (PR_SET_CHILD_SUBREAPER), so that daemons of the
   * job are found and counted too. It concerns this whole process: also orphans of other children come to it, and are reaped.
   */
  childSubreaper?: boolean;
  /** Linux: count the processes that are started (see {@link JobContainer.started}). Windows always does. */
  countProcesses?: boolean;
}

/** The part of Node's child process that both systems give; on Linux it is Node's own. Events: spawn, exit, close, error. */
export interface JobProcess extends EventEmitter {
  readonly pid?: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: readonly (Readable | Writable | null | undefined)[];
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly killed: boolean;
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  /** On Windows every signal but 0 ends it at once. False when it has ended already. */
  kill(signal?: NodeJS.Signals | number): boolean;
  ref(): void;
  unref(): void;
}

/** How many processes have been started in a job so far, those that have exited included; or why nobody counts them. */
export type StartedProcesses =
  | {
      readonly count: number;
      /** True when some starts were missed: there were at least so many. */
      readonly isLowerBound: boolean;
      /** Where the number is from. */
      readonly source: string;
    }
  | { readonly absent: Reason };

/** A compute system that we made: a job with the processes that we start in it. */
export interface JobContainer {
  readonly id: string;
  /** Its statistics, read like any container's, until `close()`. For a Sampler. */
  readonly system: ComputeSystem;
  /**
   * The document alone. See {@link JobContainer.query}.
   * @throws SilostatError as `query` does.
   */
  properties(types: readonly PropertyType[], options?: QueryOptions): Promise<Properties>;
  /**
   * As of any compute system. After the end the values that were read last stay readable; `report.startedAt` says when
   * that was.
   */
  query(types: readonly PropertyType[], options?: QueryOptions): Promise<QueryResult>;
  /** How many processes have been started; after the end the last number. Each process that `spawn()` starts is one. */
  started(): StartedProcesses;
  /**
   * Starts a process that is inside the job before it executes anything. `stdio`, `env`, `cwd` and `shell` are as in Node.
   * @throws SilostatError with the operation `run`: ERR_NOT_FOUND when there is no such program, ERR_ACCESS_DENIED when it
   * may not be executed, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED; else ERR_CLOSED, ERR_UNSUPPORTED when the job is gone or
   * refuses the process. Nothing is left running then.
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): JobProcess;
  /** Resolves when no process is left in the job. */
  wait(): Promise<void>;
  /** Ends all its processes at once, and resolves when they have ended. */
  terminate(): Promise<void>;
  /**
   * Asks all its processes to end (SIGTERM; on Windows what closing a console window sends), and ends at the deadline
   * what still runs. The job stays open.
   * @param deadlineMs in milliseconds, 10 s unless given
   * @returns true when all ended by themselves
   */
  shutdown(deadlineMs?: number): Promise<boolean>;
  /** Ends what still runs, and removes the job. Harmless a second time. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
