import type { Address, NativeMemory } from '../../ffi.ts';
import { allocate } from '../../ffi.ts';

/** Bytes that are enough for any name of ours. */
const usualSize = 512;
let names: NativeMemory | undefined;

/** A name as UTF-16 with a terminator, for one call: the next name is written to the same place. */
export function wideName(text: string): Address {
  const memory = roomFor(wideSize(text));
  writeWideText(memory, 0, text);
  return memory.address;
}

/** The same in bytes, for the few functions that take nothing else. */
export function narrowName(text: string): Address {
  const memory = roomFor(text.length + 1);
  memory.bytes.set(Buffer.from(`${text}\0`, 'latin1'));
  return memory.address;
}

/** Bytes that the text takes with its terminator. */
export function wideSize(text: string): number {
  return 2 * (text.length + 1);
}

/** Writes the text with its terminator; lone surrogates stay what they are. */
export function writeWideText({ view }: NativeMemory, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) view.setUint16(offset + 2 * i, text.charCodeAt(i), true);
  view.setUint16(offset + 2 * text.length, 0, true);
}

function roomFor(size: number): NativeMemory {
  if (names === undefined || names.size < size) names = allocate(Math.max(size, usualSize));
  return names;
}
