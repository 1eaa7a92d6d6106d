import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testFiles } from './source-files.mjs';

const root = mkdtempSync(join(tmpdir(), 'silostat-files-'));
after(() => rmSync(root, { recursive: true, force: true }));

const sources = [
  'packages/core/test/rates.test.ts',
  'packages/core/test/linux/parse/memory-stat.test.ts',
  'packages/core/test/scripted/job.ts',
  'packages/core/dist-test/of-a-source-that-is-gone.test.js',
  'test/live/linux/inspect.test.ts',
  'test/packages/pack.test.mjs',
];
for (const path of sources) {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), '');
}

/** @type {[string, string[]][]} */
const cases = [
  [
    'packages/core/test',
    ['packages/core/dist-test/linux/parse/memory-stat.test.js', 'packages/core/dist-test/rates.test.js'],
  ],
  ['test/live/linux', ['test/dist/live/linux/inspect.test.js']],
  ['test/packages', ['test/packages/pack.test.mjs']],
  ['test/browser', []],
];

describe('the test files', () => {
  for (const [folder, files] of cases) {
    it(`of ${folder} are listed from its sources, and run from where they are built`, () => {
      assert.deepEqual(
        testFiles(root, folder),
        files.map((path) => join(root, path)),
      );
    });
  }
});
