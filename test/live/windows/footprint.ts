import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { allocate } from '#core/ffi.js';
import { queryOwnProcess, querySystem } from '#core/windows/call/process.js';

const ProcessVmCounters = 3;
const SystemProcessInformation = 5;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;
const own = allocate(96);
const answer = allocate(4 << 20);

/** What this process has. */
export interface Footprint {
  handles: number;
  privateBytes: number;
}

export function footprint(): Footprint {
  collectGarbage();
  collectGarbage();
  assert.equal(queryOwnProcess(ProcessVmCounters, own), 0);
  return { handles: ownHandleCount(), privateBytes: Number(own.view.getBigUint64(88, true)) };
}

/** HandleCount of our own SystemProcessInformation entry: GetProcessHandleCount is a stub on Wine. */
function ownHandleCount(): number {
  assert.equal(querySystem(SystemProcessInformation, answer).status, 0);
  for (let at = 0; ; at += answer.view.getUint32(at, true)) {
    if (answer.view.getUint32(at + 80, true) === process.pid) return answer.view.getUint32(at + 96, true);
    if (answer.view.getUint32(at, true) === 0) throw new Error('we are not in the list of processes');
  }
}
