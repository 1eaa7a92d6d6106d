import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cliDocument } from './cli-doc.mjs';

const text = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

describe('docs/cli.md', () => {
  it('shows what the program prints; else run `node scripts/cli-doc.mjs`', async () => {
    assert.equal(text, await cliDocument(text));
  });

  it('has an output that is made of each command that a recorded host can answer', () => {
    for (const command of ['ls', 'stats', 'ps', 'inspect']) {
      assert.match(text, new RegExp(`^\\$ silostat ${command}\\b[^\\n]*\\n[^\`]+^\`\`\`$`, 'm'));
    }
  });

  it('has a section for each command', async () => {
    const man = readFileSync(new URL('../packages/cli/man/silostat.1', import.meta.url), 'utf8');
    for (const [, name] of man.matchAll(/^\.SS silostat (\w+)/gm)) assert.ok(text.includes(`silostat ${name}`), name);
  });
});
