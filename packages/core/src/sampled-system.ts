import type { ComputeSystem } from './compute-system.ts';
import { isGone } from './errors.ts';
import type { JobIdentity } from './job.ts';
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
  #last: Reading | undefined;
  #rates: Rates | undefined;
  #error: unknown;
  #identity: JobIdentity | undefined;
  #isBusy = false;
  #skippedRounds = 0;
  /** Ended, and not told yet. */
  #ended: Sample<S>[] = [];
  #isOver = false;

  constructor(system: S, monotonicNs: () => bigint) {
    this.system = system;
    this.#monotonicNs = monotonicNs;
  }

  /** True when it has gone for good. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads it, unless an earlier reading is still under way; then the round is skipped. Never rejects. */
  async read(types: readonly PropertyType[], signal: AbortSignal): Promise<void> {
    if (this.#isOver) return;
    if (this.#isBusy) {
      this.#skippedRounds++;
      return;
    }
    this.#isBusy = true;
    const identity = identityOf(this.system);
    const beganNs = this.#monotonicNs();
    try {
      const result = await this.system.query(types, { signal });
      this.#take({ ...result, atNs: momentOf(result, beganNs, this.#monotonicNs()) }, identity);
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

  #take(reading: Reading, identity: JobIdentity | undefined): void {
    const last = this.#last;
    if (last !== undefined && this.#isAnother(last, reading, identity)) {
      this.#ended.push({ system: this.system, state: 'ended', ...this.#lastValues() });
      this.#identity = identity;
      this.#rates = undefined;
    } else {
      this.#identity = { ...this.#identity, ...identity };
      this.#rates = last && ratesBetween(last.properties, reading.properties, reading.atNs - last.atNs);
    }
    this.#last = reading;
    this.#error = undefined;
  }

  /** A counter that went backwards tells of another identity even where the kernel's own marks are the same. */
  #isAnother(last: Reading, reading: Reading, identity: JobIdentity | undefined): boolean {
    return isAnotherJob(this.#identity, identity) || hasCounterGoneBack(last.properties, reading.properties);
  }

  #fail(error: unknown): void {
    this.#rates = undefined;
    this.#error = error;
    if (!isGone(error)) return;
    this.#isOver = true;
    this.#ended.push({ system: this.system, state: 'ended', ...this.#lastValues(), error });
  }
}

/** When it was read: the kernel answers at once, the service at some moment of its call. */
function momentOf(result: QueryResult, beganNs: bigint, endedNs: bigint): bigint {
  const byService = result.report.types.Statistics?.answeredBy === 'service';
  return byService ? (beganNs + endedNs) / 2n : beganNs;
}

/** Where the job cannot be opened, the service may know the system all the same: no identity is no failure. */
function identityOf(system: SampledSystem): JobIdentity | undefined {
  try {
    return system.jobIdentity();
  } catch {
    return undefined;
  }
}
