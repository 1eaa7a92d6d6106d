import { EventEmitter } from 'node:events';
import type { ComputeSystem } from './compute-system.ts';
import type { Sample } from './sampled-system.ts';
import type { Round, SamplerOptions } from './sampler.ts';
import { Sampler } from './sampler.ts';
import type { ComputeSystemSummary } from './schema/summary.ts';
import type { FoundSystem, SystemWatch, WatchListener } from './system-watch.ts';

export interface FollowOptions extends SamplerOptions {
  /** Linux: also systemd's services and scopes. */
  all?: boolean;
}

/** What a round has to tell of one followed system, and who that is. */
export interface FollowedSample extends Sample {
  readonly summary: ComputeSystemSummary;
}

/** One round over all systems that are followed. */
export interface FollowedRound extends Round {
  /** In the order in which the systems were found. Those that ended since the round before are among them, once. */
  readonly samples: readonly FollowedSample[];
  /** Found since the round before; in the first round all that there are. */
  readonly found: readonly ComputeSystemSummary[];
}

export interface FollowerEvents {
  /** A system that is followed from now on. */
  found: [ComputeSystemSummary];
  /** A system that has gone, with its last values; the next round tells them too. */
  ended: [FollowedSample];
}

/** When what is found between rounds is read: by then there are processes in it, and they have begun; milliseconds. */
const settledMs = 25;

/** What a round tells at most of what came, and of what went, since the one before. */
const mostUntold = 10_000;

/** Makes a watch that tells `listener`. */
export type StartWatch = (listener: WatchListener) => SystemWatch;

/**
 * All compute systems of a host as they come and go: finds them, reads them at an interval, closes those that ended.
 *
 * On Linux the kernel tells of new and removed cgroups: a container is read a moment after it was found, and again when its last process
 * has ended, so that one that lives between two rounds has values too. On Windows containers are listed before each
 * round.
 *
 *     using follower = await followComputeSystems({ intervalMs: 2000 });
 *     follower.on('found', ({ Id }) => console.log(`${Id} is new`));
 *     for await (const { samples } of follower.rounds()) show(samples);
 */
export class Follower extends EventEmitter<FollowerEvents> {
  readonly #sampler: Sampler;
  readonly #watch: SystemWatch;
  readonly #followed = new Map<ComputeSystem, FoundSystem>();
  #found: ComputeSystemSummary[] = [];
  /** Ended, and told by no round yet. */
  #ended: FollowedSample[] = [];
  #isLooking = false;
  #closed = false;

  /** Use `followComputeSystems`. */
  constructor(options: SamplerOptions, startWatch: StartWatch) {
    super();
    this.#sampler = new Sampler(options);
    this.#watch = startWatch({
      found: (found) => this.#add(found),
      passed: (found) => this.#pass(found),
      emptied: ({ system }) => this.#sampler.noteEmpty(system),
      filled: ({ system }) => this.#sampler.noteFilled(system),
      ended: (found) => this.#end(found),
    });
  }

  /** What is followed now, in the order in which it was found. */
  get systems(): FoundSystem[] {
    return [...this.#followed.values()];
  }

  /**
   * One round, now.
   * @throws SilostatError ERR_CLOSED after `close()`. What a single system throws is in its sample.
   */
  async sample(): Promise<FollowedRound> {
    await this.#look();
    const { startedAt, samples } = await this.#sampler.sample();
    const read = samples.map((sample) => this.#told(sample)).filter((sample) => sample !== undefined);
    const round = { startedAt, samples: [...this.#ended, ...read], found: this.#found };
    this.#ended = [];
    this.#found = [];
    return round;
  }

  /** A round at each interval, the first at once, until `close()`. Rounds that are due while the caller is busy are left out. */
  rounds(): AsyncGenerator<FollowedRound, void, undefined> {
    return this.#sampler.atEachInterval(() => this.sample());
  }

  /** Ends `rounds()`, and lets go of everything. Harmless a second time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#sampler.stop();
    for (const { system } of this.#followed.values()) system.close();
    this.#followed.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    this.#isLooking = true;
    try {
      await this.#watch.look();
    } finally {
      this.#isLooking = false;
    }
  }

  #add(found: FoundSystem, isReadSoon = !this.#isLooking): void {
    this.#followed.set(found.system, found);
    this.#sampler.add(found.system);
    keepNewest(this.#found, found.summary);
    this.emit('found', found.summary);
    // What is found by looking is read by the round that looked.
    if (isReadSoon) setTimeout(() => this.#sampler.readNow(found.system), settledMs).unref();
  }

  /** It was there, and nobody could read it. */
  #pass(found: FoundSystem): void {
    this.#add(found, false);
    this.#end(found);
  }

  /** Somebody saw that it has gone; a reading may have come to know it before. */
  #end({ system, summary }: FoundSystem): void {
    if (!this.#followed.has(system)) return;
    for (const sample of this.#sampler.end(system)) {
      const told = { ...sample, summary };
      keepNewest(this.#ended, told);
      this.#tellEnd(told);
    }
    this.#forget(system);
  }

  /** A sample of a round; undefined where the system was ended while the round was under way, and is in `#ended`. */
  #told(sample: Sample): FollowedSample | undefined {
    const found = this.#followed.get(sample.system);
    if (found === undefined) return undefined;
    const told = { ...sample, summary: found.summary };
    if (sample.state !== 'ended') return told;
    this.#tellEnd(told);
    if (!this.#sampler.has(sample.system)) this.#forget(sample.system);
    return told;
  }

  #tellEnd(sample: FollowedSample): void {
    this.emit('ended', sample);
  }

  #forget(system: ComputeSystem): void {
    this.#followed.delete(system);
    system.close();
  }
}

/** Where no round is taken, not all that came and went since is kept; the events have told it. */
function keepNewest<T>(list: T[], item: T): void {
  if (list.length >= mostUntold) list.shift();
  list.push(item);
}
