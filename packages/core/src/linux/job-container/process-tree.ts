import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../../errno.ts';
import { isDeniedErrno, isGoneErrno, systemError } from '../errors.ts';
import { reap } from '../native-calls.ts';
import type { StartRecord } from '../parse/perf-records.ts';
import type { ProcessFamily } from '../parse/process-family.ts';
import { parseProcessFamily } from '../parse/process-family.ts';
import { isExitedState } from '../process/process-memory.ts';

export interface TreeOptions {
  /** True when orphans become this process's children. */
  readonly adoptsOrphans: boolean;
  /** Children of this process that are not of the tree. */
  readonly isForeign: (pid: number) => boolean;
  /** Told of who lives, whenever that has changed. */
  readonly onChange: (living: ReadonlyMap<number, string>) => void;
}

/** A member, as it was at the last look. */
export interface TreeMember extends ProcessFamily {
  readonly pid: number;
}

/**
 * Processes that belong together by descent: those that were added, their children, and the children of those. One whose
 * parent has exited stays a member if it was seen before; one that was not is found when orphans come to us.
 */
export class ProcessTree {
  readonly #options: TreeOptions;
  /** Living ones, with their start in ticks. */
  readonly #known = new Map<number, string>();
  /** Started by us: Node takes leave of them itself. */
  readonly #direct = new Set<number>();
  #told = '';

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  /** A process that we started. */
  add(pid: number): void {
    this.#direct.add(pid);
    this.#learn(pid);
    this.#tell();
  }

  /** The kernel says that a member has started another one. */
  noteStart({ pid, parent }: StartRecord): void {
    const family = familyOf(pid);
    // By now the pid may be somebody else's: then its parent is not one of ours.
    const isOurs = family && [parent, process.pid, 1].concat([...this.#known.keys()]).includes(family.parent);
    if (isOurs === true && !this.#known.has(pid)) this.#known.set(pid, family.startTicks);
  }

  /** Who there is now, those that have exited and nobody has waited for included. */
  look(): TreeMember[] {
    if (this.#options.adoptsOrphans) for (const pid of this.#orphans()) this.#learn(pid);
    const members: TreeMember[] = [];
    // A map may grow while it is walked: children that are found are looked at too.
    for (const [pid, startTicks] of this.#known) {
      const family = familyOf(pid);
      if (family?.startTicks !== startTicks) {
        this.#known.delete(pid);
        this.#direct.delete(pid);
        continue;
      }
      members.push({ pid, ...family });
      for (const child of childrenOf(pid)) this.#learn(child);
    }
    this.#tell();
    return members;
  }

  /** Those that run. Of orphans that have exited leave is taken. */
  living(): number[] {
    const living: number[] = [];
    for (const { pid, state, parent } of this.look()) {
      if (!isExitedState(state)) living.push(pid);
      else if (parent === process.pid && !this.#direct.has(pid)) reap(pid);
    }
    return living;
  }

  #orphans(): number[] {
    return childrenOf(process.pid).filter((pid) => !this.#direct.has(pid) && !this.#options.isForeign(pid));
  }

  #learn(pid: number): void {
    if (this.#known.has(pid)) return;
    const family = familyOf(pid);
    if (family !== undefined) this.#known.set(pid, family.startTicks);
  }

  #tell(): void {
    const now = [...this.#known].join();
    if (now === this.#told) return;
    this.#told = now;
    this.#options.onChange(this.#known);
  }
}

function familyOf(pid: number): ProcessFamily | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessFamily(text);
}

/** Of all its threads. */
function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    (readIfThere(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isGoneErrno(errnoOf(error)) || isDeniedErrno(errnoOf(error))) return undefined;
    throw systemError(error, 'read', file);
  }
}
