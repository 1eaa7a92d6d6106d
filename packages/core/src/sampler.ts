import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { ComputeSystem } from './compute-system.ts';
import { SilostatError } from './errors.ts';
import { checkedTypes } from './requested-types.ts';
import type { Sample, SampledSystem } from './sampled-system.ts';
import { SampledHistory } from './sampled-system.ts';
import type { PropertyType } from './schema/property-type.ts';
import type { Clock } from './start-time.ts';
import { systemClock } from './start-time.ts';

/** A clock that can also be waited for. */
export interface SamplerClock extends Clock {
  /** Resolves after that time, or as soon as the signal is aborted. With `unref` it does not keep the process running. */
  wait(milliseconds: number, options: { signal: AbortSignal; unref: boolean }): Promise<void>;
}

export interface SamplerOptions {
  /** What is asked of each system; Statistics if left out. */
  types?: readonly PropertyType[];
  /** From the beginning of one round to the beginning of the next, in milliseconds; 1000 if left out. */
  intervalMs?: number;
  /**
   * How long a round waits for answers that do not come from the kernel, in milliseconds; 250, or half the interval if that is
   * less, if left out. What comes later counts for the next round.
   */
  patienceMs?: number;
  /** True: waiting for the next round does not keep the process running. */
  unref?: boolean;
  clock?: SamplerClock;
}

/** One round over all systems. */
export interface Round<S extends SampledSystem = ComputeSystem> {
  readonly startedAt: Date;
  /** In the order in which the systems were added. One that ended and whose id was taken over has two. */
  readonly samples: readonly Sample<S>[];
}

/** How long a round may keep everything else in this program waiting, but for the last container of that turn. */
const longestTurnNs = 2_000_000n;

const longestTimeout = 2 ** 31 - 1;

const waitingClock: SamplerClock = {
  ...systemClock,
  wait: (milliseconds, { signal, unref }) =>
    delay(milliseconds, undefined, { signal, ref: !unref }).catch(() => undefined),
};

/**
 * Reads many compute systems again and again: their properties, the rates between readings, the last values of those that
 * ended. A system that is slow or fails neither delays nor stops the others. The systems stay the caller's: the sampler
 * closes none. What makes the next reading cheaper is kept by them (Windows: handles of processes, for 10 s at most).
 *
 *     const sampler = new Sampler({ intervalMs: 2000 });
 *     sampler.add(await openComputeSystem('web'));
 *     for await (const { samples } of sampler.rounds()) show(samples);
 */
export class Sampler<S extends SampledSystem = ComputeSystem> {
  readonly #types: readonly PropertyType[];
  readonly #intervalMs: number;
  readonly #patienceMs: number;
  readonly #unref: boolean;
  readonly #clock: SamplerClock;
  readonly #histories = new Map<S, SampledHistory<S>>();
  readonly #stopping = new AbortController();
  readonly #waits = new Set<AbortController>();

  /** @throws SilostatError ERR_INVALID_ARGUMENT for a time or a type that is none. */
  constructor(options: SamplerOptions = {}) {
    this.#types = checkedTypes(options.types ?? ['Statistics']);
    this.#intervalMs = checkedTime('intervalMs', options.intervalMs ?? 1000);
    this.#patienceMs = checkedTime('patienceMs', options.patienceMs ?? Math.min(250, this.#intervalMs / 2));
    this.#unref = options.unref ?? false;
    this.#clock = options.clock ?? waitingClock;
  }

  /** The systems that are read, in the order in which they were added. One that ended is no longer among them. */
  get systems(): S[] {
    return [...this.#histories.keys()];
  }

  /** Reads it too, from the next round on. Harmless a second time. */
  add(system: S): void {
    if (this.#histories.has(system)) return;
    this.#histories.set(system, new SampledHistory(system, this.#clock, this.#intervalMs));
  }

  has(system: S): boolean {
    return this.#histories.has(system);
  }

  /** Reads it at once, and not only in the next round: as when it may have gone by then. */
  readNow(system: S): void {
    void this.#histories.get(system)?.readBetween(this.#types, this.#stopping.signal);
  }

  /**
   * Its last process has ended, as somebody saw: it is read at once, for the totals. When it has gone, they are told beside
   * the values of before.
   */
  noteEmpty(system: S): void {
    this.#histories.get(system)?.noteEmpty();
    this.readNow(system);
  }

  /** There are processes in it again: then those were no totals. */
  noteFilled(system: S): void {
    this.#histories.get(system)?.noteFilled();
  }

  /** It has gone, as somebody saw: it is read no longer. Returns what is to be told of its end; no round does. */
  end(system: S): Sample<S>[] {
    const history = this.#histories.get(system);
    if (history === undefined) return [];
    this.#histories.delete(system);
    history.end();
    return history.takeSamples();
  }

  /** Reads it no longer, and forgets what it said. */
  remove(system: S): void {
    this.#histories.delete(system);
  }

  /**
   * One round, now. Rates are those since the previous round, whenever that was.
   * @throws SilostatError ERR_CLOSED after `stop()`. What a single system throws is in its sample.
   */
  async sample(): Promise<Round<S>> {
    if (this.#stopping.signal.aborted) {
      throw new SilostatError('ERR_CLOSED', { subject: 'sampler', operation: 'read', reason: 'it has been stopped' });
    }
    const startedAt = new Date(this.#clock.now());
    const histories = [...this.#histories.values()];
    const underWay = await this.#readAll(histories);
    if (underWay.length > 0) await this.#wait(this.#patienceMs, Promise.all(underWay));
    return { startedAt, samples: this.#samplesOf(histories) };
  }

  /** A round at each interval, the first at once, until `stop()`. Rounds that are due while the caller is busy are left out. */
  rounds(): AsyncGenerator<Round<S>, void, undefined> {
    return this.atEachInterval(() => this.sample());
  }

  /** What `make` gives at each interval, as `rounds()` gives rounds. */
  async *atEachInterval<T>(make: () => Promise<T>): AsyncGenerator<T, void, undefined> {
    let dueNs = this.#clock.monotonicNs();
    while (!this.#stopping.signal.aborted) {
      yield await make();
      const nowNs = this.#clock.monotonicNs();
      dueNs = nextDue(dueNs, nowNs, BigInt(Math.ceil(this.#intervalMs * 1e6)));
      await this.#wait(Number(dueNs - nowNs) / 1e6);
    }
  }

  /** Ends `rounds()`, and calls of the service that are under way. Harmless a second time. */
  stop(): void {
    this.#stopping.abort();
    for (const wait of this.#waits) wait.abort();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Reads each of them, and lets others have their turn now and then. Gives what could not be answered at once. */
  async #readAll(histories: readonly SampledHistory<S>[]): Promise<Promise<void>[]> {
    const soonestNs = BigInt(Math.ceil(this.#intervalMs * 1e5));
    const underWay: Promise<void>[] = [];
    let turnNs = this.#clock.monotonicNs();
    for (const history of histories) {
      const reading = history.read(this.#types, this.#stopping.signal, soonestNs);
      if (reading !== undefined) underWay.push(reading);
      if (this.#clock.monotonicNs() - turnNs < longestTurnNs) continue;
      await nextTurn();
      turnNs = this.#clock.monotonicNs();
    }
    return underWay;
  }

  #samplesOf(histories: readonly SampledHistory<S>[]): Sample<S>[] {
    const samples: Sample<S>[] = [];
    for (const history of histories) {
      if (this.#histories.get(history.system) !== history) continue;
      history.tell(samples);
      if (history.isOver) this.#histories.delete(history.system);
    }
    return samples;
  }

  /** Until that time has passed, or `done` is settled, or the sampler is stopped. */
  async #wait(milliseconds: number, done?: Promise<unknown>): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const wait = new AbortController();
    this.#waits.add(wait);
    const elapsed = this.#clock.wait(milliseconds, { signal: wait.signal, unref: this.#unref });
    await (done === undefined ? elapsed : Promise.race([done, elapsed]));
    this.#waits.delete(wait);
    wait.abort();
  }
}

/** The next moment of the beat that has not passed yet. */
function nextDue(dueNs: bigint, nowNs: bigint, intervalNs: bigint): bigint {
  const beats = (nowNs - dueNs) / intervalNs + 1n;
  return dueNs + beats * intervalNs;
}

function checkedTime(name: string, milliseconds: number): number {
  if (milliseconds > 0 && milliseconds <= longestTimeout) return milliseconds;
  throw new SilostatError('ERR_INVALID_ARGUMENT', {
    subject: String(milliseconds),
    operation: `use as ${name}`,
    reason: `it is a number of milliseconds above 0 and up to ${longestTimeout}`,
  });
}
