import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { manual, manualFile } from './man.mjs';

const page = await manual();

describe('the manual page', () => {
  it('is what the commands say of themselves; else run `node scripts/man.mjs`', () => {
    assert.equal(readFileSync(manualFile, 'utf8').replaceAll('\r\n', '\n'), page);
  });

  it('has a section for every command, and none that is hidden', () => {
    for (const name of ['run', 'ls', 'stats', 'top', 'ps', 'inspect', 'doctor', 'clean', 'completion']) {
      assert.match(page, new RegExp(`^\\.SS silostat ${name} `, 'm'));
    }
    assert.doesNotMatch(page, /__complete/);
  });
});
