import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkout } from '../../support/checkout.ts';
import { run } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';

describe('the commands of the README', { skip: skipReason({ tools: ['npm', 'npx'] }) }, () => {
  test('npx silostat ls', async () => {
    const { code, stdout, stderr } = await run('npx', ['--no-install', 'silostat', 'ls'], { cwd: checkout });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ID\b.*\bNAME/);
  });

  test('npm run demo ends by itself with 0, in less than a minute', async () => {
    const { code, stdout, stderr } = await run('npm', ['run', 'demo'], { cwd: checkout, deadlineMs: 60_000 });
    assert.equal(code, 0, stderr);
    for (const word of ['CPU', 'PRIVATE'])
      assert.ok(stdout.includes(word) || stderr.includes(word), `${stdout}\n${stderr}`);
  });
});
