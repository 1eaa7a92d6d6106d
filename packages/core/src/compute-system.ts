import { askJob, isKernelType } from './ask-job.ts';
import { askService } from './ask-service.ts';
import type { Answers, Composed } from './compose.ts';
import { compose } from './compose.ts';
import type { ComputeService } from './compute-service.ts';
import { isSilostatError, SilostatError } from './errors.ts';
import type { AcquireOptions, Job, JobAccess, JobIdentity } from './job.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { answerFromError } from './kernel-answer.ts';
import { QueryEvents } from './query-events.ts';
import { startAlone } from './read-statistics.ts';
import type { QueryResult, Reason, Report } from './report.ts';
import { reasonOf } from './report.ts';
import { checkedTypes } from './requested-types.ts';
import type { Identity, Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import { isHcsPropertyType } from './schema/property-type.ts';
import type { Clock, Moment, StartTime } from './start-time.ts';
import { ContainerStart, momentOf, systemClock } from './start-time.ts';

const none: readonly PropertyType[] = Object.freeze([]);

/** What a compute system is made of; the hosts put it together. */
export interface ComputeSystemParts {
  identity: Identity;
  /** Names that people call it by. */
  names?: readonly string[];
  /** Absent: the kernel has nothing on it (a VM). */
  jobs?: JobAccess;
  /** Absent: there is nobody to ask beside the kernel. */
  service?: ComputeService;
  /** Why there is nobody, for the report. */
  noService?: Reason;
  startTime?: StartTime;
  clock?: Clock;
}

export interface QueryOptions extends AcquireOptions {
  /** Tell also what distinguishes the container that answered from one made later under its id. */
  identity?: boolean;
  /** Ends a call of the service; the kernel's answers come at once. */
  signal?: AbortSignal;
}

/** A query under way: what has been answered by now. Times are milliseconds of a clock that never jumps. */
interface Query {
  readonly answers: Answers;
  readonly report: Report;
  readonly beganMs: number;
  /** When the last answer came. */
  answeredMs: number;
  identity?: JobIdentity | undefined;
}

/**
 * A container (or a VM) as its users know it.
 *
 * Each query asks the kernel first and the service for what the kernel could not answer; both answers are merged into one
 * HCS schema-2 `Properties` document. A member that was not read is absent, and the report says why.
 */
export class ComputeSystem {
  readonly identity: Identity;
  readonly names: readonly string[];
  readonly #jobs: JobAccess | undefined;
  readonly #service: ComputeService | undefined;
  readonly #noService: Reason | undefined;
  readonly #clock: Clock;
  readonly #start: ContainerStart;
  readonly #events: QueryEvents;
  #inFlight = 0;
  #closed = false;

  constructor(parts: ComputeSystemParts) {
    this.identity = parts.identity;
    this.names = parts.names ?? [];
    this.#jobs = parts.jobs;
    this.#service = parts.service;
    this.#noService = parts.noService;
    this.#start = new ContainerStart(parts.startTime);
    this.#clock = parts.clock ?? systemClock;
    this.#events = new QueryEvents(parts.identity.Id);
  }

  get id(): string {
    return this.identity.Id;
  }

  /**
   * The document alone. See {@link ComputeSystem.query}.
   * @throws SilostatError as `query` does.
   */
  async properties(types: readonly PropertyType[], options?: QueryOptions): Promise<Properties> {
    // One promise for all of it where the kernel has the answers: awaiting each step would cost more than some readings do.
    const answer = this.queryNow(types, options);
    return (answer instanceof Promise ? await answer : answer).properties;
  }

  /**
   * The document and the report of how it came about. Duplicates are folded; no types: the identity only.
   * @throws SilostatError ERR_INVALID_ARGUMENT for an unknown type, before anything is opened; ERR_CLOSED after `close()`;
   * ERR_NOT_FOUND when the container has gone; else the first reason why nothing could be answered, or the service's
   * failure. What was answered all the same is in the error's `partial`.
   */
  async query(types: readonly PropertyType[], options?: QueryOptions): Promise<QueryResult> {
    return this.queryNow(types, options);
  }

  /**
   * As {@link ComputeSystem.query}, but without a promise where the kernel alone has all the answers: for who reads
   * thousands of systems in turn. Then it also throws what `query` would reject with.
   */
  queryNow(types: readonly PropertyType[], options?: QueryOptions): QueryResult | Promise<QueryResult> {
    const wanted = checkedTypes(types);
    this.#refuseClosed();
    this.#inFlight++;
    try {
      const at = momentOf(this.#clock);
      const report: Report = { startedAt: new Date(at.unixMs), durationMs: 0, types: {} };
      if (wanted.length === 0) return { properties: { ...this.identity }, report };
      const query = this.#askKernel(wanted, at, report, options);
      const leftovers = leftoversOf(query.answers);
      return leftovers.length === 0 ? this.#finish(query) : this.#askBoth(query, leftovers, at, options?.signal);
    } finally {
      this.#leave();
    }
  }

  /** Lets go of what is kept; a query in flight still returns. Harmless a second time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#inFlight === 0) this.#jobs?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #askBoth(
    query: Query,
    leftovers: readonly PropertyType[],
    at: Moment,
    signal: AbortSignal | undefined,
  ): Promise<QueryResult> {
    this.#inFlight++;
    try {
      await this.#askService(leftovers, query.answers, at, signal);
      query.report.durationMs = performance.now() - query.beganMs;
      return this.#finish(query);
    } finally {
      this.#leave();
    }
  }

  #finish({ answers, report, identity }: Query): QueryResult {
    const composed = compose(answers);
    report.types = composed.types;
    const failure = failureOf(answers, composed);
    this.#events.publish(report, answers.kernel, failure);
    if (failure !== undefined) throw withPartial(failure, answers, report);
    const { properties } = composed;
    return identity === undefined ? { properties, report } : { properties, report, identity };
  }

  #leave(): void {
    this.#inFlight--;
    if (this.#closed && this.#inFlight === 0) this.#jobs?.close();
  }

  /** Opens the job if one of the types is the kernel's, and asks it for each of those. */
  #askKernel(types: readonly PropertyType[], at: Moment, report: Report, options?: QueryOptions): Query {
    const beganMs = performance.now();
    const kernel = new Map<PropertyType, KernelAnswer>();
    const answers: Answers = { identity: this.identity, types, kernel, notOpened: false, noService: this.#noService };
    const query: Query = { answers, report, beganMs, answeredMs: beganMs };
    if (this.#jobs === undefined || !types.some(isKernelType)) return query;
    let job: Job | undefined;
    try {
      job = this.#jobs.acquire(options);
      report.kernel = job.kind;
      this.#askJob(job, types, at, query);
      if (options?.identity === true) this.#identify(job, types, at, query);
    } catch (error) {
      // Not opened, or gone while it was read: then nothing that was read of it can be trusted to be whole.
      report.notOpened = reasonOf(error);
      query.answers.notOpened = true;
      for (const type of types) if (isKernelType(type)) kernel.set(type, answerFromError(error));
    } finally {
      if (job !== undefined) this.#jobs.release(job);
    }
    return query;
  }

  /** The end of one question is the beginning of the next: the clock is read once for each. */
  #askJob(job: Job, types: readonly PropertyType[], at: Moment, query: Query): void {
    for (const type of types) {
      if (!isKernelType(type)) continue;
      const answer = askJob(job, type, at, this.#start);
      const nowMs = performance.now();
      answer.durationMs = nowMs - query.answeredMs;
      query.report.durationMs += answer.durationMs;
      query.answeredMs = nowMs;
      query.answers.kernel.set(type, answer);
    }
  }

  /** After the answers, which make it cheaper; what another one's start went into is asked once more. */
  #identify(job: Job, types: readonly PropertyType[], at: Moment, query: Query): void {
    query.identity = identityOf(job);
    if (query.identity !== undefined && this.#start.noteIdentity(query.identity)) this.#askJob(job, types, at, query);
  }

  /** Asks the service, if there is one, for the leftovers that it can know. */
  async #askService(
    leftovers: readonly PropertyType[],
    answers: Answers,
    at: Moment,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const types = leftovers.filter(isHcsPropertyType);
    if (this.#service === undefined || types.length === 0) return;
    answers.service = await askService(this.#service, this.id, types, signal);
    const told = answers.service.answer?.document.Statistics;
    if (told === undefined) return;
    this.#start.adopt(told, this.#service.name);
    const ours = answers.kernel.get('Statistics');
    // The job told nothing, yet when the container started may be known all the same.
    if (ours !== undefined && ours.value === undefined) ours.value = startAlone(ours, at, this.#start);
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new SilostatError('ERR_CLOSED', { subject: this.id, operation: 'query', reason: 'it has been closed' });
  }
}

/** Who cannot be identified has answered all the same. */
function identityOf(job: Job): JobIdentity | undefined {
  try {
    return job.identity();
  } catch {
    return undefined;
  }
}

/** The types that the kernel did not answer, or not well enough. */
function leftoversOf({ types, kernel }: Answers): readonly PropertyType[] {
  let leftovers = none;
  for (const type of types) {
    const answer = kernel.get(type);
    if (answer === undefined || answer.leftover !== undefined) leftovers = [...leftovers, type];
  }
  return leftovers;
}

/** What makes the query fail: the service's failure where it was needed, or that nobody answered anything. */
function failureOf(answers: Answers, composed: Composed): unknown {
  const { service, kernel } = answers;
  // A lower bound of the kernel's is an answer without the service; anything else that the service was asked for is not.
  if (service?.error !== undefined && !service.types.every((type) => kernel.get(type)?.tolerable === true)) {
    return service.error;
  }
  return composed.answered ? undefined : nobodyAnswered(answers, composed);
}

/** What the job threw, else the first reason of those that the report has. */
function nobodyAnswered({ identity, types, kernel }: Answers, composed: Composed): unknown {
  for (const type of types) {
    const error = kernel.get(type)?.error;
    if (isSilostatError(error)) return error;
  }
  const entries = types.map((type) => composed.types[type]);
  const reason = entries.map((entry) => entry?.serviceFailure ?? entry?.fallback).find((given) => given !== undefined);
  return new SilostatError(reason?.code ?? 'ERR_UNSUPPORTED', {
    subject: identity.Id,
    operation: `read ${types.join(', ')} of`,
    reason: reason?.message ?? 'nobody has an answer',
    cause: reason?.cause,
  });
}

/** The failure, carrying what was answered all the same. */
function withPartial(failure: unknown, answers: Answers, report: Report): unknown {
  if (!isSilostatError(failure)) return failure;
  const { properties, types, hasValues } = compose(answers, { parts: true });
  if (hasValues) failure.partial = { properties, report: { ...report, types } };
  return failure;
}
