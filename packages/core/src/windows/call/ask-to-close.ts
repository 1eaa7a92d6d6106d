import { allocateOnce } from '../../ffi.ts';
import { CTRL_CLOSE_EVENT } from '../abi/process-creation.ts';
import { kernel32Address } from './function-address.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { closeHandle, lastFailure, refuseZero, toHandle } from './handle.ts';
import { systemFunction } from './system-library.ts';

const CreateRemoteThread = systemFunction('kernel32.dll', 'CreateRemoteThread', 'uintptr_t', [
  'uintptr_t',
  'uintptr_t',
  'size_t',
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
]);
const IsWow64Process = systemFunction('kernel32.dll', 'IsWow64Process', 'int32_t', ['uintptr_t', 'uintptr_t']);

const isWow64 = allocateOnce(4);

/** IsWow64Process: true for a 32-bit program, whose kernel32 is another one. */
export function isOf32Bits(process: Handle): boolean | Win32Failure {
  refuseZero(process, 'IsWow64Process');
  const { address, view } = isWow64();
  return IsWow64Process()(process, address) === 0 ? lastFailure('IsWow64Process') : view.getInt32(0, true) !== 0;
}

/** Runs kernel32's CtrlRoutine in the process, as its console does when its window is closed. */
export function sendCloseEvent(process: Handle): Win32Failure | undefined {
  refuseZero(process, 'CreateRemoteThread');
  const routine = kernel32Address('CtrlRoutine');
  if (typeof routine !== 'number') return routine;
  const thread = toHandle(CreateRemoteThread()(process, 0, 0, routine, CTRL_CLOSE_EVENT, 0, 0));
  if (thread === undefined) return lastFailure('CreateRemoteThread');
  return closeHandle(thread);
}
