import { SilostatError } from '../errors.ts';
import type { Cgroup, CgroupReference } from './cgroup.ts';
import { openCgroup } from './open-cgroup.ts';

/** When a cgroup that lacked something is looked at once more, in milliseconds: by then it is made. */
const settlingMs = 1000;

/** The one open cgroup behind all queries: opened when it is first asked for, kept until it goes or is closed. */
export class KeptCgroup {
  readonly reference: CgroupReference;
  readonly #now: () => number;
  #cgroup: Cgroup | undefined;
  /** When to look again whether the cgroup has all its directories by now. */
  #lookAgainAt: number | undefined;
  #closed = false;

  /** @param now milliseconds of a clock that never jumps */
  constructor(reference: CgroupReference, now: () => number = () => performance.now()) {
    this.reference = reference;
    this.#now = now;
  }

  /** @throws SilostatError ERR_CLOSED, ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_PARSE. */
  get(): Cgroup {
    if (this.#closed) {
      throw new SilostatError('ERR_CLOSED', {
        subject: this.reference.path,
        operation: 'read cgroup',
        reason: 'it has been closed',
      });
    }
    this.#cgroup ??= this.#open();
    return this.#cgroup;
  }

  /** At the beginning of a query: a cgroup that was opened while it was being made is opened once more. */
  settle(): void {
    if (this.#lookAgainAt === undefined || this.#now() < this.#lookAgainAt) return;
    this.#lookAgainAt = undefined;
    const before = this.#cgroup;
    this.#cgroup = openCgroup(this.reference).cgroup;
    before?.close();
  }

  /** Lets go of a cgroup that has been removed; the next `get` looks for a new one of its name. */
  drop(cgroup: Cgroup): void {
    if (this.#cgroup === cgroup) this.#cgroup = undefined;
    cgroup.close();
  }

  /** Harmless a second time. */
  close(): void {
    this.#closed = true;
    this.#cgroup?.close();
    this.#cgroup = undefined;
  }

  #open(): Cgroup {
    const { cgroup, isPartial } = openCgroup(this.reference);
    this.#lookAgainAt = isPartial ? this.#now() + settlingMs : undefined;
    return cgroup;
  }
}
