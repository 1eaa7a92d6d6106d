import { allocateOnce } from '../../ffi.ts';
import type { Win32Failure } from './handle.ts';
import { lastFailure } from './handle.ts';
import { systemFunction } from './system-library.ts';
import { wideName } from './wide-text.ts';

const ConvertStringSecurityDescriptorToSecurityDescriptorW = systemFunction(
  'advapi32.dll',
  'ConvertStringSecurityDescriptorToSecurityDescriptorW',
  'int32_t',
  ['uintptr_t', 'uint32_t', 'uintptr_t', 'uintptr_t'],
);
const LocalFree = systemFunction('kernel32.dll', 'LocalFree', 'uintptr_t', ['uintptr_t']);

const SDDL_REVISION_1 = 1;
const out = allocateOnce(8);

/** Calls `use` with the address of the security descriptor that an SDDL text stands for. */
export function withSecurityDescriptor<T>(sddl: string, use: (address: number) => T): T | Win32Failure {
  const { address, view } = out();
  const api = 'ConvertStringSecurityDescriptorToSecurityDescriptorW';
  const converted = ConvertStringSecurityDescriptorToSecurityDescriptorW()(wideName(sddl), SDDL_REVISION_1, address, 0);
  if (converted === 0) return lastFailure(api);
  const descriptor = Number(view.getBigUint64(0, true));
  try {
    return use(descriptor);
  } finally {
    LocalFree()(descriptor);
  }
}
