import { SilostatError } from '../../errors.ts';
import type { NativeValue } from '../../ffi.ts';
import { systemFunction } from './system-library.ts';

/** A kernel handle that we own, never 0. */
export type Handle = number & { readonly [handleBrand]: true };
declare const handleBrand: unique symbol;

/** What a Win32 function said no with; its GetLastError was read in the same synchronous stretch. */
export interface Win32Failure {
  readonly api: string;
  readonly error: number;
}

const GetLastError = systemFunction('kernel32.dll', 'GetLastError', 'uint32_t', []);
const CloseHandle = systemFunction('kernel32.dll', 'CloseHandle', 'int32_t', ['uintptr_t']);

/** To be called right after the function that failed: koffi keeps the last error between two of its calls. */
export function lastFailure(api: string): Win32Failure {
  return { api, error: GetLastError()() as number };
}

/** The handle in a result or out-parameter; undefined for 0 and INVALID_HANDLE_VALUE. */
export function toHandle(value: NativeValue): Handle | undefined {
  return typeof value === 'number' && value > 0 ? (value as Handle) : undefined;
}

/**
 * Windows takes job handle 0 for the caller's own job: a wrong answer, not an error.
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function refuseZero(handle: Handle, api: string): void {
  if (handle > 0) return;
  throw new SilostatError('ERR_INVALID_ARGUMENT', {
    subject: api,
    operation: 'call',
    reason: `${handle} is not a handle of ours; Windows would take 0 for our own job`,
  });
}

/** CloseHandle. A failure means that the handle was not ours any more. */
export function closeHandle(handle: Handle): Win32Failure | undefined {
  refuseZero(handle, 'CloseHandle');
  return CloseHandle()(handle) === 0 ? lastFailure('CloseHandle') : undefined;
}
