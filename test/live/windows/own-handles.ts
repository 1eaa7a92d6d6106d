import assert from 'node:assert/strict';
import { allocate } from '#core/ffi.js';
import { querySystem } from '#core/windows/call/process.js';

export interface OwnHandle {
  handle: number;
  access: number;
  attributes: number;
}

/** Our own handles as the kernel has them: SystemExtendedHandleInformation, entries of 40 bytes behind 16. */
export function ownHandles(): Map<number, OwnHandle> {
  let answer = allocate(1 << 20);
  for (;;) {
    const { status, needed } = querySystem(64, answer);
    if (status === 0) break;
    assert.equal(status, 0xc0000004);
    answer = allocate(Math.max(needed, answer.size) * 2);
  }
  const { view } = answer;
  const handles = new Map<number, OwnHandle>();
  for (let i = 0; i < view.getUint32(0, true); i++) {
    const at = 16 + 40 * i;
    if (view.getUint32(at + 8, true) !== process.pid) continue;
    const handle = view.getUint32(at + 16, true);
    handles.set(handle, { handle, access: view.getUint32(at + 24, true), attributes: view.getUint32(at + 32, true) });
  }
  return handles;
}
