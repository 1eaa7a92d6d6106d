import { channel } from 'node:diagnostics_channel';
import type { Answers, ServicePart } from './compose.ts';
import { compose, withoutZeroStart } from './compose.ts';
import type { ComputeService } from './compute-service.ts';
import { isSilostatError, SilostatError } from './errors.ts';
import type { Job, JobAccess, JobIdentity } from './job.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { answerFromError, askJob, isKernelType } from './kernel-answer.ts';
import type { QueryResult, Reason, Report } from './report.ts';
import { reasonOf } from './report.ts';
import type { Identity, Properties } from './schema/properties.ts';
import type { HcsPropertyType, PropertyType } from './schema/property-type.ts';
import { checkedTypes, isOwnPropertyType } from './schema/property-type.ts';
import type { Clock, StartTime } from './start-time.ts';
import { estimatedStart, recordedStart, startTimeText, systemClock, uptime100ns } from './start-time.ts';

/** What a compute system is made of; the hosts put it together. */
export interface ComputeSystemParts {
  identity: Identity;
  /** Names that people call it by. */
  names?: readonly string[];
  /** Absent: the kernel has nothing on it (a VM). */
  jobs?: JobAccess;
  /** Absent: there is nobody to ask beside the kernel. */
  service?: ComputeService;
  startTime?: StartTime;
  clock?: Clock;
}

export interface QueryOptions {
  /** Ends a call of the service; the kernel's answers come at once. */
  signal?: AbortSignal;
}

/** What the kernel side gave: an answer per type that is the kernel's. */
interface KernelPart {
  answers: Map<PropertyType, KernelAnswer>;
  kind?: string;
  notOpened?: Reason;
}

const queryChannel = channel('silostat:query');
const fallbackChannel = channel('silostat:fallback');
const startMembers: readonly string[] = Object.freeze(['ContainerStartTime', 'Uptime100ns']);
const noStart: Reason = Object.freeze({ code: 'ERR_UNSUPPORTED', message: 'nobody recorded when it started' });

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
  readonly #clock: Clock;
  #startTime: StartTime | undefined;
  #inFlight = 0;
  #closed = false;
  /** Who answered each type last, so that only a change is told. */
  readonly #answeredBy = new Map<PropertyType, string>();

  constructor(parts: ComputeSystemParts) {
    this.identity = parts.identity;
    this.names = parts.names ?? [];
    this.#jobs = parts.jobs;
    this.#service = parts.service;
    this.#startTime = parts.startTime;
    this.#clock = parts.clock ?? systemClock;
  }

  get id(): string {
    return this.identity.Id;
  }

  /**
   * The document alone. See {@link ComputeSystem.query}.
   * @throws SilostatError as `query` does.
   */
  async properties(types: readonly PropertyType[], options?: QueryOptions): Promise<Properties> {
    return (await this.query(types, options)).properties;
  }

  /**
   * The document and the report of how it came about. Duplicates are folded; no types: the identity only.
   * @throws SilostatError ERR_INVALID_ARGUMENT for an unknown type, before anything is opened; ERR_CLOSED after `close()`;
   * ERR_NOT_FOUND when the container has gone; else the first reason why nothing could be answered, or the service's
   * failure. What was answered all the same is in the error's `partial`.
   */
  async query(types: readonly PropertyType[], options: QueryOptions = {}): Promise<QueryResult> {
    const wanted = checkedTypes(types);
    this.#refuseClosed();
    this.#inFlight++;
    try {
      return await this.#answer(wanted, options);
    } finally {
      this.#inFlight--;
      if (this.#closed && this.#inFlight === 0) this.#jobs?.close();
    }
  }

  /**
   * What tells this container from one made later under the same id; undefined where there is no job (a VM).
   * @throws SilostatError ERR_CLOSED, ERR_NOT_FOUND, ERR_ACCESS_DENIED.
   */
  jobIdentity(): JobIdentity | undefined {
    this.#refuseClosed();
    if (this.#jobs === undefined) return undefined;
    const job = this.#jobs.acquire();
    try {
      return job.identity();
    } finally {
      this.#jobs.release(job);
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

  async #answer(types: readonly PropertyType[], options: QueryOptions): Promise<QueryResult> {
    const report: Report = { startedAt: new Date(this.#clock.now()), durationMs: 0, types: {} };
    if (types.length === 0) return { properties: { ...this.identity }, report };
    const began = performance.now();
    const kernel = this.#askKernel(types);
    if (kernel.kind !== undefined) report.kernel = kernel.kind;
    if (kernel.notOpened !== undefined) report.notOpened = kernel.notOpened;

    const answers: Answers = { identity: this.identity, types, kernel: kernel.answers };
    const leftovers = types.filter((type) => isLeftover(kernel.answers.get(type)));
    const failure = await this.#askService(leftovers, answers, options);
    const composed = compose(answers);
    const result = { properties: composed.properties, report };
    report.types = composed.types;
    report.durationMs = performance.now() - began;
    if (failure !== undefined) throw withPartial(failure, composed.answered ? result : undefined);
    if (!composed.answered) throw this.#nobodyAnswered(types, kernel.answers);
    this.#publish(result);
    return result;
  }

  /** Opens the job if one of the types is the kernel's, and asks it for each of those. */
  #askKernel(types: readonly PropertyType[]): KernelPart {
    const part: KernelPart = { answers: new Map() };
    const ours = types.filter(isKernelType);
    if (this.#jobs === undefined || ours.length === 0) return part;
    let job: Job | undefined;
    try {
      job = this.#jobs.acquire();
      part.kind = job.kind;
      for (const type of ours) part.answers.set(type, this.#askJob(job, type));
    } catch (error) {
      // Not opened, or gone while it was read: then nothing that was read of it can be trusted to be whole.
      part.notOpened = reasonOf(error);
      for (const type of ours) part.answers.set(type, answerFromError(error));
    } finally {
      if (job !== undefined) this.#jobs.release(job);
    }
    return part;
  }

  #askJob(job: Job, type: PropertyType): KernelAnswer {
    if (type !== 'Statistics') return askJob(job, type);
    const timestamp = new Date(this.#clock.now()).toISOString();
    const answer = askJob(job, type);
    const start = this.#knownStart(job);
    if (start === undefined) {
      answer.value = { Timestamp: timestamp, ...(answer.value as object) };
      answer.absent = { ...answer.absent, ContainerStartTime: noStart, Uptime100ns: noStart };
      return answer;
    }
    answer.value = {
      Timestamp: timestamp,
      ContainerStartTime: startTimeText(start),
      Uptime100ns: uptime100ns(start, this.#clock),
      ...(answer.value as object),
    };
    answer.sources = { ...answer.sources, ContainerStartTime: start.source };
    if (start.estimated) answer.estimated = startMembers;
    return answer;
  }

  /** The start time; where nobody recorded it, it is estimated once, from the oldest process at first sight. */
  #knownStart(job: Job): StartTime | undefined {
    if (this.#startTime === undefined) {
      const ticks = job.oldestProcess();
      if (ticks !== undefined) this.#startTime = estimatedStart(ticks);
    }
    return this.#startTime;
  }

  /** Asks the service, if there is one, for the leftovers that it can know. Returns what makes the query fail. */
  async #askService(
    leftovers: readonly PropertyType[],
    answers: Answers,
    options: QueryOptions,
  ): Promise<unknown | undefined> {
    const types = leftovers.filter((type): type is HcsPropertyType => !isOwnPropertyType(type));
    if (this.#service === undefined || types.length === 0) return undefined;
    const part: ServicePart = { name: this.#service.name, types, durationMs: 0 };
    answers.service = part;
    const began = performance.now();
    try {
      const answer = await this.#service.properties(this.id, types, options);
      part.answer = { ...answer, document: withoutZeroStart(answer.document) };
      this.#adoptStart(part.answer.document);
      return undefined;
    } catch (error) {
      part.failure = reasonOf(error);
      // What the kernel has as a lower bound is an answer without the service; anything else is not.
      return types.every((type) => answers.kernel.get(type)?.tolerable === true) ? undefined : error;
    } finally {
      part.durationMs = performance.now() - began;
    }
  }

  /** A recorded start in an answer that was needed anyway replaces an estimate, from then on. */
  #adoptStart(document: Properties): void {
    const text = document.Statistics?.ContainerStartTime;
    if (text === undefined || this.#startTime?.estimated === false) return;
    const start = recordedStart(text, this.#service?.name ?? 'service');
    if (start !== undefined) this.#startTime = start;
  }

  /** One query event each time; one fallback event per change of who answers, not one per poll. */
  #publish(result: QueryResult): void {
    for (const [type, entry] of Object.entries(result.report.types)) {
      const now = entry.answeredBy ?? 'nobody';
      const before = this.#answeredBy.get(type as PropertyType);
      this.#answeredBy.set(type as PropertyType, now);
      if (now === (before ?? 'kernel') || !fallbackChannel.hasSubscribers) continue;
      fallbackChannel.publish({ id: this.id, type, from: before, to: now, reason: entry.fallback });
    }
    if (queryChannel.hasSubscribers) queryChannel.publish({ id: this.id, report: result.report });
  }

  #nobodyAnswered(types: readonly PropertyType[], answers: ReadonlyMap<PropertyType, KernelAnswer>): SilostatError {
    for (const type of types) {
      const error = answers.get(type)?.error;
      if (isSilostatError(error)) return error;
    }
    const reason = types.map((type) => answers.get(type)?.leftover).find((leftover) => leftover !== undefined);
    return new SilostatError(reason?.code ?? 'ERR_UNSUPPORTED', {
      subject: this.id,
      operation: `read ${types.join(', ')} of`,
      reason: reason?.message ?? 'the kernel has no answer, and there is no compute service to ask',
      cause: reason?.cause,
    });
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new SilostatError('ERR_CLOSED', { subject: this.id, operation: 'query', reason: 'it has been closed' });
  }
}

/** A leftover: a type that the kernel did not answer, or not well enough. */
function isLeftover(answer: KernelAnswer | undefined): boolean {
  return answer === undefined || answer.leftover !== undefined;
}

function withPartial(failure: unknown, partial: QueryResult | undefined): unknown {
  if (partial !== undefined && isSilostatError(failure)) failure.partial = partial;
  return failure;
}
