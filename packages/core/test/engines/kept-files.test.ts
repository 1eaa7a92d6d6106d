import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KeptFiles } from '../../dist/engines/kept-files.js';
import type { StateFile } from '../../dist/engines/state-folder.js';
import { StateFolder } from '../../dist/engines/state-folder.js';

/** Longer than what is written twice can look the same. */
const settledMs = 150;

describe('what a state file tells', () => {
  let root: string;
  let parsed = 0;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'silostat-kept-'));
  });
  after(() => rmSync(root, { recursive: true }));

  const put = (name: string, content: string) => writeFileSync(join(root, name), content);
  const parse = (file: StateFile) => {
    parsed++;
    return file.kind === 'read' ? file.json : file.kind;
  };

  it('is understood once, as long as nobody writes to it', async () => {
    const files = new KeptFiles<unknown>();
    const folder = new StateFolder(root);
    put('a.json', '[1]');
    await delay(settledMs);
    parsed = 0;
    for (let i = 0; i < 3; i++) assert.deepEqual(files.read(folder, 'a.json', parse), [1]);
    assert.equal(parsed, 1);
    put('a.json', '[2]');
    assert.deepEqual(files.read(folder, 'a.json', parse), [2]);
  });

  it('is looked at each time while it was written a moment ago', () => {
    const files = new KeptFiles<unknown>();
    const folder = new StateFolder(root);
    for (const content of ['[3]', '[4]', '[5]']) {
      put('b.json', content);
      assert.deepEqual(files.read(folder, 'b.json', parse), JSON.parse(content));
    }
  });

  it('is another one’s when another file is put in its place, or it goes', async () => {
    const files = new KeptFiles<unknown>();
    const folder = new StateFolder(root);
    put('c.json', '[6]');
    put('d.json', '[7]');
    await delay(settledMs);
    assert.deepEqual(files.read(folder, 'c.json', parse), [6]);
    const { atime, mtime } = statSync(join(root, 'c.json'));
    renameSync(join(root, 'd.json'), join(root, 'c.json'));
    utimesSync(join(root, 'c.json'), atime, mtime);
    assert.deepEqual(files.read(folder, 'c.json', parse), [7]);
    rmSync(join(root, 'c.json'));
    assert.equal(files.read(folder, 'c.json', parse), 'missing');
    assert.equal(files.read(folder, '../c.json', parse), 'missing');
  });
});
