import { allocateOnce } from '../../ffi.ts';
import { INVALID_HANDLE_VALUE } from '../abi/completion-port.ts';
import { INFINITE, WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE } from '../abi/process-creation.ts';
import { kernel32Address } from './function-address.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { lastFailure, refuseZero, toHandle } from './handle.ts';
import { systemFunction } from './system-library.ts';

const RegisterWaitForSingleObject = systemFunction('kernel32.dll', 'RegisterWaitForSingleObject', 'int32_t', [
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
  'uint32_t',
]);
const UnregisterWaitEx = systemFunction('kernel32.dll', 'UnregisterWaitEx', 'int32_t', ['uintptr_t', 'uintptr_t']);
const GetExitCodeProcess = systemFunction('kernel32.dll', 'GetExitCodeProcess', 'int32_t', ['uintptr_t', 'uintptr_t']);

const out = allocateOnce(8);

/**
 * Has Windows close `handle` as soon as the process has ended, on a thread of its own pool: RegisterWaitForSingleObject with
 * CloseHandle as the callback, whose one parameter is what is passed on. No code of ours runs on that thread.
 * @returns the wait, for {@link cancelWait}
 */
export function closeAtExit(process: Handle, handle: Handle): Handle | Win32Failure {
  refuseZero(process, 'RegisterWaitForSingleObject');
  refuseZero(handle, 'RegisterWaitForSingleObject');
  const callback = kernel32Address('CloseHandle');
  if (typeof callback !== 'number') return callback;
  const { address, view } = out();
  const flags = WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD;
  if (RegisterWaitForSingleObject()(address, process, callback, handle, INFINITE, flags) === 0) {
    return lastFailure('RegisterWaitForSingleObject');
  }
  return toHandle(Number(view.getBigUint64(0, true))) ?? lastFailure('RegisterWaitForSingleObject');
}

/** UnregisterWaitEx: when it returns the callback has run, or never will. To be called exactly once. */
export function cancelWait(wait: Handle): void {
  refuseZero(wait, 'UnregisterWaitEx');
  UnregisterWaitEx()(wait, INVALID_HANDLE_VALUE);
}

/** GetExitCodeProcess of a process that has ended. */
export function exitCodeOf(process: Handle): number | Win32Failure {
  refuseZero(process, 'GetExitCodeProcess');
  const { address, view } = out();
  return GetExitCodeProcess()(process, address) === 0 ? lastFailure('GetExitCodeProcess') : view.getUint32(0, true);
}
