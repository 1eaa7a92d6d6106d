import type { ComputeSystem } from './compute-system.ts';
import { isGone, SilostatError } from './errors.ts';
import type { AcquireOptions, JobIdentity } from './job.ts';
import { isAnotherJob } from './job-identity.ts';
import type { Rates } from './rates.ts';
import { hasCounterGoneBack, ratesBetween } from './rates.ts';
import type { QueryResult, Report } from './report.ts';
import type { Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';

/** What a sampler needs of a compute system. */
export type SampledSystem = Pick<ComputeSystem, 'id' | 'query' | 'jobIdentity'>;

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
  readonly #monotonicNs: () => bigint;
  readonly #again: AcquireOptions;
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
  constructor(system: S, monotonicNs: () => bigint, intervalMs: number) {
    this.system = system;
    this.#monotonicNs = monotonicNs;
    this.#again = { againInMs: intervalMs };
  }

  /** True when it has gone for good. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Reads it for a round, unless an earlier reading is still under way; then the round is skipped. Never rejects.
   * @param soonestNs rates over less time than that since a reading between rounds say nothing, and are not given
   */
  async read(types: readonly PropertyType[], signal: AbortSignal, soonestNs = 0n): Promise<void> {
    if (this.#isBusy) this.#skippedRounds++;
    else await this.#query(types, signal, (reading) => this.#rate(reading, soonestNs));
  }

  /** Reads it between rounds: the next round's rates are from here on if nothing was read before. Never rejects. */
  async readBetween(types: readonly PropertyType[], signal: AbortSignal): Promise<void> {
    await this.#query(types, signal, (reading) => {
      this.#rated ??= reading;
    });
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

  async #query(types: readonly PropertyType[], signal: AbortSignal, rate: (reading: Reading) => void): Promise<void> {
    if (this.#isOver || this.#isBusy) return;
    this.#isBusy = true;
    const identity = identityOf(this.system, this.#again);
    const beganNs = this.#monotonicNs();
    try {
      const result = await this.system.query(types, { signal, ...this.#again });
      if (!this.#isOver)
        this.#take({ ...result, atNs: momentOf(result, beganNs, this.#monotonicNs()) }, identity, rate);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isBusy = false;
      this.#skippedRounds = 0;
    }
  }

  /** What there is to tell; what has ended is told once. */
  takeSamples(): Sample<S>[] {
    const samples = this.#ended;
    this.#ended = [];
    if (!this.#isOver) samples.push(this.#sample());
    return samples;
  }

  #sample(): Sample<S> {
    const state = this.#isBusy ? 'late' : this.#error === undefined ? 'read' : 'failed';
    return {
      system: this.system,
      state,
      ...this.#lastValues(),
      ...(this.#rates !== undefined && { rates: this.#rates }),
      ...(this.#error !== undefined && { error: this.#error }),
      ...(state === 'late' && { skippedRounds: this.#skippedRounds }),
    };
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

  #take(reading: Reading, identity: JobIdentity | undefined, rate: (reading: Reading) => void): void {
    const last = this.#last;
    if (last !== undefined && this.#isAnother(last, reading, identity)) {
      this.#ended.push({ system: this.system, state: 'ended', ...this.#endValues() });
      this.noteFilled();
      this.#identity = identity;
      this.#rates = undefined;
      this.#rated = reading;
    } else {
      this.#identity = { ...this.#identity, ...identity };
      rate(reading);
    }
    this.#last = reading;
    this.#error = undefined;
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

/** When it was read: the kernel answers at once, the service at some moment of its call. */
function momentOf(result: QueryResult, beganNs: bigint, endedNs: bigint): bigint {
  const byService = result.report.types.Statistics?.answeredBy === 'service';
  return byService ? (beganNs + endedNs) / 2n : beganNs;
}

/** Where the job cannot be opened, the service may know the system all the same: no identity is no failure. */
function identityOf(system: SampledSystem, again: AcquireOptions): JobIdentity | undefined {
  try {
    return system.jobIdentity(again);
  } catch {
    return undefined;
  }
}
