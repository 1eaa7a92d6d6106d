import type { Win32Failure } from './handle.ts';
import { lastFailure } from './handle.ts';
import { systemFunction } from './system-library.ts';
import { narrowName, wideName } from './wide-text.ts';

const GetModuleHandleW = systemFunction('kernel32.dll', 'GetModuleHandleW', 'uintptr_t', ['uintptr_t']);
const GetProcAddress = systemFunction('kernel32.dll', 'GetProcAddress', 'uintptr_t', ['uintptr_t', 'uintptr_t']);

/** GetProcAddress: where a function of kernel32 stands, in this process as in every other one of the same machine type. */
export function kernel32Address(name: string): number | Win32Failure {
  const module = GetModuleHandleW()(wideName('kernel32.dll'));
  const address = GetProcAddress()(module, narrowName(name)) as number;
  return address === 0 ? lastFailure('GetProcAddress') : address;
}
