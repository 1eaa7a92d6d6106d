import type { NativeMemory } from '../../ffi.ts';
import { allocateOnce } from '../../ffi.ts';
import { INVALID_HANDLE_VALUE } from '../abi/completion-port.ts';
import { WAIT_TIMEOUT } from '../abi/status.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { lastFailure, refuseZero, toHandle } from './handle.ts';
import { systemFunction } from './system-library.ts';

const CreateIoCompletionPort = systemFunction('kernel32.dll', 'CreateIoCompletionPort', 'uintptr_t', [
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
]);
const GetQueuedCompletionStatusEx = systemFunction('kernel32.dll', 'GetQueuedCompletionStatusEx', 'int32_t', [
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
  'uint32_t',
  'int32_t',
]);

const removed = allocateOnce(4);

/** CreateIoCompletionPort: a port of its own, with no file, for one thread at a time. */
export function createCompletionPort(): Handle | Win32Failure {
  return toHandle(CreateIoCompletionPort()(INVALID_HANDLE_VALUE, 0, 0, 1)) ?? lastFailure('CreateIoCompletionPort');
}

/** GetQueuedCompletionStatusEx without waiting. How many of `most` entries were written to `into`; 0 when none waits. */
export function takeCompletions(port: Handle, into: NativeMemory, most: number): number | Win32Failure {
  refuseZero(port, 'GetQueuedCompletionStatusEx');
  const count = removed();
  count.view.setUint32(0, 0, true);
  if (GetQueuedCompletionStatusEx()(port, into.address, most, count.address, 0, 0) !== 0) {
    return count.view.getUint32(0, true);
  }
  const failure = lastFailure('GetQueuedCompletionStatusEx');
  return failure.error === WAIT_TIMEOUT ? 0 : failure;
}
