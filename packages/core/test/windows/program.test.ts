import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Environment } from '../../dist/windows/job-container/environment.js';
import type { Found } from '../../dist/windows/job-container/program.js';
import { findProgram } from '../../dist/windows/job-container/program.js';
import { stdioEntries } from '../../dist/windows/job-container/stdio.js';

const cwd = 'D:\\work';

function search(command: string, there: Record<string, Found>, env: Record<string, string>) {
  const looked: string[] = [];
  const look = (path: string): Found => {
    looked.push(path);
    return there[path.toLowerCase()];
  };
  const find = () => findProgram(command, cwd, new Environment(command, env, {}), look);
  return { find, looked };
}

const env = { Path: 'C:\\one;"C:\\two;three";;tools', PathExt: '.COM;.EXE;.BAT;.CMD;.VBS' };

test('a name is looked for in PATH with each extension of PATHEXT, and nowhere else', () => {
  const { find, looked } = search('npm', { 'c:\\two;three\\npm.cmd': 'file' }, env);
  assert.equal(find(), 'C:\\two;three\\npm.CMD');
  assert.deepEqual(looked, [
    ...['COM', 'EXE', 'BAT', 'CMD'].map((extension) => `C:\\one\\npm.${extension}`),
    ...['COM', 'EXE', 'BAT', 'CMD'].map((extension) => `C:\\two;three\\npm.${extension}`),
  ]);
});

test('what lies in the working directory is not found by its name alone', () => {
  for (const command of ['tool', 'tool.exe']) {
    const { find, looked } = search(command, { 'd:\\work\\tool.exe': 'file' }, env);
    assert.throws(find, { code: 'ERR_NOT_FOUND', subject: command, operation: 'run' });
    assert.ok(looked.includes('D:\\work\\tools\\tool.EXE') || looked.includes('D:\\work\\tools\\tool.exe'));
  }
  assert.equal(search('.\\tool', { 'd:\\work\\tool.exe': 'file' }, env).find(), 'D:\\work\\tool.EXE');
  assert.equal(search('tool', { 'd:\\work\\tool.exe': 'file' }, { PATH: '.' }).find(), 'D:\\work\\tool.EXE');
});

test('a name with an extension is first looked for as it is; one without never is', () => {
  const both = { 'c:\\one\\x.y': 'file', 'c:\\one\\x.y.exe': 'file', 'c:\\one\\npm': 'file' } as const;
  assert.equal(search('x.y', both, env).find(), 'C:\\one\\x.y');
  assert.throws(search('npm', both, env).find, { code: 'ERR_NOT_FOUND' });
});

test('the order of PATHEXT counts, and of it only what Windows can start', () => {
  const both = { 'c:\\one\\x.exe': 'file', 'c:\\one\\x.cmd': 'file', 'c:\\one\\x.vbs': 'file' } as const;
  assert.equal(search('x', both, { PATH: 'C:\\one', PATHEXT: '.VBS;.CMD;.EXE' }).find(), 'C:\\one\\x.CMD');
  assert.equal(search('x', both, { PATH: 'C:\\one' }).find(), 'C:\\one\\x.EXE');
});

test('a directory, an empty name, a stream of a file are no programs', () => {
  const there = { 'c:\\one\\x.exe': 'directory', 'd:\\work\\a.txt:b.exe': 'file' } as const;
  assert.throws(search('x', there, env).find, { code: 'ERR_ACCESS_DENIED', operation: 'run' });
  for (const command of ['', '.\\a.txt:b.exe']) {
    assert.throws(search(command, there, env).find, { code: 'ERR_INVALID_ARGUMENT', subject: command });
  }
  assert.throws(search('D:\\none\\x', there, env).find, { code: 'ERR_NOT_FOUND', reason: 'there is no such file' });
});

test('an environment has each name once, whatever its case, and what every program needs', () => {
  const own = { SYSTEMROOT: 'C:\\Windows', PATH: 'C:\\own' };
  const environment = new Environment('x', { Path: 'b', PATH: 'a', z: '', _: '1', UNSET: undefined }, own);
  assert.equal(environment.toBlock(), 'PATH=a\0SYSTEMROOT=C:\\Windows\0Z=\0_=1\0'.replace('Z=', 'z='));
  assert.equal(environment.get('path'), 'a');
  for (const bad of [{ a: 'b\0c' }, { 'a\0b': 'c' }, { '': 'c' }]) {
    assert.throws(() => new Environment('x', bad, {}), { code: 'ERR_INVALID_ARGUMENT', subject: 'x' });
  }
});

test('stdio is written out; what a process of a job cannot have is said', () => {
  assert.deepEqual(stdioEntries('x', undefined), ['pipe', 'pipe', 'pipe']);
  assert.deepEqual(stdioEntries('x', 'ignore'), ['ignore', 'ignore', 'ignore']);
  assert.deepEqual(stdioEntries('x', ['ignore', 7, process.stderr]), [
    'ignore',
    { descriptor: 7, inherited: false },
    { descriptor: 2, inherited: false },
  ]);
  assert.deepEqual(stdioEntries('x', 'inherit')[1], { descriptor: 1, inherited: true });
  assert.throws(() => stdioEntries('x', ['pipe', 'pipe', 'pipe', 'pipe']), { code: 'ERR_UNSUPPORTED' });
  assert.throws(() => stdioEntries('x', ['pipe', 'pipe', 'ipc']), { code: 'ERR_UNSUPPORTED' });
  assert.throws(() => stdioEntries('x', ['pipe', 'pipe', 'wrong' as 'pipe']), { code: 'ERR_INVALID_ARGUMENT' });
});
