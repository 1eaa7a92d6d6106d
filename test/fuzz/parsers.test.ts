import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Fuzz } from './fuzz.ts';

const tree = fileURLToPath(new URL('../../../packages/core/test/fixtures/linux', import.meta.url));
const milliseconds = 20_000;

/** Another seed each day: the test finds new things, and what it finds can be had again. */
const seed = Math.floor(Date.now() / 86_400_000);

it('20 s of mutated kernel files: values or ERR_PARSE, nothing else', () => {
  const fuzz = new Fuzz(tree, seed);
  const end = performance.now() + milliseconds;
  for (let number = 0; number % 1000 !== 0 || performance.now() < end; number += 1) fuzz.try(number);
  assert.ok(fuzz.tally.inputs >= 10_000, `only ${fuzz.tally.inputs} inputs`);
  for (const [name, { values, refused }] of fuzz.tally.byTarget) {
    assert.ok(values > 0, `${name} understood nothing`);
    if (name !== '/proc/swaps') assert.ok(refused > 0, `${name} refused nothing`);
  }
});
