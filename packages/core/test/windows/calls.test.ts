import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { allocate, allocateOnce, loadLibrary } from '../../dist/ffi.js';
import { takeCompletions } from '../../dist/windows/call/completion-port.js';
import type { Handle } from '../../dist/windows/call/handle.js';
import { closeHandle, refuseZero, toHandle } from '../../dist/windows/call/handle.js';
import {
  assignProcess,
  isProcessInJob,
  queryJob,
  queryJobList,
  setJob,
  terminateJob,
} from '../../dist/windows/call/job.js';
import { succeeded } from '../../dist/windows/call/nt-status.js';
import { queryDirectoryEntry, querySecurity } from '../../dist/windows/call/object.js';
import { queryProcess, queryProcessText } from '../../dist/windows/call/process.js';
import { ntFunction, systemFunction } from '../../dist/windows/call/system-library.js';

const zero = 0 as Handle;
const one = 1 as Handle;

test('handle 0 is refused by every call that takes one', () => {
  const memory = allocate(16);
  const calls: [string, () => unknown][] = [
    ['queryJob', () => queryJob(zero, 1, memory)],
    ['queryJobList', () => queryJobList(zero, 3, memory)],
    ['setJob', () => setJob(zero, 9, memory)],
    ['assignProcess', () => assignProcess(zero, one)],
    ['assignProcess', () => assignProcess(one, zero)],
    ['terminateJob', () => terminateJob(zero, 1)],
    ['isProcessInJob', () => isProcessInJob(zero, one)],
    ['isProcessInJob', () => isProcessInJob(one, zero)],
    ['queryProcess', () => queryProcess(zero, 3, memory)],
    ['queryProcessText', () => queryProcessText(zero, 27, memory)],
    ['queryDirectoryEntry', () => queryDirectoryEntry(zero, memory, true)],
    ['querySecurity', () => querySecurity(zero, 1, memory)],
    ['takeCompletions', () => takeCompletions(zero, memory, 1)],
    ['closeHandle', () => closeHandle(zero)],
  ];
  for (const [name, call] of calls) assert.throws(call, { code: 'ERR_INVALID_ARGUMENT' }, name);
  assert.throws(() => refuseZero(-1 as Handle, 'x'), { code: 'ERR_INVALID_ARGUMENT' });
});

test('0 and INVALID_HANDLE_VALUE are no handles', () => {
  assert.equal(toHandle(0), undefined);
  assert.equal(toHandle(0xffff_ffff_ffff_ffffn), undefined);
  assert.equal(toHandle(-1), undefined);
  assert.equal(toHandle(0x124), 0x124);
});

test('an NTSTATUS succeeds when it is not negative', () => {
  for (const status of [0, 0x105, 0x40000000, 0x7fffffff]) assert.equal(succeeded(status), true, status.toString(16));
  for (const status of [0x80000005, 0xc0000022, 0xffffffff])
    assert.equal(succeeded(status), false, status.toString(16));
});

test('a function of ntdll is padded to 5 parameters', () => {
  assert.throws(() => ntFunction('NtClose', ['uintptr_t']), TypeError);
});

test('where there is no Windows, a call says so', { skip: process.platform === 'win32' && 'this is Windows' }, () => {
  const call = systemFunction('kernel32.dll', 'GetTickCount', 'uint32_t', []);
  assert.throws(() => call(), { code: 'ERR_UNSUPPORTED' });
});

test('memory is zeroed, aligned, of the asked size, and where it says', () => {
  for (const size of [4, 8, 72, 4096]) {
    const memory = allocate(size);
    assert.equal(memory.address % 16, 0);
    assert.equal(memory.bytes.length, size);
    assert.equal(memory.view.byteLength, size);
    assert.ok(memory.bytes.every((byte) => byte === 0));
  }
  const once = allocateOnce(8);
  assert.equal(once(), once());
});

test('a function writes where the memory says it is', () => {
  const c = loadLibrary(process.platform === 'win32' ? 'ucrtbase.dll' : null);
  const memory = allocate(16);
  c.declare('memset', 'uintptr_t', ['uintptr_t', 'int32_t', 'size_t'])(memory.address + 4, 7, 8);
  assert.deepEqual([...memory.bytes], [0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0]);
});

test('a library or function that is missing is ERR_UNSUPPORTED', () => {
  assert.throws(() => loadLibrary('/no/such/library.so'), { code: 'ERR_UNSUPPORTED' });
  const self = loadLibrary(null);
  assert.throws(() => self.declare('no_such_function', 'void', []), { code: 'ERR_UNSUPPORTED' });
});

test('importing silostat loads no koffi', async () => {
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const ffi = new URL('../../dist/ffi.js', import.meta.url).href;
  const script = `
    import { createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('koffi'));
    await import(${JSON.stringify(index)});
    const before = loaded();
    (await import(${JSON.stringify(ffi)})).allocate(8);
    console.log(before, loaded());`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(stdout.trim(), 'false true');
});
