import { isGone } from '../errors.ts';
import type { Job, JobAccess } from '../job.ts';
import type { IdentityMemory } from './identity.ts';
import { emptyIdentity, forget } from './identity.ts';
import { JobObject } from './job-object.ts';

/** Opens a job object for each query and closes it right after: a kept handle would keep a dead container alive. */
export class JobOpenedPerQuery implements JobAccess {
  readonly #name: string;
  readonly #memory: IdentityMemory = emptyIdentity();

  /** `name` as for `JobObject.open`. */
  constructor(name: string) {
    this.#name = name;
  }

  acquire(): Job {
    try {
      return JobObject.open(this.#name, this.#memory);
    } catch (error) {
      if (isGone(error)) forget(this.#memory);
      throw error;
    }
  }

  release(job: Job): void {
    (job as JobObject).close();
  }

  close(): void {}
}
