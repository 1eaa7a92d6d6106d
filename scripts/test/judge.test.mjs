import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from './test-file.mjs';

const passed = '{"name":"adds","status":"passed"}\n';
const skipped = '{"name":"asks the kernel","status":"skipped","reason":"no kernel"}\n';
const failed = '{"name":"adds","status":"failed","text":"1 !== 2"}\n';
const end = '{"end":true}\n';
const exited = { code: 0, signal: null, timedOut: false, seconds: 60 };

const texts = (outcome) => outcome.failures.map(({ text }) => text);

describe('judging a test file', () => {
  it('passes with tests, an end and exit code 0', () => {
    assert.deepEqual(judge('a.test.js', passed + skipped + end, exited, 'chatter'), {
      passed: ['a.test.js: adds'],
      failures: [],
      skips: [{ name: 'a.test.js: asks the kernel', reason: 'no kernel' }],
    });
  });
  it('fails with the output of the file when a test failed', () => {
    const outcome = judge('a.test.js', failed + passed + end, { ...exited, code: 1 }, 'chatter\n');
    assert.deepEqual(outcome.passed, ['a.test.js: adds']);
    assert.deepEqual(outcome.failures, [
      { name: 'a.test.js: adds', text: '1 !== 2\n--- output of a.test.js:\nchatter' },
    ]);
  });
  it('fails without an end, though all tests passed and the exit code is 0', () => {
    assert.deepEqual(texts(judge('a', passed, exited, '')), ['ended without its summary (exit code 0)']);
  });
  it('fails when the report is cut short', () => {
    assert.deepEqual(texts(judge('a', `${passed}{"end":tr`, exited, '')), ['ended without its summary (exit code 0)']);
  });
  it('fails when there is no test', () => {
    assert.deepEqual(texts(judge('a', end, exited, '')), ['ran no test']);
  });
  it('fails when killed', () => {
    assert.deepEqual(texts(judge('a', passed + end, { ...exited, code: null, signal: 'SIGKILL' }, '')), [
      'was killed by SIGKILL',
    ]);
  });
  it('fails when its time is over', () => {
    assert.deepEqual(texts(judge('a', passed, { ...exited, code: null, timedOut: true }, '')), [
      'was ended after 60 s',
    ]);
  });
  it('fails when it could not be started', () => {
    assert.deepEqual(texts(judge('a', '', { ...exited, code: null, error: 'ENOENT' }, '')), [
      'could not be started: ENOENT',
    ]);
  });
  it('fails with an exit code that no test accounts for', () => {
    assert.deepEqual(texts(judge('a', passed + end, { ...exited, code: 3 }, '')), [
      'exited with 3 though no test failed',
    ]);
  });
});
