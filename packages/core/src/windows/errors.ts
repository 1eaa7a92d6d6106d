import type { ErrorCode } from '../errors.ts';
import { NativeError, SilostatError } from '../errors.ts';
import * as status from './abi/status.ts';
import type { Win32Failure } from './call/handle.ts';
import type { NtStatus } from './call/nt-status.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly ntstatus: readonly number[];
  readonly win32: readonly number[];
}

/** What Windows' answers mean, grouped by meaning. What is not listed is ERR_SERVICE: the system failed. */
const meanings: readonly Meaning[] = [
  {
    code: 'ERR_NOT_FOUND',
    ntstatus: [status.STATUS_OBJECT_NAME_NOT_FOUND, status.STATUS_OBJECT_PATH_NOT_FOUND],
    win32: [status.ERROR_FILE_NOT_FOUND, status.ERROR_PATH_NOT_FOUND],
  },
  {
    code: 'ERR_ALREADY_EXISTS',
    ntstatus: [status.STATUS_OBJECT_NAME_COLLISION],
    win32: [status.ERROR_ALREADY_EXISTS],
  },
  {
    code: 'ERR_ACCESS_DENIED',
    ntstatus: [status.STATUS_ACCESS_DENIED, status.STATUS_PRIVILEGE_NOT_HELD],
    win32: [status.ERROR_ACCESS_DENIED],
  },
  {
    // An information class that this Windows does not know is refused as an invalid parameter.
    code: 'ERR_UNSUPPORTED',
    ntstatus: [
      status.STATUS_NOT_IMPLEMENTED,
      status.STATUS_INVALID_INFO_CLASS,
      status.STATUS_INVALID_PARAMETER,
      status.STATUS_NOT_SUPPORTED,
    ],
    win32: [
      status.ERROR_INVALID_FUNCTION,
      status.ERROR_NOT_SUPPORTED,
      status.ERROR_INVALID_PARAMETER,
      status.ERROR_PROC_NOT_FOUND,
    ],
  },
  {
    code: 'ERR_INVALID_ARGUMENT',
    ntstatus: [
      status.STATUS_OBJECT_NAME_INVALID,
      status.STATUS_OBJECT_PATH_SYNTAX_BAD,
      status.STATUS_OBJECT_TYPE_MISMATCH,
    ],
    win32: [status.ERROR_INVALID_NAME, status.ERROR_BAD_PATHNAME],
  },
  { code: 'ERR_CLOSED', ntstatus: [status.STATUS_INVALID_HANDLE], win32: [status.ERROR_INVALID_HANDLE] },
  { code: 'ERR_PARSE', ntstatus: [status.STATUS_INFO_LENGTH_MISMATCH], win32: [status.ERROR_BAD_LENGTH] },
];

const byNtStatus = new Map(meanings.flatMap(({ code, ntstatus }) => ntstatus.map((value) => [value, code] as const)));
const byWin32 = new Map(meanings.flatMap(({ code, win32 }) => win32.map((value) => [value, code] as const)));
const ntSymbols = symbolsOf('STATUS_');
const win32Symbols = symbolsOf('ERROR_');

/** What was tried, and on what. */
export interface Attempt {
  /** A verb phrase: "read memory of job". */
  readonly operation: string;
  readonly subject: string;
}

export function codeOfNtStatus(value: NtStatus): ErrorCode {
  return byNtStatus.get(value) ?? 'ERR_SERVICE';
}

export function codeOfWin32(error: number): ErrorCode {
  return byWin32.get(error) ?? 'ERR_SERVICE';
}

/** OpenProcess says that there is no such process by refusing the id. */
function isMissingProcess(failure: Win32Failure): boolean {
  return failure.api === 'OpenProcess' && failure.error === status.ERROR_INVALID_PARAMETER;
}

/** A failed NTSTATUS as a SilostatError, with the status in its cause. */
export function ntError(api: string, value: NtStatus, attempt: Attempt): SilostatError {
  const cause = new NativeError(api, 'ntstatus', value, ntSymbols.get(value));
  return systemError(codeOfNtStatus(value), cause, attempt);
}

/** What a Win32 function said no with, as a SilostatError. */
export function win32Error(failure: Win32Failure, attempt: Attempt): SilostatError {
  const cause = new NativeError(failure.api, 'win32', failure.error, win32Symbols.get(failure.error));
  const code = isMissingProcess(failure) ? 'ERR_NOT_FOUND' : codeOfWin32(failure.error);
  return systemError(code, cause, attempt);
}

function systemError(code: ErrorCode, cause: NativeError, attempt: Attempt): SilostatError {
  const hint =
    code === 'ERR_ACCESS_DENIED' && cause.api.includes('Open') ? '; run as SYSTEM or as an administrator' : '';
  return new SilostatError(code, {
    ...attempt,
    reason: `${meaningText[code] ?? 'failed'} (${cause.message})${hint}`,
    cause,
  });
}

const meaningText: Partial<Record<ErrorCode, string>> = {
  ERR_NOT_FOUND: 'there is none',
  ERR_ALREADY_EXISTS: 'the name is taken',
  ERR_ACCESS_DENIED: 'access denied',
  ERR_UNSUPPORTED: 'this Windows does not offer it',
  ERR_INVALID_ARGUMENT: 'the name is not that of a job object',
  ERR_CLOSED: 'the handle is closed',
  ERR_PARSE: 'the answer has the wrong length',
};

function symbolsOf(prefix: string): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(status)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [value, name] as const),
  );
}
