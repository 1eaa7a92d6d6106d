import type { ComputeSystem } from './compute-system.ts';
import type { ComputeSystemSummary } from './schema/summary.ts';

/** A compute system that was found: who it is, and what it is read by. */
export interface FoundSystem {
  /** As it was when it was found. */
  readonly summary: ComputeSystemSummary;
  readonly system: ComputeSystem;
}

/** Told of systems that come and go, as soon as that is known. */
export interface WatchListener {
  found(found: FoundSystem): void;
  /** It was found when it had gone already: it cannot be read, and this is all that is told of it. */
  passed(found: FoundSystem): void;
  /** Its last process has ended: what the kernel counted is complete now. Not every kernel tells. */
  emptied(found: FoundSystem): void;
  /** There are processes in it again. */
  filled(found: FoundSystem): void;
  /** It has gone. Told once. */
  ended(found: FoundSystem): void;
}

/** Finds the compute systems of a host, and what comes and goes after that. Whoever is told of a system closes it. */
export interface SystemWatch {
  /** Looks for what nothing has told of: right after it was made, and before each round. */
  look(): Promise<void>;
  /** From then on nothing more is told. Harmless a second time. */
  close(): void;
}

/** What a watch without events needs of a host. */
export interface Listed {
  list(options: object): Promise<ComputeSystemSummary[]>;
  open(reference: string): Promise<ComputeSystem>;
}

/** Finds systems by listing them at each look: what came and went between two looks was never there. */
export class ListingWatch implements SystemWatch {
  readonly #host: Listed;
  readonly #listener: WatchListener;
  readonly #known = new Map<string, FoundSystem>();
  #closed = false;

  constructor(host: Listed, listener: WatchListener) {
    this.#host = host;
    this.#listener = listener;
  }

  async look(): Promise<void> {
    const listed = new Map((await this.#host.list({})).map((summary) => [referenceOf(summary), summary]));
    for (const [reference, found] of this.#known) {
      if (listed.has(reference) || this.#closed) continue;
      this.#known.delete(reference);
      this.#listener.ended(found);
    }
    for (const [reference, summary] of listed) if (!this.#known.has(reference)) await this.#open(reference, summary);
  }

  close(): void {
    this.#closed = true;
  }

  async #open(reference: string, summary: ComputeSystemSummary): Promise<void> {
    let system: ComputeSystem;
    try {
      system = await this.#host.open(reference);
    } catch {
      // Gone meanwhile, or not for us: the next look tries again.
      return;
    }
    if (this.#closed) {
      system.close();
      return;
    }
    const found = { summary, system };
    this.#known.set(reference, found);
    this.#listener.found(found);
  }
}

/** What opens this very one, where several have one id. */
function referenceOf({ Id, JobName, CgroupPath }: ComputeSystemSummary): string {
  return JobName ?? CgroupPath ?? Id;
}
