import {
  NativeError,
  type ProcessTally,
  type QueryResult,
  type Reason,
  type Report,
  rfc3339FromUnixMs,
  type TypeReport,
} from 'silostat';
import { visibleJson } from './visible.ts';

/** A JSON document for people and programs: indented, safe on a terminal. */
export function renderJson(value: unknown): string {
  return visibleJson(JSON.stringify(value, undefined, 2));
}

/** The same on one line: one value of a stream. */
export function renderJsonLine(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}

/** `{Properties, Report}`: a document and how it came about. */
export function explained(result: QueryResult): object {
  return { Properties: result.properties, Report: reportDocument(result.report) };
}

/** A report in the manner of the documents: PascalCase, times as RFC 3339 or in 100 ns. */
export function reportDocument(report: Report): object {
  return {
    StartedAt: rfc3339FromUnixMs(report.startedAt.getTime()),
    Duration100ns: ticksOf(report.durationMs),
    Kernel: report.kernel,
    NotOpened: report.notOpened && reasonDocument(report.notOpened),
    Types: mapValues(report.types, typeDocument),
  };
}

function typeDocument(type: TypeReport): object {
  return {
    AnsweredBy: type.answeredBy,
    Duration100ns: ticksOf(type.durationMs),
    Complete: type.complete,
    Sources: type.sources,
    Absent: mapValues(type.absent, reasonDocument),
    Estimated: type.estimated,
    LowerBounds: type.lowerBounds,
    Processes: type.processes && tallyDocument(type.processes),
    Fallback: type.fallback && reasonDocument(type.fallback),
    ServiceFailure: type.serviceFailure && reasonDocument(type.serviceFailure),
  };
}

function tallyDocument(tally: ProcessTally): object {
  return {
    Listed: tally.listed,
    Read: tally.read,
    Gone: tally.gone,
    Denied: tally.denied,
    Reused: tally.reused,
    Unreadable: tally.unreadable,
  };
}

function reasonDocument(reason: Reason): object {
  return { Code: reason.code, Message: reason.message, Cause: causeDocument(reason.cause) };
}

function causeDocument(cause: unknown): object | undefined {
  if (!(cause instanceof Error)) return undefined;
  const deeper = causeDocument(cause.cause);
  if (!(cause instanceof NativeError)) return { Message: cause.message, Cause: deeper };
  return { Message: cause.message, Api: cause.api, Kind: cause.kind, Status: cause.status, Cause: deeper };
}

function mapValues<Value>(record: Readonly<Partial<Record<string, Value>>>, map: (value: Value) => unknown): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value as Value)]));
}

function ticksOf(milliseconds: number): number {
  return Math.floor(milliseconds * 10_000);
}
