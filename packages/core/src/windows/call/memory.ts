/** Memory for the answers of the calls beside this file. */
export type { NativeMemory } from '../../ffi.ts';
export { allocate, allocateOnce } from '../../ffi.ts';
