import { isGone } from '../errors.ts';
import type { AcquireOptions, Job, JobAccess } from '../job.ts';
import type { IdentityMemory } from './identity.ts';
import { emptyIdentity, forget } from './identity.ts';
import { JobObject } from './job-object.ts';
import { KeptProcesses } from './kept-processes.ts';

/** Longer than this no process is pinned for a reading to come. */
const longestKeptMs = 10_000;

/**
 * Opens a job object for each query and closes it right after: a kept handle would keep a dead container alive. What is
 * kept for somebody who reads it at short intervals are handles of its processes.
 */
export class JobOpenedPerQuery implements JobAccess {
  readonly #name: string;
  readonly #memory: IdentityMemory = emptyIdentity();
  readonly #kept = new KeptProcesses();
  #isReadAgainSoon = false;

  /** `name` as for `JobObject.open`. */
  constructor(name: string) {
    this.#name = name;
  }

  acquire({ againInMs = Number.POSITIVE_INFINITY }: AcquireOptions = {}): Job {
    this.#isReadAgainSoon = againInMs <= longestKeptMs;
    try {
      const job = JobObject.open(this.#name, { memory: this.#memory, kept: this.#kept });
      if (job.isAnotherThanKept()) this.#forget();
      return job;
    } catch (error) {
      if (isGone(error)) this.#forget();
      throw error;
    }
  }

  release(job: Job): void {
    (job as JobObject).close();
    if (this.#isReadAgainSoon) this.#kept.closeAfter(longestKeptMs);
    else this.#kept.closeAll();
  }

  close(): void {
    this.#kept.closeAll();
  }

  /** It was another job of that name. */
  #forget(): void {
    this.#kept.closeAll();
    forget(this.#memory);
  }
}
