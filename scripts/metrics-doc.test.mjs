/** docs/metrics.md is what the field catalogue says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fields } from '../packages/core/dist/index.js';
import { metricsDoc } from './metrics-doc.mjs';

const text = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

it('docs/metrics.md is current: `node scripts/metrics-doc.mjs` writes it', () => {
  assert.equal(text, metricsDoc());
});

it('has two rows for each figure: what it is, and where it is read', () => {
  for (const { path, each } of fields) {
    const shown = each === undefined ? path : `${each}[]${path.slice(each.length)}`;
    assert.equal(text.split(`\n| \`${shown}\` |`).length - 1, 2, path);
  }
});
