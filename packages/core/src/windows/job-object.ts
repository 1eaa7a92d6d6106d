import { SilostatError } from '../errors.ts';
import type { Job, JobIdentity, ProcessReading, Reading } from '../job.ts';
import type { Faults, Limits, ProcessTreeEntry } from '../schema/own.ts';
import type { ProcessDetails } from '../schema/process-details.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../schema/statistics.ts';
import { JOB_OBJECT_QUERY } from './abi/job-object.ts';
import { PROCESS_SET_QUOTA, PROCESS_TERMINATE } from './abi/process.ts';
import type { CreatedProcess, ProcessCreation } from './call/create-process.ts';
import { createProcess } from './call/create-process.ts';
import type { Handle, Win32Failure } from './call/handle.ts';
import { closeHandle } from './call/handle.ts';
import { assignProcess, isProcessInJob, terminateJob } from './call/job.ts';
import { openJob } from './call/object.ts';
import { openProcess } from './call/process.ts';
import { ntError, win32Error } from './errors.ts';
import type { IdentityMemory } from './identity.ts';
import { emptyIdentity, readIdentity } from './identity.ts';
import type { ProcessCounts, RequestedIo } from './job-figures.ts';
import {
  readFaults,
  readMemory,
  readProcessCounts,
  readProcessor,
  readRequestedIo,
  readStorage,
} from './job-figures.ts';
import type { JobLimits } from './job-limits.ts';
import { readLimits, setLimits } from './job-limits.ts';
import { JobNotifications } from './job-notifications.ts';
import type { KeptProcesses } from './kept-processes.ts';
import type { NewJob } from './new-job.ts';
import { makeJob } from './new-job.ts';
import { jobPath } from './object-name.ts';
import type { OpenJob } from './open-job.ts';
import { readPids } from './pid-list.ts';
import { readPrivateWorkingSet } from './private-working-set.ts';
import { readOldestProcess, readProcessList } from './process-list.ts';
import { readProcessTree } from './process-tree.ts';
import type { SiloInformation } from './silo-information.ts';
import { readSilo } from './silo-information.ts';

export interface JobObjectOptions extends NewJob {
  readonly limits?: JobLimits;
}

/** What is known of a job between two times that it is open. */
export interface Remembered {
  readonly memory?: IdentityMemory;
  readonly kept?: KeptProcesses;
}

/**
 * A Windows job object, or the silo of a container. Whoever creates or opens one closes it; a handle that is kept open
 * keeps the job, and defeats the kill-on-close of its owner.
 *
 * Every method throws a SilostatError: ERR_CLOSED after `close()`, ERR_ACCESS_DENIED where the handle's rights do not
 * suffice, ERR_UNSUPPORTED where this Windows lacks the information class.
 */
export class JobObject implements Job {
  /** As given to `create` or `open`; "(unnamed)" where there is none. */
  readonly name: string;
  readonly #memory: IdentityMemory;
  readonly #kept: KeptProcesses | undefined;
  #handle: Handle | undefined;
  #notifications: JobNotifications | undefined;

  private constructor(name: string, handle: Handle, remembered: Remembered = {}) {
    this.name = name;
    this.#handle = handle;
    this.#memory = remembered.memory ?? emptyIdentity();
    this.#kept = remembered.kept;
  }

  /**
   * Makes a job object with the rights to query, set, assign and terminate, and has Windows attribute I/O to it.
   * @throws SilostatError ERR_ALREADY_EXISTS: an existing job is never taken over
   */
  static create(options: JobObjectOptions = {}): JobObject {
    const job = new JobObject(options.name ?? '(unnamed)', makeJob(options));
    try {
      if (options.limits !== undefined) job.setLimits(options.limits);
      return job;
    } catch (error) {
      job.close();
      throw error;
    }
  }

  /**
   * Opens a job for reading: with JOB_OBJECT_QUERY and nothing else, not inheritable.
   * @param remembered what outlives the handle; it stays its owner's
   */
  static open(name: string, remembered?: Remembered): JobObject {
    const opened = openJob(jobPath(name), JOB_OBJECT_QUERY);
    if (opened.handle !== undefined) return new JobObject(name, opened.handle, remembered);
    throw ntError('NtOpenJobObject', opened.status, { operation: 'open job', subject: name });
  }

  /** "silo" or "job object". */
  get kind(): string {
    const job = this.#open();
    this.#memory.kind ??= readSilo(job) === undefined ? 'job object' : 'silo';
    return this.#memory.kind;
  }

  memory(): Reading<MemoryStatistics> {
    return readMemory(this.#open());
  }

  processor(): Reading<ProcessorStatistics> {
    return readProcessor(this.#open());
  }

  storage(): Reading<StorageStatistics> {
    return readStorage(this.#open());
  }

  privateWorkingSet(): ProcessReading<number> {
    return readPrivateWorkingSet(this.#open());
  }

  processList(): ProcessReading<ProcessDetails[]> {
    return readProcessList(this.#open());
  }

  processTree(): ProcessReading<ProcessTreeEntry[]> {
    return readProcessTree(this.#open());
  }

  limits(): Reading<Limits> {
    return readLimits(this.#open());
  }

  faults(): Reading<Faults> {
    return readFaults(this.#open());
  }

  oldestProcess(): bigint | undefined {
    return readOldestProcess(this.#open())?.unixTicks;
  }

  /** True when it is another job than the one whose processes were kept: one of the same name, made since. */
  isAnotherThanKept(): boolean {
    return this.#kept?.areOfAnother(this.#open().handle) === true;
  }

  identity(): JobIdentity {
    return readIdentity(this.#open(), this.#memory);
  }

  /** Ids of the processes, those of nested jobs included. */
  pids(): number[] {
    return readPids(this.#open());
  }

  /** Whether it is (or was) the process's job, or one that its job is nested in; false where that cannot be told. */
  has(process: Handle): boolean {
    return isProcessInJob(process, this.#open().handle) === true;
  }

  processCounts(): ProcessCounts {
    return readProcessCounts(this.#open());
  }

  requestedIo(): RequestedIo {
    return readRequestedIo(this.#open());
  }

  silo(): SiloInformation | undefined {
    return readSilo(this.#open());
  }

  /** Changes the limits that are named and keeps the others. ERR_INVALID_ARGUMENT before anything is changed. */
  setLimits(limits: JobLimits): void {
    setLimits(this.#open(), limits);
  }

  /** Puts a process into the job; its children will be in it too. ERR_NOT_FOUND where there is no such process. */
  assign(pid: number): void {
    const job = this.#open();
    const attempt = { operation: `assign process ${pid} to job`, subject: this.name };
    if (!Number.isInteger(pid) || pid <= 0) {
      throw new SilostatError('ERR_INVALID_ARGUMENT', { ...attempt, reason: 'a process id is a whole number above 0' });
    }
    const process = openProcess(pid, PROCESS_SET_QUOTA | PROCESS_TERMINATE);
    if (typeof process !== 'number') throw win32Error(process, attempt);
    try {
      const failure = assignProcess(job.handle, process);
      if (failure !== undefined) throw win32Error(failure, attempt);
    } finally {
      closeHandle(process);
    }
  }

  /** Starts a process that is in the job before its first instruction. */
  start(creation: Omit<ProcessCreation, 'job'>): CreatedProcess | Win32Failure {
    return createProcess({ ...creation, job: this.#open().handle });
  }

  /** Ends all processes of the job at once. */
  terminate(exitCode: number): void {
    const failure = terminateJob(this.#open().handle, exitCode);
    if (failure !== undefined) throw win32Error(failure, { operation: 'terminate job', subject: this.name });
  }

  /** The job's messages as events, from now on. The same object each time. */
  notifications(): JobNotifications {
    this.#notifications ??= new JobNotifications(this.#open());
    return this.#notifications;
  }

  /** Harmless a second time. Messages that have arrived are still delivered. */
  close(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#notifications?.close();
    this.#handle = undefined;
    const failure = closeHandle(handle);
    if (failure !== undefined) throw win32Error(failure, { operation: 'close job', subject: this.name });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): OpenJob {
    if (this.#handle !== undefined) return { handle: this.#handle, name: this.name, kept: this.#kept };
    throw new SilostatError('ERR_CLOSED', { operation: 'use job', subject: this.name, reason: 'it has been closed' });
  }
}
