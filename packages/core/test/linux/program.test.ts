import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commandLineOf, findProgram } from '../../dist/linux/job-container/program.js';

describe('findProgram', { skip: process.platform === 'win32' ? 'POSIX paths and run bits' : false }, () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'silostat-program-'));
    for (const [path, mode] of [
      ['a/tool', 0o644],
      ['b/tool', 0o755],
      ['b/locked', 0o600],
      ['here', 0o755],
    ] as const) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), '#!/bin/sh\n');
      chmodSync(join(root, path), mode);
    }
    mkdirSync(join(root, 'b/folder'));
  });
  after(() => rmSync(root, { recursive: true }));

  const find = (command: string, PATH: string | undefined = `${root}/a:${root}/none:${root}/b`, args: string[] = []) =>
    findProgram({ command, args }, { cwd: root, env: PATH === '-' ? {} : { PATH } });

  it('takes the first in PATH that may be executed', () => {
    assert.equal(find('tool'), `${root}/b/tool`);
  });

  it('looks in the working directory where PATH says so, or the command is a path', () => {
    assert.equal(find('here', `${root}/a:`), `${root}/here`);
    assert.equal(find('tool', 'b'), `${root}/b/tool`);
    assert.equal(find('./here'), `${root}/here`);
    assert.equal(find('b/tool'), `${root}/b/tool`);
    assert.equal(findProgram({ command: './here', args: [] }, { cwd: pathToFileURL(root) }), `${root}/here`);
  });

  it("uses the child's PATH, not ours, and the system's where it has none", () => {
    assert.throws(() => find('sh', `${root}/a`), { code: 'ERR_NOT_FOUND' });
    assert.match(find('sh', '-'), /\/bin\/sh$/);
  });

  it('tells what is not there from what may not be executed', () => {
    for (const command of ['none', './none', `${root}/none/none`, 'here/none']) {
      assert.throws(() => find(command), { code: 'ERR_NOT_FOUND' }, command);
    }
    for (const command of ['locked', 'folder', './a/tool', './b']) {
      assert.throws(() => find(command), { code: 'ERR_ACCESS_DENIED' }, command);
    }
  });

  it('refuses what no process can be given', () => {
    for (const [command, args] of [
      ['', []],
      ['a\0b', []],
      ['tool', ['a\0b']],
    ] as const) {
      assert.throws(() => find(command, undefined, [...args]), { code: 'ERR_INVALID_ARGUMENT' });
    }
    assert.throws(() => findProgram({ command: 'sh', args: [] }, { cwd: `${root}/none` }), {
      code: 'ERR_INVALID_ARGUMENT',
    });
  });
});

describe('commandLineOf', () => {
  it('leaves a command as it is', () => {
    assert.deepEqual(commandLineOf('a b', ['c'], {}), { command: 'a b', args: ['c'] });
    assert.deepEqual(commandLineOf('a', [], { shell: false }), { command: 'a', args: [] });
  });

  it('writes out what `shell` stands for, as Node does', () => {
    assert.deepEqual(commandLineOf('echo $1', ['x'], { shell: true }), {
      command: '/bin/sh',
      args: ['-c', 'echo $1 x'],
    });
    assert.equal(commandLineOf('x', [], { shell: '/bin/bash' }).command, '/bin/bash');
  });
});
