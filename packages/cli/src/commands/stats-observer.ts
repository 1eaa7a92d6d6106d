import {
  isSilostatError,
  type JobIdentity,
  type Properties,
  type PropertyType,
  type QueryResult,
  type Rates,
  ratesBetween,
} from 'silostat';
import type { Failures } from '../failure.ts';
import type { Io, System } from '../io.ts';

/** One container's figures, and what it used per second since the reading before. */
export interface Observed {
  readonly names: readonly string[];
  readonly result: QueryResult;
  /** Absent at the first reading, and when it is another container by now. */
  readonly rates?: Rates;
}

/** Containers that are read again and again. Those that have gone drop out. */
export interface Observer {
  /** True when the user named them: then nothing new joins. */
  readonly wasGiven: boolean;
  /** True when none is left. */
  readonly isOver: boolean;
  read(): Promise<Observed[]>;
  close(): void;
}

interface Reading {
  /** On a clock that never jumps, right before the figures were read. */
  readonly monotonicNs: bigint;
  readonly identity: JobIdentity | undefined;
  readonly properties: Properties;
}

/** An open container, and its reading before. */
interface Subject {
  /** What it is opened by, and known by in messages. */
  readonly reference: string;
  readonly names: readonly string[];
  readonly system: System;
  before?: Reading;
}

/** The list of processes gives their count. */
const wanted: readonly PropertyType[] = ['Statistics', 'ProcessList'];

/**
 * Opens the containers that the user named; what cannot be opened is a failure, and the rest goes on. Whether it is one that
 * a container ends depends on whether we wait for that (`--watch`).
 */
export async function observeGiven(
  references: readonly string[],
  io: Io,
  failures: Failures,
  endIsFailure: boolean,
): Promise<Observer> {
  const subjects = new Map<string, Subject>();
  for (const reference of references) {
    try {
      const system = await io.library.openComputeSystem(reference);
      subjects.set(reference, { reference, names: system.names, system });
    } catch (error) {
      failures.add(reference, error);
    }
  }
  return {
    wasGiven: true,
    get isOver(): boolean {
      return subjects.size === 0;
    },
    read: () =>
      readAll(subjects, io, (subject, error) => {
        if (endIsFailure || !isGone(error)) failures.add(subject.reference, error);
      }),
    close: () => closeAll(subjects),
  };
}

/** Whatever runs at the time of each reading; containers may come and go. */
export function observeAll(io: Io, failures: Failures): Observer {
  const subjects = new Map<string, Subject>();
  const tell = (subject: string, error: unknown): void => {
    if (!isGone(error)) failures.add(subject, error);
  };
  return {
    wasGiven: false,
    get isOver(): boolean {
      return subjects.size === 0;
    },
    async read(): Promise<Observed[]> {
      await refresh(subjects, io, tell);
      return readAll(subjects, io, (subject, error) => tell(subject.reference, error));
    },
    close: () => closeAll(subjects),
  };
}

/** Opens what is new in the list, and lets go of what is no longer there. */
async function refresh(
  subjects: Map<string, Subject>,
  io: Io,
  tell: (reference: string, error: unknown) => void,
): Promise<void> {
  const summaries = await io.library.listComputeSystems();
  // The path says which one is meant, also where two engines use one id.
  const listed = new Map(summaries.map((summary) => [summary.CgroupPath ?? summary.Id, summary]));
  for (const [reference, subject] of subjects) {
    if (!listed.has(reference)) drop(subjects, subject);
  }
  for (const [reference, summary] of listed) {
    if (subjects.has(reference)) continue;
    try {
      const system = await io.library.openComputeSystem(reference);
      subjects.set(reference, { reference, names: summary.Names, system });
    } catch (error) {
      tell(reference, error);
    }
  }
}

async function readAll(
  subjects: Map<string, Subject>,
  io: Io,
  tell: (subject: Subject, error: unknown) => void,
): Promise<Observed[]> {
  const observed: Observed[] = [];
  for (const subject of [...subjects.values()]) {
    try {
      observed.push(await read(subject, io));
    } catch (error) {
      tell(subject, error);
      const partial = partialOf(error);
      if (partial !== undefined) observed.push({ names: subject.names, result: partial });
      else if (isGone(error)) drop(subjects, subject);
    }
  }
  return observed;
}

async function read(subject: Subject, io: Io): Promise<Observed> {
  const { system, names, before } = subject;
  const identity = identityOf(system);
  const monotonicNs = io.monotonicNs();
  const result = await system.query(wanted, { signal: io.stop });
  const reading: Reading = { monotonicNs, identity, properties: result.properties };
  subject.before = reading;
  const rates = before === undefined ? undefined : ratesOf(before, reading);
  return rates === undefined ? { names, result } : { names, result, rates };
}

function ratesOf(before: Reading, after: Reading): Rates | undefined {
  if (before.identity?.object !== after.identity?.object || before.identity?.birth !== after.identity?.birth) {
    return undefined;
  }
  return ratesBetween(before.properties, after.properties, after.monotonicNs - before.monotonicNs);
}

/** Undefined where nobody tells: then the counter alone has to show that it is another container. */
function identityOf(system: System): JobIdentity | undefined {
  try {
    return system.jobIdentity();
  } catch {
    return undefined;
  }
}

/** What was answered in spite of the failure. */
function partialOf(error: unknown): QueryResult | undefined {
  return isSilostatError(error) ? (error.partial as QueryResult | undefined) : undefined;
}

function isGone(error: unknown): boolean {
  return isSilostatError(error) && error.code === 'ERR_NOT_FOUND';
}

function drop(subjects: Map<string, Subject>, subject: Subject): void {
  subjects.delete(subject.reference);
  subject.system.close();
}

function closeAll(subjects: Map<string, Subject>): void {
  for (const subject of [...subjects.values()]) drop(subjects, subject);
}
