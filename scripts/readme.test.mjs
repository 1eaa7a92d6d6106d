/** The README's two commands are the ones that CI runs and that the workspace has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const command = (name) => `npm ci && npm ${name}`;

describe('the README', () => {
  const lines = read('README.md').split(/\r?\n/);
  const { scripts } = JSON.parse(read('package.json'));

  for (const [name, script] of [
    ['run demo', 'demo'],
    ['test', 'test'],
  ]) {
    it(`has "${command(name)}" as a line of its own, and the script exists`, () => {
      assert.ok(lines.includes(command(name)));
      assert.match(scripts[script], /^node scripts\/\w+\.mjs$/);
    });
  }

  it('has the very command that .ci/run calls', () => {
    const called = read('.ci/run')
      .split('\n')
      .map((line) => line.replaceAll(' </dev/null', ''));
    assert.ok(called.includes(command('test')));
  });
});
