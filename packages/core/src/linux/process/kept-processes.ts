import type { DescriptorHolder } from '../descriptor-budget.ts';
import { descriptorBudget } from '../descriptor-budget.ts';
import type { FileOwner } from '../read.ts';
import { KernelFile } from '../read.ts';

/** What is read of each process of a list. */
export interface ProcessFiles {
  readonly stat: KernelFile;
  readonly statm: KernelFile;
}

interface Entry extends ProcessFiles {
  /** Of an earlier reading: the process has been seen in the list since. */
  isPinned: boolean;
}

/** So many processes of one container are kept at most: the descriptors of a program are not for one container alone. */
const mostKept = 500;

/**
 * Files of a cgroup's processes that stay open from one reading to the next. They pin the process: once it is gone they can
 * be read no more, whoever has its pid by then. So two reads are enough, and no second look at the list.
 */
export class KeptProcesses implements DescriptorHolder, FileOwner {
  readonly #entries = new Map<number, Entry>();
  #timer: NodeJS.Timeout | undefined;

  filesOf(pid: number): ProcessFiles | undefined {
    return this.#entries.get(pid);
  }

  /** True where the files are those of an earlier reading. */
  isPinned(pid: number): boolean {
    return this.#entries.get(pid)?.isPinned === true;
  }

  /** Opens a process's files, and keeps them; undefined where there are enough. @throws SilostatError */
  open(directory: string, pid: number): ProcessFiles | undefined {
    if (this.#entries.size >= mostKept) return undefined;
    const stat = new KernelFile(`${directory}/stat`, this);
    try {
      const entry: Entry = { stat, statm: new KernelFile(`${directory}/statm`, this), isPinned: false };
      this.#entries.set(pid, entry);
      return entry;
    } catch (error) {
      stat.close();
      throw error;
    }
  }

  drop(pid: number): void {
    const entry = this.#entries.get(pid);
    this.#entries.delete(pid);
    entry?.stat.close();
    entry?.statm.close();
  }

  /** After a reading: keeps those of its members, closes the others. */
  retain(members: readonly { readonly pid: number }[]): void {
    if (this.#entries.size === 0) return;
    const pids = new Set(members.map(({ pid }) => pid));
    for (const [pid, entry] of this.#entries) {
      if (pids.has(pid)) entry.isPinned = true;
      else this.drop(pid);
    }
  }

  /** Closes all of them after so many milliseconds, unless there is another reading before. Keeps no program running. */
  closeAfter(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#entries.size === 0 ? undefined : setTimeout(() => this.closeAll(), milliseconds).unref();
  }

  closeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    descriptorBudget.forget(this);
    for (const pid of [...this.#entries.keys()]) this.drop(pid);
  }

  /** It is about to be read: others let go before it. */
  use(): this {
    descriptorBudget.use(this);
    return this;
  }

  letGo(): void {
    this.closeAll();
  }

  makeRoom(): void {
    descriptorBudget.makeRoom();
  }

  opened(): void {
    descriptorBudget.opened();
  }

  closed(): void {
    descriptorBudget.closed();
  }

  /** None is opened again. */
  assertSame(): void {}
}
