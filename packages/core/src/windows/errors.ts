import type { ErrorCode } from '../errors.ts';
import { NativeError, SilostatError } from '../errors.ts';
import * as hcs from './abi/compute.ts';
import * as status from './abi/status.ts';
import type { Win32Failure } from './call/handle.ts';
import type { NtStatus } from './call/nt-status.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly ntstatus: readonly number[];
  readonly win32: readonly number[];
  /** The low 16 bits of HRESULTs of HCS. */
  readonly hcs: readonly number[];
}

/** What Windows' answers mean, grouped by meaning. What is not listed is ERR_SERVICE: the system failed. */
const meanings: readonly Meaning[] = [
  {
    code: 'ERR_NOT_FOUND',
    ntstatus: [status.STATUS_OBJECT_NAME_NOT_FOUND, status.STATUS_OBJECT_PATH_NOT_FOUND],
    win32: [status.ERROR_FILE_NOT_FOUND, status.ERROR_PATH_NOT_FOUND],
    // One that has stopped has no figures left: for whoever reads them it is gone.
    hcs: [hcs.HCS_E_SYSTEM_NOT_FOUND, hcs.HCS_E_SYSTEM_ALREADY_STOPPED, hcs.HCS_E_PROCESS_ALREADY_STOPPED],
  },
  {
    code: 'ERR_ALREADY_EXISTS',
    ntstatus: [status.STATUS_OBJECT_NAME_COLLISION],
    win32: [status.ERROR_ALREADY_EXISTS],
    hcs: [hcs.HCS_E_SYSTEM_ALREADY_EXISTS],
  },
  {
    code: 'ERR_ACCESS_DENIED',
    ntstatus: [status.STATUS_ACCESS_DENIED, status.STATUS_PRIVILEGE_NOT_HELD],
    win32: [status.ERROR_ACCESS_DENIED],
    hcs: [hcs.HCS_E_ACCESS_DENIED],
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
      status.ERROR_MOD_NOT_FOUND,
      status.ERROR_PROC_NOT_FOUND,
      status.ERROR_SERVICE_DISABLED,
      status.ERROR_SERVICE_DOES_NOT_EXIST,
      status.ERROR_INVALID_DATA,
    ],
    // A question that HCS does not know is refused as malformed.
    hcs: [
      hcs.HCS_E_HYPERV_NOT_INSTALLED,
      hcs.HCS_E_UNKNOWN_MESSAGE,
      hcs.HCS_E_UNSUPPORTED_PROTOCOL_VERSION,
      hcs.HCS_E_INVALID_JSON,
      hcs.HCS_E_WINDOWS_INSIDER_REQUIRED,
      hcs.HCS_E_SERVICE_NOT_AVAILABLE,
      hcs.HCS_E_SYSTEM_NOT_CONFIGURED_FOR_OPERATION,
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
    hcs: [],
  },
  { code: 'ERR_CLOSED', ntstatus: [status.STATUS_INVALID_HANDLE], win32: [status.ERROR_INVALID_HANDLE], hcs: [] },
  { code: 'ERR_PARSE', ntstatus: [status.STATUS_INFO_LENGTH_MISMATCH], win32: [status.ERROR_BAD_LENGTH], hcs: [] },
  {
    code: 'ERR_SERVICE',
    ntstatus: [],
    win32: [],
    hcs: [
      hcs.HCS_E_TERMINATED_DURING_START,
      hcs.HCS_E_IMAGE_MISMATCH,
      hcs.HCS_E_INVALID_STATE,
      hcs.HCS_E_UNEXPECTED_EXIT,
      hcs.HCS_E_TERMINATED,
      hcs.HCS_E_CONNECT_FAILED,
      hcs.HCS_E_CONNECTION_CLOSED,
      hcs.HCS_E_PROTOCOL_ERROR,
      hcs.HCS_E_INVALID_LAYER,
      hcs.HCS_E_GUEST_CRITICAL_ERROR,
      hcs.HCS_E_SERVICE_DISCONNECT,
    ],
  },
  { code: 'ERR_TIMEOUT', ntstatus: [], win32: [], hcs: [hcs.HCS_E_CONNECTION_TIMEOUT, hcs.HCS_E_OPERATION_TIMEOUT] },
];

const byNtStatus = new Map(meanings.flatMap(({ code, ntstatus }) => ntstatus.map((value) => [value, code] as const)));
const byWin32 = new Map(meanings.flatMap(({ code, win32 }) => win32.map((value) => [value, code] as const)));
const byHcs = new Map(meanings.flatMap(({ code, hcs }) => hcs.map((value) => [value, code] as const)));
const ntSymbols = symbolsOf(status, 'STATUS_');
const win32Symbols = symbolsOf(status, 'ERROR_');
const hcsSymbols = symbolsOf(hcs, 'HCS_E_');

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

/** By meaning: HCS spells its codes 0xC037… in one library and 0x8037… in another, and hands on those of Win32. */
export function codeOfHresult(value: number): ErrorCode {
  if (value === hcs.E_NOTIMPL || value === hcs.E_NOINTERFACE) return 'ERR_UNSUPPORTED';
  const low = value & 0xffff;
  switch (facilityOf(value)) {
    case hcs.FACILITY_HCS:
      return byHcs.get(low) ?? 'ERR_SERVICE';
    case hcs.FACILITY_WIN32:
      return low === status.ERROR_NOT_FOUND ? 'ERR_NOT_FOUND' : codeOfWin32(low);
    default:
      return 'ERR_SERVICE';
  }
}

/** True for a code of HCS in any of its spellings. */
export function isHcsCode(value: number, code: number): boolean {
  return facilityOf(value) === hcs.FACILITY_HCS && (value & 0xffff) === code;
}

/** Without the bits that tell a failure, and who defined it. */
function facilityOf(value: number): number {
  return (value >>> 16) & 0x1fff;
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

/** A failed HRESULT as a SilostatError. `details` is what HCS said besides: the cause of the cause. */
export function hresultError(api: string, value: number, attempt: Attempt, details?: Error): SilostatError {
  const symbols = facilityOf(value) === hcs.FACILITY_WIN32 ? win32Symbols : hcsSymbols;
  const cause = new NativeError(
    api,
    'hresult',
    value,
    symbols.get(value & 0xffff),
    details === undefined ? undefined : { cause: details },
  );
  return systemError(codeOfHresult(value), cause, attempt);
}

function systemError(code: ErrorCode, cause: NativeError, attempt: Attempt): SilostatError {
  const isRefused = code === 'ERR_ACCESS_DENIED' && /Open|^Hcs/.test(cause.api);
  const hint = isRefused ? '; run as SYSTEM or as an administrator' : '';
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

function symbolsOf(constants: Readonly<Record<string, number>>, prefix: string): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(constants)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [value, name] as const),
  );
}
