import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOfErrno, errnoOf } from '../../dist/errno.js';
import { NativeError } from '../../dist/errors.js';
import { systemError } from '../../dist/linux/errors.js';
import { KernelFile, readWhole, scratchBytes } from '../../dist/linux/read.js';
import { makeTree } from './tree.ts';

const textOf = (length: number) => Buffer.from(scratchBytes().subarray(0, length)).toString('latin1');

/** On Windows libuv has numbers of its own. */
const enoent = process.platform === 'win32' ? 4058 : 2;

describe('a kernel file', () => {
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
  it('of any length is read whole, kept or not', () => {
    for (const size of [65535, 65536, 65537, 300_000]) {
      const text = `${'x'.repeat(size - 1)}\n`;
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
