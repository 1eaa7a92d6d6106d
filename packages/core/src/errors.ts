import type { QueryResult } from './report.ts';

/** The stable codes of {@link SilostatError}. A code is never given a second meaning. */
export type ErrorCode =
  | 'ERR_NOT_FOUND'
  | 'ERR_ALREADY_EXISTS'
  | 'ERR_AMBIGUOUS'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_UNSUPPORTED'
  | 'ERR_CLOSED'
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_PARSE'
  | 'ERR_TIMEOUT'
  | 'ERR_SERVICE';

export interface SilostatErrorDetails {
  /** What it was about: a container id, a pid, a job name or a path. */
  subject: string;
  /** What was tried, as a verb phrase: "open container", "read cgroup file". */
  operation: string;
  /** Why it failed, and what to do about it, in a few words. */
  reason: string;
  cause?: unknown;
  /** With ERR_AMBIGUOUS: the ids that match. */
  candidates?: readonly string[];
}

/** What would break the line, or tell a terminal what to do. */
const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const brand = Symbol.for('silostat.SilostatError');

/**
 * The one error class of the library. `message` is one line: what was tried, on what, and why it failed.
 * `cause` is a {@link NativeError} where an operating system said no.
 */
export class SilostatError extends Error {
  readonly code: ErrorCode;
  readonly subject: string;
  readonly operation: string;
  /** Why it failed, without the subject. */
  readonly reason: string;
  declare readonly candidates?: readonly string[];
  /** What was answered all the same, parts of a type included: not to be taken for the whole. */
  declare partial?: QueryResult;

  constructor(code: ErrorCode, details: SilostatErrorDetails) {
    const reason = details.reason.replace(controlCharacters, ' ');
    const subject = JSON.stringify(details.subject).replace(controlCharacters, ' ');
    super(`cannot ${details.operation} ${subject}: ${reason}`, { cause: details.cause });
    this.code = code;
    this.subject = details.subject;
    this.operation = details.operation;
    this.reason = reason;
    if (details.candidates !== undefined) this.candidates = details.candidates;
  }
}
Object.defineProperty(SilostatError.prototype, 'name', { value: 'SilostatError', configurable: true });
Object.defineProperty(SilostatError.prototype, brand, { value: true });

/** True for a SilostatError of this copy of the package or of another one. */
export function isSilostatError(value: unknown): value is SilostatError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** True when what was thrown says that the thing itself is no longer there. */
export function isGone(error: unknown): boolean {
  return isSilostatError(error) && error.code === 'ERR_NOT_FOUND';
}

/** Which family of numbers a {@link NativeError}'s status belongs to. */
export type StatusKind = 'win32' | 'ntstatus' | 'hresult' | 'errno';

/** What the operating system answered, word for word: the cause of most SilostatErrors. */
export class NativeError extends Error {
  /** The function or system call, with its file where there is one. */
  readonly api: string;
  readonly kind: StatusKind;
  /** The code as the system gave it: unsigned for ntstatus and hresult, positive for errno. */
  readonly status: number;

  constructor(api: string, kind: StatusKind, status: number, symbol?: string, options?: ErrorOptions) {
    super(`${api}: ${symbol ?? kind} ${formatStatus(kind, status)}`, options);
    this.api = api;
    this.kind = kind;
    this.status = status;
  }
}
Object.defineProperty(NativeError.prototype, 'name', { value: 'NativeError', configurable: true });

function formatStatus(kind: StatusKind, status: number): string {
  if (kind === 'win32' || kind === 'errno') return String(status);
  return `0x${(status >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}
