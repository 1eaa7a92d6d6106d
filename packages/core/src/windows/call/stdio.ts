import type { NativeFunction } from '../../ffi.ts';
import { allocateOnce, loadLibrary } from '../../ffi.ts';
import * as abi from '../abi/pipe.ts';
import { SECURITY_ATTRIBUTES } from '../abi/process-creation.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { lastFailure, refuseZero, toHandle } from './handle.ts';
import { systemFunction } from './system-library.ts';
import { wideName } from './wide-text.ts';

const CreateNamedPipeW = systemFunction('kernel32.dll', 'CreateNamedPipeW', 'uintptr_t', [
  'uintptr_t',
  'uint32_t',
  'uint32_t',
  'uint32_t',
  'uint32_t',
  'uint32_t',
  'uint32_t',
  'uintptr_t',
]);
const GetNamedPipeClientProcessId = systemFunction('kernel32.dll', 'GetNamedPipeClientProcessId', 'int32_t', [
  'uintptr_t',
  'uintptr_t',
]);
const CreateFileW = systemFunction('kernel32.dll', 'CreateFileW', 'uintptr_t', [
  'uintptr_t',
  'uint32_t',
  'uint32_t',
  'uintptr_t',
  'uint32_t',
  'uint32_t',
  'uintptr_t',
]);
const DuplicateHandle = systemFunction('kernel32.dll', 'DuplicateHandle', 'int32_t', [
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
  'int32_t',
  'uint32_t',
]);

/** The pseudo-handle of GetCurrentProcess. */
const currentProcess = -1;
const nullDevice = '\\\\.\\NUL';
const bufferBytes = 65536;
const out = allocateOnce(8);
const inheritable = allocateOnce(SECURITY_ATTRIBUTES.size);

export interface PipeOptions {
  /** `\\.\pipe\...` that nobody has yet. */
  readonly path: string;
  /** PIPE_ACCESS_INBOUND or PIPE_ACCESS_OUTBOUND, as the server sees it. */
  readonly access: number;
  readonly overlapped?: boolean;
  readonly inherit: boolean;
}

/** CreateNamedPipeW: a pipe of bytes for one client of this machine. */
export function createPipe({ path, access, overlapped = false, inherit }: PipeOptions): Handle | Win32Failure {
  const mode = access | abi.FILE_FLAG_FIRST_PIPE_INSTANCE | (overlapped ? abi.FILE_FLAG_OVERLAPPED : 0);
  const security = inherit ? inheritableAttributes() : 0;
  const pipe = CreateNamedPipeW()(
    ...[wideName(path), mode, abi.PIPE_REJECT_REMOTE_CLIENTS, 1],
    ...[bufferBytes, bufferBytes, 0, security],
  );
  return toHandle(pipe) ?? lastFailure('CreateNamedPipeW');
}

/** GetNamedPipeClientProcessId: who is at the other end of a pipe. */
export function clientOfPipe(pipe: Handle): number | Win32Failure {
  refuseZero(pipe, 'GetNamedPipeClientProcessId');
  const { address, view } = out();
  if (GetNamedPipeClientProcessId()(pipe, address) === 0) return lastFailure('GetNamedPipeClientProcessId');
  return view.getUint32(0, true);
}

/** The null device, inheritable, to read from or to write to. */
export function openNullDevice(access: 'read' | 'write'): Handle | Win32Failure {
  const rights = access === 'read' ? abi.GENERIC_READ : abi.GENERIC_WRITE;
  const share = abi.FILE_SHARE_READ | abi.FILE_SHARE_WRITE;
  const file = CreateFileW()(wideName(nullDevice), rights, share, inheritableAttributes(), abi.OPEN_EXISTING, 0, 0);
  return toHandle(file) ?? lastFailure('CreateFileW');
}

/** An inheritable handle of its own to the same object, with the same rights. */
export function duplicateInheritable(handle: Handle): Handle | Win32Failure {
  refuseZero(handle, 'DuplicateHandle');
  const { address, view } = out();
  view.setBigUint64(0, 0n, true);
  if (DuplicateHandle()(currentProcess, handle, currentProcess, address, 0, 1, abi.DUPLICATE_SAME_ACCESS) === 0) {
    return lastFailure('DuplicateHandle');
  }
  return toHandle(Number(view.getBigUint64(0, true))) ?? lastFailure('DuplicateHandle');
}

let osHandle: NativeFunction | undefined;

/** uv_get_osfhandle of node.exe: the handle behind a descriptor of node:fs; it stays the descriptor's. */
export function handleOfDescriptor(descriptor: number): Handle | undefined {
  osHandle ??= loadLibrary(null).declare('uv_get_osfhandle', 'uintptr_t', ['int32_t']);
  const handle = osHandle(descriptor);
  // -2 stands for a standard stream that there is none of.
  return typeof handle === 'number' ? toHandle(handle) : undefined;
}

function inheritableAttributes(): number {
  const { view, address } = inheritable();
  view.setUint32(SECURITY_ATTRIBUTES.nLength, SECURITY_ATTRIBUTES.size, true);
  view.setUint32(SECURITY_ATTRIBUTES.bInheritHandle, 1, true);
  return address;
}
