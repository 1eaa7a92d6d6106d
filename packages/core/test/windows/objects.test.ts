import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NativeMemory } from '../../dist/ffi.js';
import { parseReference } from '../../dist/reference.js';
import { parsePackets } from '../../dist/windows/completion-port.js';
import { codeOfNtStatus, codeOfWin32, ntError, win32Error } from '../../dist/windows/errors.js';
import { lastComponent } from '../../dist/windows/image-name.js';
import { select } from '../../dist/windows/known-system.js';
import { isVerified, namedJobAt } from '../../dist/windows/named-jobs.js';
import { parseDirectoryEntry } from '../../dist/windows/object-directory.js';
import { checkContainerId, jobPath } from '../../dist/windows/object-name.js';
import { parseOwner } from '../../dist/windows/object-owner.js';
import { Silo } from '../../dist/windows/silo.js';
import { parseSilo } from '../../dist/windows/silo-information.js';
import { viewOf } from './structures.js';

const address = 0x7ff0_1234_0000;

function memoryOf(size: number): NativeMemory {
  const bytes = new Uint8Array(size);
  return { address: address as NativeMemory['address'], size, bytes, view: new DataView(bytes.buffer) };
}

function writeText(memory: NativeMemory, at: number, text: string, offset: number, base = address): void {
  memory.view.setUint16(at, 2 * text.length, true);
  memory.view.setUint16(at + 2, 2 * text.length + 2, true);
  memory.view.setBigUint64(at + 8, BigInt(base + offset), true);
  for (let i = 0; i < text.length; i++) memory.view.setUint16(offset + 2 * i, text.charCodeAt(i), true);
}

test('an entry of an object directory has a name and a type', () => {
  const memory = memoryOf(128);
  writeText(memory, 0, 'Container_ü', 32);
  writeText(memory, 16, 'Job', 64);
  assert.deepEqual(parseDirectoryEntry(memory), { name: 'Container_ü', type: 'Job' });
});

test('a text outside the answer is not read', () => {
  const memory = memoryOf(128);
  writeText(memory, 0, 'Container_x', 32);
  writeText(memory, 16, 'Job', 64, address + 4096);
  assert.equal(parseDirectoryEntry(memory), undefined);
  writeText(memory, 16, 'Job', 64, address - 4096);
  assert.equal(parseDirectoryEntry(memory), undefined);
});

test('the image name is the last component', () => {
  assert.equal(lastComponent('\\Device\\HarddiskVolume3\\Windows\\System32\\cmd.exe'), 'cmd.exe');
  assert.equal(lastComponent('Registry'), 'Registry');
  assert.equal(lastComponent(''), undefined);
  assert.equal(lastComponent(undefined), undefined);
});

function descriptorOf(subAuthorities: readonly number[]): DataView {
  const view = viewOf(20 + 8 + 4 * subAuthorities.length);
  view.setUint32(4, 20, true);
  view.setUint8(20, 1);
  view.setUint8(21, subAuthorities.length);
  view.setUint8(27, 5);
  subAuthorities.forEach((value, i) => {
    view.setUint32(28 + 4 * i, value, true);
  });
  return view;
}

test('the owner of a security descriptor is its SID', () => {
  assert.equal(parseOwner(descriptorOf([18])), 'S-1-5-18');
  assert.equal(parseOwner(descriptorOf([32, 544])), 'S-1-5-32-544');
  assert.equal(parseOwner(descriptorOf([21, 4_000_000_000, 2, 3, 1001])), 'S-1-5-21-4000000000-2-3-1001');
});

test('a security descriptor without an owner, or with one outside it, has none', () => {
  const none = descriptorOf([18]);
  none.setUint32(4, 0, true);
  assert.equal(parseOwner(none), undefined);
  const outside = descriptorOf([18]);
  outside.setUint8(21, 2);
  assert.equal(parseOwner(outside), undefined);
});

test('packets of a completion port are told apart', () => {
  const view = viewOf(64);
  [6, 4].forEach((message, i) => {
    view.setBigUint64(32 * i, BigInt(11 + i), true);
    view.setBigUint64(32 * i + 8, BigInt(4000 + i), true);
    view.setUint32(32 * i + 24, message, true);
  });
  assert.deepEqual(parsePackets(view, 2), [
    { key: 11, message: 6, pid: 4000 },
    { key: 12, message: 4, pid: 4001 },
  ]);
});

test('basic information of a silo', () => {
  const view = viewOf(16);
  [5, 3, 12].forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  assert.deepEqual(parseSilo(view), { siloId: 5, parentId: 3, processCount: 12, isServerSilo: false });
  view.setUint8(12, 1);
  assert.equal(parseSilo(view).isServerSilo, true);
});

test('statuses are told by what they mean', () => {
  assert.equal(codeOfNtStatus(0xc0000034), 'ERR_NOT_FOUND');
  assert.equal(codeOfNtStatus(0xc0000035), 'ERR_ALREADY_EXISTS');
  assert.equal(codeOfNtStatus(0xc0000022), 'ERR_ACCESS_DENIED');
  assert.equal(codeOfNtStatus(0xc0000008), 'ERR_CLOSED');
  assert.equal(codeOfNtStatus(0xc0000004), 'ERR_PARSE');
  assert.equal(codeOfNtStatus(0xc000000d), 'ERR_UNSUPPORTED');
  assert.equal(codeOfNtStatus(0xc000009a), 'ERR_SERVICE');
  assert.equal(codeOfWin32(5), 'ERR_ACCESS_DENIED');
  assert.equal(codeOfWin32(6), 'ERR_CLOSED');
  assert.equal(codeOfWin32(8), 'ERR_SERVICE');
});

test('an error keeps what Windows answered', () => {
  const error = ntError('NtOpenJobObject', 0xc0000034, { operation: 'open job', subject: 'build' });
  assert.equal(error.code, 'ERR_NOT_FOUND');
  const { cause } = error as { cause?: { api?: string; kind?: string; status?: number } };
  assert.equal(cause?.kind, 'ntstatus');
  assert.equal(cause?.status, 0xc0000034);
  assert.match(error.message, /^cannot open job "build": .*STATUS_OBJECT_NAME_NOT_FOUND 0xC0000034/);
  const missing = win32Error({ api: 'OpenProcess', error: 87 }, { operation: 'assign', subject: 'x' });
  assert.equal(missing.code, 'ERR_NOT_FOUND');
});

test('an id that could mean something in an object path is refused', () => {
  for (const id of ['', '.', '..', '-x', 'a\\b', 'a/b', 'a b', 'a\0', 'ä', 'x'.repeat(129), '%', 'a\n']) {
    assert.throws(() => checkContainerId(id), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(id));
    assert.throws(() => Silo.path(id), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(id));
  }
  assert.equal(Silo.path('3f1c-A_b.c'), '\\Container_3f1c-A_b.c');
  assert.equal(Silo.path('x'.repeat(128)).length, '\\Container_'.length + 128);
});

test('whatever is accepted as an id stays one component of a path', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      let path: string;
      try {
        path = Silo.path(id);
      } catch (error) {
        return (error as { code?: string }).code === 'ERR_INVALID_ARGUMENT';
      }
      return path.split('\\').length === 2 && !path.includes('\0') && !path.includes('/');
    }),
  );
});

test('names of job objects become NT paths', () => {
  assert.equal(jobPath('\\Container_x'), '\\Container_x');
  assert.equal(jobPath('\\Sessions\\1\\BaseNamedObjects\\x'), '\\Sessions\\1\\BaseNamedObjects\\x');
  assert.equal(jobPath('Global\\x'), '\\BaseNamedObjects\\x');
  for (const name of ['', '\\', '\\a\\\\b', '\\a\\', 'Global\\', 'Global\\a\\b', 'a\0b']) {
    assert.throws(() => jobPath(name), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(name));
  }
  assert.equal(namedJobAt('\\BaseNamedObjects\\JobContainer_abc').id, 'abc');
  assert.equal(namedJobAt('\\Container_abc').id, 'abc');
  assert.equal(namedJobAt('\\BaseNamedObjects\\other').id, 'other');
});

test('an NT path is a path where object paths are taken, and nowhere else', () => {
  const objectPaths = { objectPaths: true };
  const path = '\\BaseNamedObjects\\JobContainer_x';
  assert.deepEqual(parseReference(path, objectPaths), { kind: 'path', path });
  for (const bad of ['\\', '\\a\\', '\\a\\\\b', '\\a\0', `\\${'x'.repeat(32_766)}`]) {
    assert.throws(() => parseReference(bad, objectPaths), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(bad));
  }
  assert.throws(() => parseReference(path), { code: 'ERR_INVALID_ARGUMENT' });
});

test('a hidden owner is no trusted one, but in the root, where only the system makes objects', () => {
  assert.equal(isVerified('\\BaseNamedObjects', undefined), false);
  assert.equal(isVerified('\\Sessions\\1\\BaseNamedObjects', undefined), false);
  assert.equal(isVerified('\\', undefined), undefined);
  for (const trusted of [true, false]) {
    assert.equal(isVerified('\\', trusted), trusted);
    assert.equal(isVerified('\\BaseNamedObjects', trusted), trusted);
  }
});

const job = (path: string, verified?: boolean) => {
  const named = { ...namedJobAt(path), verified };
  return { id: named.id, path, names: [], job: named };
};

test('a container is selected by id, then by name, then by prefix', () => {
  const jobs = [job('\\Container_abc'), job('\\Container_abcd'), job('\\BaseNamedObjects\\JobContainer_xyz1')];
  assert.equal(select('abc', jobs).path, '\\Container_abc');
  assert.equal(select('JobContainer_xyz1', jobs).id, 'xyz1');
  assert.equal(select('xyz', jobs).id, 'xyz1');
  assert.throws(() => select('xy', jobs), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => select('nope', jobs), { code: 'ERR_NOT_FOUND' });
  assert.throws(() => select('ab', jobs), { code: 'ERR_NOT_FOUND' });
  const two = [job('\\Container_abc1'), job('\\Container_abc2')];
  assert.throws(() => select('abc', two), { code: 'ERR_AMBIGUOUS', candidates: ['abc1', 'abc2'] });
});

test('a job that anybody made does not stand in the way of the container whose name it has', () => {
  const real = job('\\BaseNamedObjects\\JobContainer_abc', true);
  const planted = job('\\Sessions\\2\\BaseNamedObjects\\JobContainer_abc', false);
  assert.equal(select('abc', [planted, real]).path, real.path);
  assert.equal(select('abc', [planted]).path, planted.path);
});
