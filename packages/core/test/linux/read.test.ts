import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { codeOfErrno, errnoOf } from '../../dist/errno.js';
import { NativeError } from '../../dist/errors.js';
import { systemError } from '../../dist/linux/errors.js';
import { loadNativeFiles } from '../../dist/linux/native.js';
import { KernelFile, readAtOnce, readWhole, scratchBytes } from '../../dist/linux/read.js';
import { makeTree } from './tree.ts';

const textOf = (length: number) => Buffer.from(scratchBytes().subarray(0, length)).toString('latin1');

/** On Windows libuv has numbers of its own. */
const enoent = process.platform === 'win32' ? 4058 : 2;

/** So often does a program read before the C library's own calls are worth loading. */
const often = 40_000;

function behaves(): void {
  it('is read from its beginning each time', () => {
    using tree = makeTree({ figure: 'first\n' });
    const file = new KernelFile(`${tree.root}/figure`);
    assert.equal(textOf(file.read()), 'first\n');
    tree.write('figure', 'second one\n');
    assert.equal(textOf(file.read()), 'second one\n');
    tree.write('figure', '');
    assert.equal(file.read(), 0);
    file.close();
    file.close();
  });
  it('may have any name', () => {
    using tree = makeTree({ größe: '1\n', ['x'.repeat(250)]: '2\n' });
    assert.equal(textOf(readAtOnce(`${tree.root}/größe`)), '1\n');
    assert.equal(textOf(readAtOnce(`${tree.root}/${'x'.repeat(250)}`)), '2\n');
    assert.throws(() => readAtOnce(`${tree.root}/größe\0`), { code: 'ERR_INVALID_ARG_VALUE' });
  });
  it('that cannot be read says why', () => {
    using tree = makeTree({ 'folder/file': '' });
    const file = new KernelFile(`${tree.root}/folder/file`);
    file.close();
    assert.throws(() => file.read(), { code: 'ERR_OUT_OF_RANGE' });
    if (process.platform === 'win32') return;
    const folder = new KernelFile(`${tree.root}/folder`);
    assert.throws(() => folder.read(), { code: 'ERR_SERVICE', message: /EISDIR/ });
    folder.close();
  });
  it('of any length is read whole, kept or not', () => {
    for (const size of [65535, 65536, 65537, 300_000]) {
      // Told apart wherever it is cut: no two places have the same text.
      const text = `${Array.from({ length: size / 5 + 1 }, (_, index) => 10_000 + index)
        .join('')
        .slice(0, size - 1)}\n`;
      using tree = makeTree({ figure: text });
      const file = new KernelFile(`${tree.root}/figure`);
      assert.ok(textOf(file.read()) === text, `kept, ${size}`);
      file.close();
      assert.ok(textOf(readWhole(`${tree.root}/figure`)) === text, `once, ${size}`);
    }
  });
  it('that is longer than any kernel file is refused', () => {
    using tree = makeTree({ figure: 'x'.repeat(16 * 1024 * 1024 + 1) });
    assert.throws(() => readWhole(`${tree.root}/figure`), {
      code: 'ERR_UNSUPPORTED',
      message: /longer than 16777216 bytes/,
    });
  });
  it('that is not there is ERR_NOT_FOUND, with what the system said', () => {
    using tree = makeTree({});
    const path = `${tree.root}/none`;
    for (const open of [() => new KernelFile(path), () => readWhole(path)]) {
      assert.throws(open, (error: Error & { code?: string; subject?: string }) => {
        assert.deepEqual([error.code, error.subject], ['ERR_NOT_FOUND', path]);
        assert.ok(error.cause instanceof NativeError);
        const { kind, status, api } = error.cause;
        assert.deepEqual([kind, status, api], ['errno', enoent, `open ${path}`]);
        return true;
      });
    }
  });
}

describe('a kernel file', behaves);

describe('a kernel file, after many others', () => {
  before(() => {
    using tree = makeTree({ figure: '12345\n' });
    const file = new KernelFile(`${tree.root}/figure`);
    for (let i = 0; i < often; i += 1) assert.equal(file.read(), 6);
    file.close();
  });
  behaves();
});

describe('the calls of the C library', () => {
  const native = loadNativeFiles();
  it('are there on Linux, on x64 and arm64', () => {
    const wanted = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
    assert.equal(native !== undefined, wanted);
  });
  it('are not there in a worker thread', async () => {
    const url = JSON.stringify(new URL('../../dist/linux/native.js', import.meta.url).href);
    const code = `import(${url}).then(({ loadNativeFiles }) => process.exit(loadNativeFiles() === undefined ? 0 : 1))`;
    const [status] = await once(new Worker(code, { eval: true }), 'exit');
    assert.equal(status, 0);
  });
  it('read a file from its beginning, and are -1 where they fail', { skip: native === undefined && 'not here' }, () => {
    assert.ok(native !== undefined);
    using tree = makeTree({ figure: 'one\n' });
    const bytes = Buffer.alloc(64);
    native.readInto(bytes);
    const fd = native.open(`${tree.root}/figure`);
    for (let i = 0; i < 2; i += 1) assert.equal(bytes.toString('latin1', 0, native.pread(fd, 0)), 'one\n');
    bytes.fill(0);
    assert.equal(native.pread(fd, 2), 2);
    assert.equal(bytes.toString('latin1', 0, 4), '\0\0e\n', 'from a position on into the same position');
    native.close(fd);
    assert.deepEqual([native.pread(fd, 0), native.open(`${tree.root}/none`)], [-1, -1]);
  });
});

describe('errno', () => {
  it('has one meaning each', () => {
    const meanings = {
      ENOENT: 'ERR_NOT_FOUND',
      ENODEV: 'ERR_NOT_FOUND',
      ESRCH: 'ERR_NOT_FOUND',
      EACCES: 'ERR_ACCESS_DENIED',
      EPERM: 'ERR_ACCESS_DENIED',
      EOPNOTSUPP: 'ERR_UNSUPPORTED',
      EEXIST: 'ERR_ALREADY_EXISTS',
      EMFILE: 'ERR_SERVICE',
    };
    for (const [symbol, code] of Object.entries(meanings)) assert.equal(codeOfErrno(symbol), code, symbol);
  });
  it('is known from system errors alone', () => {
    assert.equal(errnoOf(Object.assign(new Error('x'), { code: 'ENODEV' })), 'ENODEV');
    for (const other of [undefined, null, 'ENOENT', new Error('x'), Object.assign(new Error('x'), { code: 'ERR_X' })]) {
      assert.equal(errnoOf(other), undefined);
    }
    const bug = new TypeError('a bug');
    assert.equal(systemError(bug, 'read', 'x'), bug);
  });
});
