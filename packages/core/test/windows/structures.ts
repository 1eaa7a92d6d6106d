/** Byte patterns of Windows structures for tests: every member gets a value of its own. */

export function viewOf(size: number): DataView {
  return new DataView(new ArrayBuffer(size));
}

/** A view whose 64-bit words hold 1000001, 1000002, ... so that a reading at a wrong offset shows. */
export function numberedWords(size: number): DataView {
  const view = viewOf(size);
  for (let at = 0; at + 8 <= size; at += 8) view.setBigUint64(at, BigInt(1_000_001 + at / 8), true);
  return view;
}

export function wordAt(offset: number): number {
  return 1_000_001 + offset / 8;
}
