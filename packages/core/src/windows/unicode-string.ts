import { UNICODE_STRING } from './abi/object.ts';
import type { NativeMemory } from './call/memory.ts';

/** The text of the UNICODE_STRING at `offset`, whose characters stand in the same memory; undefined if they do not. */
export function parseUnicodeString(memory: NativeMemory, offset: number): string | undefined {
  const length = memory.view.getUint16(offset + UNICODE_STRING.Length, true);
  if (length === 0) return '';
  const start = Number(memory.view.getBigUint64(offset + UNICODE_STRING.Buffer, true)) - memory.address;
  if (start < 0 || start + length > memory.size) return undefined;
  const { buffer, byteOffset } = memory.bytes;
  return Buffer.from(buffer, byteOffset + start, length).toString('utf16le');
}
