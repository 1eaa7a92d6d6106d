import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkout } from '../../support/checkout.ts';
import { silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';

const text = readFileSync(`${checkout}/docs/cli.md`, 'utf8');

/** What stands before the first wide gap: the figures behind it are of another machine. */
const labels = (lines: string): string[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0] ?? '');

describe('outputs in docs/cli.md that a recorded host cannot give', { skip: skipReason() }, () => {
  test('run', async () => {
    const [, script = '', shown = ''] = /^\$ silostat run -- node -e '([^']+)'\n([^`]+)^```$/m.exec(text) ?? [];
    const { code, stderr } = await silostat(['run', '--', process.execPath, '-e', script]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(labels(stderr).slice(1), labels(shown).slice(1));
  });

  test('doctor', async () => {
    const [, shown = ''] = /^```\n(Linux [^`]+)^```$/m.exec(text) ?? [];
    const titles = (lines: string): string[] =>
      lines.split('\n').flatMap((line) => /^(?:ok|partly|no|\?) +(\S.*?) {2,}/.exec(line)?.[1] ?? []);
    const { code, stdout } = await silostat(['doctor']);
    assert.equal(code, 0);
    assert.ok(titles(shown).length > 0);
    assert.deepEqual(titles(stdout), titles(shown));
  });
});
