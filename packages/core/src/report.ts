import type { ErrorCode } from './errors.ts';
import { isSilostatError } from './errors.ts';
import type { JobIdentity } from './job.ts';
import type { Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';

/** Why a figure is absent, or why somebody else had to answer. */
export interface Reason {
  readonly code: ErrorCode;
  /** One line for a person. */
  readonly message: string;
  readonly cause?: unknown;
}

/** Reasons by member path within the type: `Storage`, `Memory.MemoryUsageCommitPeakBytes`. A path stands for all below it. */
export type Absences = Readonly<Record<string, Reason>>;

/** Where each member came from, by path as in {@link Absences}: a kernel file, or an API and its information class. */
export type Sources = Readonly<Record<string, string>>;

/** What became of the processes that the job listed. listed = read + gone + denied + reused + unreadable. */
export interface ProcessTally {
  listed: number;
  read: number;
  /** Had exited, or was exiting: not an omission. */
  gone: number;
  /** Refused us: its share is missing. */
  denied: number;
  /** The pid belongs to another process by now: not an omission. */
  reused: number;
  /** Answered without a usable figure: its share is missing. */
  unreadable: number;
}

/** How one property type was answered. */
export interface TypeReport {
  /** Who answered; undefined = nobody. */
  answeredBy?: 'kernel' | 'service';
  /** How long the answering took, in milliseconds. */
  durationMs: number;
  sources: Sources;
  absent: Absences;
  /** Members that are an estimate, by path. */
  estimated: readonly string[];
  /** Members that are a lower bound (some process could not be read), by path. */
  lowerBounds: readonly string[];
  /** False where something that should be there is missing, or is a lower bound. */
  complete: boolean;
  processes?: ProcessTally;
  /** Why the kernel did not answer, or not well enough; absent where it could not be opened at all (`Report.notOpened`). */
  fallback?: Reason;
  /** Why the service, which was asked, did not answer either. */
  serviceFailure?: Reason;
}

/** How a query was answered. Times are `Date`s. */
export interface Report {
  startedAt: Date;
  durationMs: number;
  /** What kind of kernel object was asked ("cgroup v2", "silo", ...); undefined = none. */
  kernel?: string;
  /** Why the kernel object could not be opened, or had gone while it was read: the reason of all the kernel's types. */
  notOpened?: Reason;
  types: Partial<Record<PropertyType, TypeReport>>;
}

/** A document and how it came about. */
export interface QueryResult {
  properties: Properties;
  report: Report;
  /** Of the job that answered, where it was asked for and can be told. */
  identity?: JobIdentity;
}

/** A reason out of whatever was thrown. */
export function reasonOf(error: unknown): Reason {
  if (isSilostatError(error)) return { code: error.code, message: error.message, cause: error.cause };
  return { code: 'ERR_SERVICE', message: error instanceof Error ? error.message : String(error), cause: error };
}

/** True when every listed process was read, or had a good reason not to be. */
export function isTallyComplete(tally: ProcessTally): boolean {
  return tally.denied === 0 && tally.unreadable === 0;
}
