import type { SpawnOptions } from 'node:child_process';
import { ComputeSystem } from '../../compute-system.ts';
import { isSilostatError, SilostatError } from '../../errors.ts';
import { JobAnswers } from '../../job-answers.ts';
import type { JobContainer, JobContainerOptions, StartedProcesses } from '../../job-container.ts';
import { checkedJobOptions } from '../../job-options.ts';
import type { PropertyType } from '../../schema/property-type.ts';
import { startingNow } from '../../start-time.ts';
import type { JobObject } from '../job-object.ts';
import { endOnDemand } from './abort.ts';
import { endAll, shutDown, waitUntilEmpty } from './job-end.ts';
import type { JobObjectProcess } from './job-object-process.ts';
import { createNamedJob } from './named-job.ts';
import { spawnInJob } from './spawn.ts';

/** All that the kernel tells of a job object. */
const kernelTypes: readonly PropertyType[] = ['Statistics', 'ProcessList', 'Limits', 'Faults'];
const shutdownMs = 10_000;
const countSource = 'job class 1: TotalProcesses';

/**
 * Makes a job container: the named job object `silostat_<id>`.
 * @throws SilostatError ERR_INVALID_ARGUMENT before anything is made, ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED, ERR_UNSUPPORTED
 * when a limit cannot be set.
 */
export function createJobObjectContainer(options: JobContainerOptions): JobContainer {
  const { id, limits } = checkedJobOptions(options);
  return new JobObjectContainer(id, createNamedJob(id, limits));
}

/** A job object of ours. Its one handle is held here: when that goes, with us or before, its processes end. */
class JobObjectContainer implements JobContainer {
  readonly id: string;
  readonly system: ComputeSystem;
  readonly properties: JobAnswers['properties'];
  readonly query: JobAnswers['query'];
  readonly #job: JobObject;
  readonly #answers: JobAnswers;
  readonly #children = new Set<JobObjectProcess>();
  #startedCount = 0;
  #closing: Promise<void> | undefined;

  constructor(id: string, job: JobObject) {
    this.id = id;
    this.#job = job;
    this.system = new ComputeSystem({
      identity: { Id: id, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: 'silostat' },
      jobs: { acquire: () => job, release: () => {}, close: () => {} },
      noService: { code: 'ERR_UNSUPPORTED', message: 'HCS has nothing to do with job containers' },
      startTime: startingNow('the clock when the job container was made'),
    });
    this.#answers = new JobAnswers(this.system, kernelTypes);
    this.properties = (types, queryOptions) => this.#answers.properties(types, queryOptions);
    this.query = (types, queryOptions) => this.#answers.query(types, queryOptions);
  }

  started(): StartedProcesses {
    try {
      this.#startedCount = this.#job.processCounts().total;
    } catch (error) {
      if (!isSilostatError(error) || error.code !== 'ERR_CLOSED') throw error;
    }
    return { count: this.#startedCount, isLowerBound: false, source: countSource };
  }

  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): JobObjectProcess {
    if (this.#closing !== undefined) {
      const reason = 'it is closed';
      throw new SilostatError('ERR_CLOSED', { subject: this.id, operation: 'run a command in', reason });
    }
    const child = spawnInJob(this.#job, this.id, command, args, options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    endOnDemand(child, options);
    return child;
  }

  wait(): Promise<void> {
    return waitUntilEmpty(this.#job);
  }

  terminate(): Promise<void> {
    for (const child of this.#children) child.endedBy('SIGKILL');
    return endAll(this.#job, this.id);
  }

  shutdown(deadlineMs = shutdownMs): Promise<boolean> {
    return shutDown(this.#job, deadlineMs, () => this.terminate());
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
      await this.#answers.end();
      this.started();
      this.system.close();
      this.#job.close();
    }
  }
}
