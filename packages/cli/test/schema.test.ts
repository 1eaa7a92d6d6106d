import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

interface Generator {
  schemas(): Record<string, object>;
  schemaText(schema: object): string;
}

const root = new URL('../../../', import.meta.url);
const generator = (await import(new URL('scripts/schemas.mjs', root).href)) as Generator;
const expected = generator.schemas();

describe('docs/schema', () => {
  it('has a file per output', () => {
    assert.deepEqual(readdirSync(new URL('docs/schema/', root)).sort(), Object.keys(expected).sort());
  });

  for (const [name, schema] of Object.entries(expected)) {
    it(`${name} is what the field catalogue makes of it; else run \`node scripts/schemas.mjs\``, () => {
      const text = readFileSync(new URL(`docs/schema/${name}`, root), 'utf8').replaceAll('\r\n', '\n');
      assert.equal(text, generator.schemaText(schema));
    });
  }
});
