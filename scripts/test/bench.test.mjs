import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeBench } from './bench.mjs';

const figures = '\nWindows\n  one pass   12.5 µs\n  ratio: 1.100 (< 1.5) not judged\n';
const ended = { code: 0, timedOut: false };

describe('judging the benchmarks', () => {
  it('figures and exit code 0 are a pass', () => {
    assert.deepEqual(judgeBench(ended, figures), { passed: ['npm run bench -- --smoke'], failures: [], skips: [] });
  });
  it('one that was left out is a skip with its reason', () => {
    const { passed, skips } = judgeBench(ended, `${figures}\nHost\n  left out: no root\n`);
    assert.deepEqual([passed.length, skips.map(({ reason }) => reason)], [1, ['no root']]);
  });
  it('an exit code, or an end by force, is a failure', () => {
    assert.match(judgeBench({ code: 1, timedOut: false }, figures).failures[0].text, /exit code 1/);
    assert.match(judgeBench({ code: null, timedOut: true }, figures).failures[0].text, /before its end/);
  });
  it('no figure is no pass', () => {
    assert.deepEqual(judgeBench(ended, '').passed, []);
  });
});
