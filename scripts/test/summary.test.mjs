import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closingLine, exitCode, settle, summary } from './summary.mjs';

const result = (more) => ({ name: 'unit', seconds: 1.25, passed: [], failures: [], skips: [], ...more });
const skip = { name: 'live', reason: 'needs root' };

describe('settling skips', () => {
  const settled = (results, skipsFail) => {
    const done = settle(results, { skipsFail });
    return { closing: closingLine(done), code: exitCode(done), done };
  };

  it('a skip is a skip', () => {
    const { closing, code } = settled([result({ passed: ['a: b'], skips: [skip] })], false);
    assert.equal(closing, '1 passed, 0 failed, 1 skipped');
    assert.equal(code, 0);
  });
  it('a skip is a failure where none is allowed, and keeps its reason', () => {
    const { closing, code, done } = settled([result({ passed: ['a: b'], skips: [skip] })], true);
    assert.equal(closing, '1 passed, 1 failed');
    assert.equal(code, 1);
    assert.match(done[0].failures[0].text, /needs root/);
  });
  it('what another suite ran, alone or as a group, was not left out', () => {
    const elsewhere = ['a.test.js: signals', 'a.test.js: links'].map((name) => ({ name, reason: 'not on Windows' }));
    const linux = result({ passed: ['a.test.js: signals', 'a.test.js: links > followed > once'] });
    assert.equal(
      settled([result({ name: 'Wine', passed: ['a.test.js: text'], skips: elsewhere }), linux], true).closing,
      '3 passed, 0 failed',
    );
  });
  it('what no suite ran was left out, also if its name begins like another', () => {
    const skips = [{ name: 'a.test.js: link', reason: 'not on Windows' }];
    assert.equal(
      settled([result({ skips }), result({ passed: ['a.test.js: link > b', 'b.test.js: link'] })], true).closing,
      '2 passed, 0 failed',
    );
    assert.equal(
      settled([result({ skips }), result({ passed: ['a.test.js: links', 'b.test.js: link'] })], true).closing,
      '2 passed, 1 failed',
    );
    assert.equal(settled([result({ skips }), result({ skips })], true).closing, '0 passed, 2 failed');
  });
});

describe('the summary', () => {
  const failures = [{ name: 'live.test.js: stats', text: '1 !== 2\nstack' }];
  const results = [
    result({ passed: ['a', 'b'] }),
    result({ name: 'live', seconds: 61, passed: ['c'], failures, skips: [skip] }),
  ];
  it('lists reasons, seconds per suite, and ends with the closing line', () => {
    assert.deepEqual(summary(results), [
      '',
      'skipped:',
      '  live: needs root',
      '',
      'failed:',
      '  live: live.test.js: stats: 1 !== 2',
      '',
      'suite   passed   failed  skipped  seconds',
      'unit         2        0        0      1.3',
      'live         1        1        1     61.0',
      '',
      '3 passed, 1 failed, 1 skipped',
    ]);
  });
  it('no suite at all is no success', () => {
    assert.equal(exitCode([]), 1);
  });
});
