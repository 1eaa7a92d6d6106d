import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestScript } from './guest.mjs';

test('the guest runs each file once, with the reporter, and leaves its exit code', () => {
  const script = guestScript({
    root: "/it's here",
    files: ['test/dist/a.test.js', 'test/dist/b c.test.js'],
    node: '/n',
  });
  const runs = script.split('\n').filter((line) => line.startsWith('timeout'));
  assert.equal(runs.length, 2);
  assert.match(script, /^cd '\/it'\\''s here'$/m);
  assert.match(runs[0] ?? '', /'\/n' .*reporter\.mjs' .*'\/it'\\''s here\/test\/dist\/a\.test\.js' /);
  assert.match(runs[1] ?? '', /echo \$\? >\/out\/test\+dist\+b_c\.test\.js\.code$/);
});
