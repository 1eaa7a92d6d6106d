import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { itemsAt, textAt, textsAt } from '../../dist/engines/json-member.js';
import { StateFolder } from '../../dist/engines/state-folder.js';

const isWindows = process.platform === 'win32';
const needsPosix = isWindows ? 'no FIFOs, and links need rights, on Windows' : false;

describe('StateFolder', () => {
  let root: string;
  let folder: StateFolder;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'silostat-state-'));
    folder = new StateFolder(`${root}/engine`);
    mkdirSync(`${root}/engine/one`, { recursive: true });
    writeFileSync(`${root}/outside.json`, '{"secret": 1}');
    mkdirSync(`${root}/elsewhere`);
    writeFileSync(`${root}/elsewhere/state.json`, '{"secret": 2}');
  });
  after(() => rmSync(root, { recursive: true }));

  function write(name: string, content: string | Buffer): string {
    writeFileSync(`${root}/engine/one/${name}`, content);
    return `one/${name}`;
  }

  function reasonOf(relative: string, longest?: number): string {
    const file = folder.readJson(relative, longest);
    assert.ok(file.kind === 'unusable', `${relative}: ${file.kind}`);
    assert.ok(!/\p{Cc}/u.test(file.reason.message), 'one line without control characters');
    return file.reason.message;
  }

  it('reads a file and says whose it is', () => {
    const file = folder.readJson(write('good.json', '{"id": "x", "n": {"a": "b"}}'));
    assert.ok(file.kind === 'read');
    assert.deepEqual(file.json, { id: 'x', n: { a: 'b' } });
    assert.equal(file.uid, process.getuid?.() ?? 0);
  });

  it('tells a missing file from one that cannot be used', () => {
    assert.equal(folder.readJson('one/none.json').kind, 'missing');
    assert.equal(folder.readJson('none/none.json').kind, 'missing');
    assert.equal(new StateFolder(`${root}/none`).readJson('a/b.json').kind, 'missing');
    assert.equal(folder.readJson('../outside.json').kind, 'missing');
  });

  it('reads nothing that is larger than it should be, sparse or not', () => {
    const relative = write('large.json', '{}');
    truncateSync(`${root}/engine/${relative}`, isWindows ? 2 ** 21 : 10 * 2 ** 30);
    const before = process.memoryUsage().rss;
    assert.match(reasonOf(relative), /larger than 1048576 bytes/);
    assert.ok(process.memoryUsage().rss - before < 100 * 2 ** 20);
    assert.match(reasonOf(write('small.json', `"${'x'.repeat(100)}"`), 100), /larger than 100 bytes/);
  });

  it('takes deep nesting, and no other JSON than JSON', () => {
    const depth = 250_000;
    const deep = folder.readJson(write('deep.json', '['.repeat(depth) + ']'.repeat(depth)));
    assert.ok(deep.kind === 'read' && itemsAt(deep.json).length === 1);
    for (const text of ['', '{', '{"a": \u001b]0;x}', '['.repeat(1000), '\ufeff']) {
      assert.match(reasonOf(write('bad.json', text)), /no JSON/);
    }
  });

  it('refuses bad UTF-8', () => {
    assert.match(reasonOf(write('utf8.json', Buffer.from([0x22, 0xc3, 0x28, 0xff, 0x22]))), /no JSON/);
  });

  it('is not held up by a FIFO', { skip: needsPosix, timeout: 10_000 }, () => {
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', `${root}/engine/one/fifo`]);
    assert.match(reasonOf('one/fifo'), /no regular file/);
  });

  it('follows no link, neither to a file nor to a folder', { skip: needsPosix }, () => {
    symlinkSync(`${root}/outside.json`, `${root}/engine/one/link.json`);
    symlinkSync('/dev/zero', `${root}/engine/one/zero.json`);
    symlinkSync(`${root}/elsewhere`, `${root}/engine/away`);
    assert.match(reasonOf('one/link.json'), /a link/);
    assert.match(reasonOf('one/zero.json'), /a link/);
    assert.match(reasonOf('away/state.json'), /a link leads there/);
    assert.deepEqual(folder.foldersIn('away'), []);
    assert.deepEqual(folder.foldersIn(''), ['one']);
  });

  it('may itself be reached by a link', { skip: needsPosix }, () => {
    symlinkSync(`${root}/engine`, `${root}/moved`);
    const moved = new StateFolder(`${root}/moved`);
    assert.equal(moved.readJson(write('here.json', '1')).kind, 'read');
    assert.deepEqual(moved.foldersIn(''), ['one']);
  });

  it('takes a folder for no file', () => {
    mkdirSync(`${root}/engine/one/dir.json`);
    assert.match(reasonOf('one/dir.json'), /no regular file|EISDIR|EPERM/);
  });

  it('leaves no descriptor open', { skip: process.platform === 'linux' ? false : 'needs /proc/self/fd' }, () => {
    const open = () => {
      folder.readJson('one/good.json');
      folder.readJson('one/fifo');
      folder.readJson('one/large.json');
      folder.foldersIn('');
    };
    open();
    const fds = () => readdirSync('/proc/self/fd').length;
    const before = fds();
    for (let i = 0; i < 50; i++) open();
    assert.equal(fds(), before);
  });
});

describe('members of a document', () => {
  const json = JSON.parse('{"a": {"t": "x", "n": 1, "e": "", "__proto__": "own"}, "l": [1], "s": "abc"}');

  it('are texts, or nothing', () => {
    assert.equal(textAt(json, 'a', 't'), 'x');
    for (const keys of [['a', 'n'], ['a', 'e'], ['a', 'x'], ['a', 'toString'], ['x', 'y'], ['s', '0', '0'], ['l']]) {
      assert.equal(textAt(json, ...keys), undefined, keys.join());
    }
    assert.equal(textAt(null, 'a'), undefined);
    assert.equal(textAt(undefined), undefined);
  });

  it('of an object are its own texts', () => {
    assert.deepEqual(
      Object.entries(textsAt(json, 'a') ?? {}),
      Object.entries(JSON.parse('{"t":"x","e":"","__proto__":"own"}')),
    );
    assert.equal(textsAt(json, 'l'), undefined);
    assert.equal(textsAt({ a: {} }, 'a'), undefined);
    assert.deepEqual(itemsAt(json, 'a'), []);
  });
});
