import {
  type ComputeSystemSummary,
  isSilostatError,
  type Properties,
  type PropertyType,
  type QueryResult,
  type Rates,
  type Reason,
  type Report,
  type Sample,
  Sampler,
} from 'silostat';
import type { Failures } from '../failure.ts';
import { type Filter, isWanted } from '../filter.ts';
import type { Io, System } from '../io.ts';

/** One container's figures, and what it used per second since the reading before. */
export interface Observed {
  /** What it was opened by: a path or an id, which nobody else has meanwhile. */
  readonly reference: string;
  readonly names: readonly string[];
  readonly properties: Properties;
  readonly report: Report;
  /** Absent at the first reading, and when it is another container by now. */
  readonly rates?: Rates;
  /** What the list says of it, where it was asked for. */
  readonly summary?: ComputeSystemSummary;
}

export interface ObserverOptions {
  /** None: whatever runs at the time of each reading; containers may come and go. */
  readonly references: readonly string[];
  /** Which of those that run are wanted, where none is named. */
  readonly filters: readonly Filter[];
  readonly types: readonly PropertyType[];
  /** True where the list is needed of those that were named, too. */
  readonly withSummaries: boolean;
  /** True where we wait for containers to end: then it is no failure if they do. */
  readonly mayEnd: boolean;
  /** From one reading to the next, in milliseconds. */
  readonly intervalMs: number;
  /** How long one reading may wait for a service, in milliseconds; after that the others are shown without it. */
  readonly patienceMs: number;
}

/** An open container. `reference` is what it was opened by, and what messages call it. */
interface Subject {
  readonly reference: string;
  readonly names: readonly string[];
  readonly system: System;
  summary?: ComputeSystemSummary;
}

/** Containers that are read again and again. Those that have gone drop out. */
export class Observer {
  readonly #io: Io;
  readonly #failures: Failures;
  readonly #options: ObserverOptions;
  readonly #sampler: Sampler<System>;
  /** By reference. */
  readonly #subjects = new Map<string, Subject>();
  readonly #bySystem = new Map<System, Subject>();
  /** What could be read, in a single look, of those that did not answer in time. */
  readonly #givenUp: Observed[] = [];
  #hasRead = false;

  constructor(options: ObserverOptions, io: Io, failures: Failures) {
    this.#io = io;
    this.#failures = failures;
    this.#options = options;
    const { types, patienceMs, intervalMs } = options;
    this.#sampler = new Sampler({ types, patienceMs, intervalMs, clock: io.clock });
    io.stop.addEventListener('abort', () => this.#sampler.stop());
  }

  /** Opens those that were named; what cannot be opened is a failure, and the rest goes on. */
  async open(): Promise<void> {
    const { references, withSummaries } = this.#options;
    const list = withSummaries && references.length > 0 ? await this.#io.library.listComputeSystems({ all: true }) : [];
    for (const reference of references) {
      try {
        const system = await this.#io.library.openComputeSystem(reference);
        // Two of one id: which of them it is cannot be told.
        const [summary, another] = list.filter(({ Id }) => Id === system.id);
        const known = summary !== undefined && another === undefined ? { summary } : {};
        this.#add({ reference, names: system.names, system, ...known });
      } catch (error) {
        this.#failures.add(reference, error);
      }
    }
  }

  /** True when some were named, and none of them is left. */
  get isOver(): boolean {
    return this.#wasNamed && this.#subjects.size === 0;
  }

  async read(): Promise<Observed[]> {
    if (!this.#wasNamed && (this.#options.mayEnd || !this.#hasRead)) await this.#refresh();
    this.#hasRead = true;
    if (this.#io.stop.aborted) return [];
    const before = [...this.#givenUp];
    const { samples } = await this.#sampler.sample();
    const read = samples.flatMap((sample) => this.#observed(sample));
    if (!this.#options.mayEnd) this.#giveUpLate(samples);
    return [...before, ...read];
  }

  /** More of one of them; undefined where it is none of them any more. */
  async ask(reference: string, types: readonly PropertyType[]): Promise<Properties | undefined> {
    const subject = this.#subjects.get(reference);
    return subject === undefined ? undefined : (await subject.system.query(types)).properties;
  }

  close(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  get #wasNamed(): boolean {
    return this.#options.references.length > 0;
  }

  /** Of whom the deadline went by without an answer, nothing more is asked; what was answered all the same stays. */
  #giveUpLate(samples: readonly Sample<System>[]): void {
    for (const sample of samples) {
      if (sample.state !== 'failed' || !isSilostatError(sample.error) || sample.error.code !== 'ERR_TIMEOUT') continue;
      this.#givenUp.push(...this.#observed(sample));
      this.#sampler.remove(sample.system);
    }
  }

  /** Opens what is new in the list, and lets go of what is no longer there. */
  async #refresh(): Promise<void> {
    const onMissing = (reason: Reason): void => this.#failures.missing(reason);
    const listedAll = await this.#io.library.listComputeSystems({ onMissing });
    const summaries = listedAll.filter((summary) => isWanted(summary, this.#options.filters));
    // The path says which one is meant, also where two engines use one id.
    const listed = new Map(summaries.map((summary) => [summary.CgroupPath ?? summary.Id, summary]));
    for (const subject of [...this.#subjects.values()]) {
      if (!listed.has(subject.reference)) this.#drop(subject);
    }
    for (const [reference, summary] of listed) {
      const known = this.#subjects.get(reference);
      if (known !== undefined) {
        known.summary = summary;
        continue;
      }
      try {
        const system = await this.#io.library.openComputeSystem(reference);
        this.#add({ reference, names: summary.Names, system, summary });
      } catch (error) {
        this.#tell(reference, error);
      }
    }
  }

  /** What can be shown of it: nothing of one that has ended; of one that failed what was answered all the same. */
  #observed(sample: Sample<System>): Observed[] {
    const subject = this.#bySystem.get(sample.system);
    if (subject === undefined) return [];
    const { names, summary } = subject;
    const known = { reference: subject.reference, names, ...(summary !== undefined && { summary }) };
    if (sample.error !== undefined) this.#tell(subject.reference, sample.error);
    if (sample.state === 'ended') {
      if (sample.error !== undefined) this.#drop(subject);
      return [];
    }
    if (sample.state === 'failed') {
      const partial = partialOf(sample.error);
      return partial === undefined ? [] : [{ ...known, ...partial }];
    }
    const { properties, report, rates } = sample;
    if (properties === undefined || report === undefined) return [];
    return [{ ...known, properties, report, ...(rates !== undefined && { rates }) }];
  }

  #tell(reference: string, error: unknown): void {
    const isGone = isSilostatError(error) && error.code === 'ERR_NOT_FOUND';
    // What nobody named may go without a word.
    if (isGone && (this.#options.mayEnd || !this.#wasNamed)) return;
    this.#failures.add(reference, error);
  }

  #add(subject: Subject): void {
    this.#subjects.set(subject.reference, subject);
    this.#bySystem.set(subject.system, subject);
    this.#sampler.add(subject.system);
  }

  #drop(subject: Subject): void {
    this.#subjects.delete(subject.reference);
    this.#bySystem.delete(subject.system);
    this.#sampler.remove(subject.system);
    subject.system.close();
  }
}

/** What was answered in spite of the failure. */
function partialOf(error: unknown): QueryResult | undefined {
  return isSilostatError(error) ? (error.partial as QueryResult | undefined) : undefined;
}
