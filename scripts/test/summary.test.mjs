import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closingLine, exitCode, settle, summary } from './summary.mjs';

const result = (more) => ({ name: 'unit', seconds: 1.25, passed: 0, failures: [], skips: [], ...more });
const skip = { name: 'live', reason: 'needs root' };

describe('settling a suite', () => {
  it('a suite that ran nothing failed', () => {
    assert.deepEqual(settle(result({}), { skipsFail: false }).failures, [{ name: 'unit', text: 'ran no test' }]);
  });
  it('a skip is a skip', () => {
    const settled = settle(result({ skips: [skip] }), { skipsFail: false });
    assert.equal(closingLine([settled]), '0 passed, 0 failed, 1 skipped');
    assert.equal(exitCode([settled]), 0);
  });
  it('a skip is a failure where none is allowed, and keeps its reason', () => {
    const settled = settle(result({ passed: 2, skips: [skip] }), { skipsFail: true });
    assert.equal(closingLine([settled]), '2 passed, 1 failed');
    assert.equal(exitCode([settled]), 1);
    assert.match(settled.failures[0].text, /needs root/);
  });
});

describe('the summary', () => {
  const results = [
    result({ passed: 12 }),
    result({
      name: 'live',
      seconds: 61,
      passed: 3,
      failures: [{ name: 'live.test.js: stats', text: '1 !== 2\nstack' }],
      skips: [skip],
    }),
  ];
  it('lists reasons, seconds per suite, and ends with the closing line', () => {
    assert.deepEqual(summary(results), [
      '',
      'skipped:',
      '  live: needs root',
      '',
      'failed:',
      '  live.test.js: stats: 1 !== 2',
      '',
      'suite   passed   failed  skipped  seconds',
      'unit        12        0        0      1.3',
      'live         3        1        1     61.0',
      '',
      '15 passed, 1 failed, 1 skipped',
    ]);
  });
  it('no suite at all is no success', () => {
    assert.equal(exitCode([]), 1);
  });
});
