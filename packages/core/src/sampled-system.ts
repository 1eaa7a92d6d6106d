import type { ComputeSystem, QueryOptions } from './compute-system.ts';
import { isGone, SilostatError } from './errors.ts';
import type { JobIdentity } from './job.ts';
import { isAnotherJob } from './job-identity.ts';
import type { Rates } from './rates.ts';
import { hasCounterGoneBack, ratesBetween } from './rates.ts';
import type { QueryResult, Report } from './report.ts';
import type { Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import type { Clock } from './start-time.ts';

/** What a sampler needs of a compute system. It asks by `queryNow` where there is one, else by `query`. */
export type SampledSystem = Pick<ComputeSystem, 'id' | 'query'> & Partial<Pick<ComputeSystem, 'queryNow'>>;

/**
 * - `read`: the properties are of this round.
 * - `late`: no answer yet; the properties are the last ones.
 * - `failed`: `error` says why; the properties are the last ones.
 * - `ended`: it has gone, or another one has its id now; the properties are its last ones. Told once.
 */
export type SampleState = 'read' | 'late' | 'failed' | 'ended';

/** What a round has to tell of one system. */
export interface Sample<S extends SampledSystem = ComputeSystem> {
  readonly system: S;
  readonly state: SampleState;
  /** The newest document; absent where none could be read yet. */
  readonly properties?: Properties;
  readonly report?: Report;
  /**
   * With `ended`, where the kernel told of the end of the last process in time: what was read after it. Counters and peaks
   * are final in it, what is in use is that of an empty container. `properties` is then from before.
   */
  readonly totals?: Properties;
  /** Between the two newest readings; absent with the first reading of an identity, and where the state is failed or ended. */
  readonly rates?: Rates;
  /** Why the newest attempt failed. */
  readonly error?: unknown;
  /** What tells it from another of the same id, as far as it is known. */
  readonly identity?: JobIdentity;
  /** With `late`: how many rounds did not ask it, because the answer to an earlier one is still out. */
  readonly skippedRounds?: number;
}

interface Reading extends QueryResult {
  /** On the monotonic clock. */
  readonly atNs: bigint;
}

/** One system through the rounds: who it is, what it said last, and who it was before. */
export class SampledHistory<S extends SampledSystem> {
  readonly system: S;
  readonly #clock: Clock;
  readonly #options: QueryOptions;
  #last: Reading | undefined;
  /** What the next rates begin at: the reading of the last round, or the first one. */
  #rated: Reading | undefined;
  /** The newest reading of when there still were processes, where there are none any more. */
  #living: Reading | undefined;
  #isEmpty = false;
  /** The reading of the last round. */
  #roundReading: Reading | undefined;
  #rates: Rates | undefined;
  #error: unknown;
  #identity: JobIdentity | undefined;
  #isBusy = false;
  #skippedRounds = 0;
  /** Ended, and not told yet. */
  #ended: Sample<S>[] = [];
  #isOver = false;

  /** @param intervalMs what is read is going to be read again after that time */
  constructor(system: S, clock: Clock, intervalMs: number) {
    this.system = system;
    this.#clock = clock;
    this.#options = { identity: true, againInMs: intervalMs };
  }

  /** True when it has gone for good. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Reads it for a round, unless an earlier reading is still under way; then the round is skipped. Never rejects.
   * @param soonestNs rates over less time than that since a reading between rounds say nothing, and are not given
   * @returns undefined where it has been read by now: the kernel's answers come at once
   */
  read(types: readonly PropertyType[], signal: AbortSignal, soonestNs = 0n): Promise<void> | undefined {
    if (!this.#isBusy) return this.#query(types, signal, soonestNs);
    this.#skippedRounds++;
    return undefined;
  }

  /** Reads it between rounds: the next round's rates are from here on if nothing was read before. Never rejects. */
  async readBetween(types: readonly PropertyType[], signal: AbortSignal): Promise<void> {
    await this.#query(types, signal, undefined);
  }

  /** There are no processes in it any more: what is read from now on is what it used in all. */
  noteEmpty(): void {
    if (!this.#isEmpty) this.#living = this.#last;
    this.#isEmpty = true;
  }

  /** There are processes in it again. */
  noteFilled(): void {
    this.#isEmpty = false;
    this.#living = undefined;
  }

  /** It has gone, as a reading or somebody else came to know: it is read no longer. */
  end(cause?: unknown): void {
    if (this.#isOver) return;
    this.#rates = undefined;
    this.#error = removed(this.system.id, this.#last !== undefined, cause);
    this.#isOver = true;
    this.#ended.push({ system: this.system, state: 'ended', ...this.#endValues(), error: this.#error });
  }

  /** @param soonestNs undefined between rounds */
  #query(
    types: readonly PropertyType[],
    signal: AbortSignal,
    soonestNs: bigint | undefined,
  ): Promise<void> | undefined {
    if (this.#isOver || this.#isBusy) return undefined;
    this.#isBusy = true;
    const beganNs = this.#clock.monotonicNs();
    const take = (result: QueryResult) => this.#take(this.#readingOf(result, beganNs), result.identity, soonestNs);
    const answer = this.#ask(types, { signal, ...this.#options });
    if (answer instanceof Promise) {
      return answer.then(take, (error: unknown) => this.#fail(error)).finally(() => this.#settle());
    }
    if (answer !== undefined) take(answer);
    this.#settle();
    return undefined;
  }

  /** undefined when it failed at once. */
  #ask(types: readonly PropertyType[], options: QueryOptions): QueryResult | Promise<QueryResult> | undefined {
    const { system } = this;
    try {
      return system.queryNow === undefined ? system.query(types, options) : system.queryNow(types, options);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #settle(): void {
    this.#isBusy = false;
    this.#skippedRounds = 0;
  }

  /** When it was read: the kernel answers at once, the service at some moment of its call. */
  #readingOf({ properties, report }: QueryResult, beganNs: bigint): Reading {
    const byService = report.types.Statistics?.answeredBy === 'service';
    return { properties, report, atNs: byService ? (beganNs + this.#clock.monotonicNs()) / 2n : beganNs };
  }

  /** What there is to tell; what has ended is told once. */
  takeSamples(): Sample<S>[] {
    const samples: Sample<S>[] = [];
    this.tell(samples);
    return samples;
  }

  /** {@link takeSamples} into a list. */
  tell(samples: Sample<S>[]): void {
    if (this.#ended.length > 0) samples.push(...this.#ended.splice(0));
    if (!this.#isOver) samples.push(this.#sample());
  }

  #sample(): Sample<S> {
    const state = this.#isBusy ? 'late' : this.#error === undefined ? 'read' : 'failed';
    // Member by member: spreading each into the next costs more than all else here.
    const sample: { -readonly [member in keyof Sample<S>]: Sample<S>[member] } = { system: this.system, state };
    if (this.#last !== undefined) {
      sample.properties = this.#last.properties;
      sample.report = this.#last.report;
    }
    if (this.#identity !== undefined) sample.identity = this.#identity;
    if (this.#rates !== undefined) sample.rates = this.#rates;
    if (this.#error !== undefined) sample.error = this.#error;
    if (state === 'late') sample.skippedRounds = this.#skippedRounds;
    return sample;
  }

  #lastValues(): Pick<Sample, 'properties' | 'report' | 'identity'> {
    return {
      ...(this.#last !== undefined && { properties: this.#last.properties, report: this.#last.report }),
      ...(this.#identity !== undefined && { identity: this.#identity }),
    };
  }

  /** The last values: those of when it was at work, beside what it used in all. */
  #endValues(): Pick<Sample, 'properties' | 'report' | 'totals' | 'identity'> {
    const { properties, report } = this.#living ?? this.#last ?? {};
    return {
      ...this.#lastValues(),
      ...(properties !== undefined && { properties }),
      ...(report !== undefined && { report }),
      ...(this.#isEmpty && this.#last !== undefined && { totals: this.#last.properties }),
    };
  }

  #take(reading: Reading, identity: JobIdentity | undefined, soonestNs: bigint | undefined): void {
    if (this.#isOver) return;
    const last = this.#last;
    if (last !== undefined && this.#isAnother(last, reading, identity)) {
      this.#ended.push({ system: this.system, state: 'ended', ...this.#endValues() });
      this.noteFilled();
      this.#identity = identity;
      this.#rates = undefined;
      this.#rated = reading;
    } else {
      this.#noteIdentity(identity);
      if (soonestNs === undefined) this.#rated ??= reading;
      else this.#rate(reading, soonestNs);
    }
    this.#last = reading;
    this.#error = undefined;
  }

  /** What is known of it by now; mostly the same object each time. */
  #noteIdentity(identity: JobIdentity | undefined): void {
    if (identity === undefined || identity === this.#identity) return;
    this.#identity = this.#identity === undefined ? identity : { ...this.#identity, ...identity };
  }

  #rate(reading: Reading, soonestNs: bigint): void {
    const since = this.#rated;
    const isTooSoon = since !== undefined && since !== this.#roundReading && reading.atNs - since.atNs < soonestNs;
    this.#rates =
      since === undefined || isTooSoon
        ? undefined
        : ratesBetween(since.properties, reading.properties, reading.atNs - since.atNs);
    this.#rated = reading;
    this.#roundReading = reading;
  }

  /** A counter that went backwards tells of another identity even where the kernel's own marks are the same. */
  #isAnother(last: Reading, reading: Reading, identity: JobIdentity | undefined): boolean {
    return isAnotherJob(this.#identity, identity) || hasCounterGoneBack(last.properties, reading.properties);
  }

  #fail(error: unknown): void {
    if (isGone(error)) this.end(error);
    else {
      this.#rates = undefined;
      this.#error = error;
    }
  }
}

function removed(subject: string, wasRead: boolean, cause: unknown): unknown {
  if (wasRead && cause !== undefined) return cause;
  const reason = wasRead ? 'it has been removed' : 'it was removed before its first reading';
  return new SilostatError('ERR_NOT_FOUND', { subject, operation: 'read', reason, cause });
}
