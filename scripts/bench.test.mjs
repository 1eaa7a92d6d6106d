/** The pure parts of the benchmarks, from bench/dist. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atLeast, atMost } from '../bench/dist/harness.js';
import { measure, medianOf, ratioOf, spreadOf } from '../bench/dist/measure.js';
import { chartOf } from '../bench/dist/picture.js';
import { markdownOf, textOf } from '../bench/dist/render.js';

const effort = { smoke: false, rounds: 3, perRound: 2 };

/** Gives these samples, turn by turn; the first turn is the one to warm up. */
function scripted(name, turns) {
  const left = [turns[0], ...turns];
  return { name, sample: () => left.shift() };
}

describe('measuring', () => {
  it('takes turns, and leaves out the first', async () => {
    const order = [];
    const contestant = (name) => ({
      name,
      sample: (count) => {
        order.push(name);
        return Array(count).fill(1);
      },
    });
    await measure([contestant('a'), contestant('b')], effort);
    assert.equal(order.join(''), 'abababab');
  });

  it('compares turn by turn: a disturbance of both is none of the ratio', async () => {
    const a = scripted('a', [
      [20, 20],
      [200, 200],
      [20, 22],
    ]);
    const b = scripted('b', [
      [10, 10],
      [100, 100],
      [10, 11],
    ]);
    const measured = await measure([a, b], effort);
    assert.equal(ratioOf(measured, 'a', 'b'), 2);
    assert.equal(medianOf(measured, 'b'), 10.5);
    assert.deepEqual(spreadOf([4, 1, 3, 2, 5]), { low: 2, median: 3, high: 4 });
  });
});

describe('a check', () => {
  it('holds at its limit, not beyond, and never for what is no number', () => {
    const holding = [atMost('x', 1.4, 1.4), atLeast('x', 15, 15)];
    const failing = [
      atMost('x', 1.401, 1.4),
      atMost('x', Number.NaN, 1.4),
      atLeast('x', 14.9, 15),
      atLeast('x', Number.NaN, 15),
    ];
    for (const { holds, value } of holding) assert.ok(holds, `${value}`);
    for (const { holds, value } of failing) assert.ok(!holds, `${value}`);
  });
});

describe('the tables', () => {
  /** @type {import('../bench/dist/harness.js').BenchResult} */
  const result = {
    rows: [{ name: 'C', median: 17.04, low: 16.9, high: 17.2, unit: 'µs' }],
    checks: [atMost('ratio', 1.5, 1.4)],
    notes: ['a note'],
  };
  const facts = { date: '', system: '', processor: '', memory: '', node: '', commit: '', load: '' };
  it('tell what does not hold', () => {
    assert.match(
      textOf(result, true),
      /C +17\.0 µs 16\.9 … 17\.2\n {2}a note\n {2}ratio: 1\.50 \(at most 1\.4\) DOES NOT HOLD$/,
    );
    assert.match(textOf(result, false), /not judged$/);
    assert.match(markdownOf('T', 'a', facts, result), /\| ratio \| 1\.50 \| at most 1\.4 \| \*\*no\*\* \|/);
  });
  it('have a picture in which each line ends beside its name', () => {
    const svg = chartOf({
      title: 'a < b',
      below: '',
      across: ['0', '1'],
      lines: [{ name: 'x', colour: '#000', values: [10, 100] }],
    });
    assert.match(svg, /a &lt; b/);
    assert.equal(svg.match(/<circle/g)?.length, 2);
    assert.doesNotMatch(svg, /NaN/);
  });
});
