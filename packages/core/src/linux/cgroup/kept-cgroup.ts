import { SilostatError } from '../../errors.ts';
import type { DescriptorHolder } from '../descriptor-budget.ts';
import { descriptorBudget } from '../descriptor-budget.ts';
import type { Cgroup } from './cgroup.ts';
import type { OpenedCgroup } from './open-cgroup.ts';

/** When a cgroup that lacked something is looked at once more, in milliseconds: by then it is made. */
const settlingMs = 1000;
/** And before that, if it is read from the moment at which it is made. */
const followedMs = 40;

const monotonicMs = (): number => performance.now();

export interface KeptOptions {
  /** Milliseconds of a clock that never jumps. */
  now?: () => number;
  /** It may be read from the moment at which it is made. */
  isFollowed?: boolean;
}

/** The one open cgroup behind all queries: opened when it is first asked for, kept until it goes or is closed. */
export class KeptCgroup implements DescriptorHolder {
  /** As in /proc/PID/cgroup, for messages. */
  readonly path: string;
  readonly #openCgroup: () => OpenedCgroup;
  readonly #now: () => number;
  #cgroup: Cgroup | undefined;
  /** When to look again whether the cgroup has all its directories by now. */
  #lookAgainAt: number | undefined;
  #looks = 0;
  readonly #isFollowed: boolean;
  #closed = false;

  constructor(path: string, openCgroup: () => OpenedCgroup, { now, isFollowed = false }: KeptOptions = {}) {
    this.path = path;
    this.#openCgroup = openCgroup;
    this.#now = now ?? monotonicMs;
    this.#isFollowed = isFollowed;
  }

  /** @throws SilostatError ERR_CLOSED, ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_PARSE. */
  get(): Cgroup {
    if (this.#closed) {
      throw new SilostatError('ERR_CLOSED', {
        subject: this.path,
        operation: 'read cgroup',
        reason: 'it has been closed',
      });
    }
    this.#cgroup ??= this.#open();
    return this.#cgroup;
  }

  /** At the beginning of a query: a cgroup that was opened while it was being made is opened once more. */
  settle(): void {
    descriptorBudget.use(this);
    if (this.#lookAgainAt === undefined || this.#now() < this.#lookAgainAt) return;
    const before = this.#cgroup;
    const { cgroup, isPartial } = this.#openCgroup();
    this.#cgroup = cgroup;
    this.#lookAgainAt = isPartial && this.#looks++ === 0 && this.#isFollowed ? this.#now() + settlingMs : undefined;
    before?.close();
  }

  /** Lets go of a cgroup that has been removed; the next `get` looks for a new one of its name. */
  drop(cgroup: Cgroup): void {
    if (this.#cgroup === cgroup) this.#cgroup = undefined;
    cgroup.close();
  }

  /** Others need the descriptors: they are opened again with the next query. */
  letGo(): void {
    this.#cgroup?.letGo();
  }

  /** Harmless a second time. */
  close(): void {
    this.#closed = true;
    descriptorBudget.forget(this);
    this.#cgroup?.close();
    this.#cgroup = undefined;
  }

  #open(): Cgroup {
    const { cgroup, isPartial } = this.#openCgroup();
    this.#looks = 0;
    this.#lookAgainAt = isPartial ? this.#now() + (this.#isFollowed ? followedMs : settlingMs) : undefined;
    return cgroup;
  }
}
