import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram, skipReason } from './lab.js';

const skip = skipReason({ programs: true, hook: true });

/** A C program does it all: what it finds is that the hook answers what the processes say of themselves. */
test('what the hook answers is what the processes of a job did, before and after each does more', {
  skip,
}, async () => {
  const lines = await runProgram('selfcheck', [process.env['SILOSTAT_LAB_HOOK'] ?? '']);
  const checks = lines.filter(({ check }) => check !== undefined);
  assert.deepEqual(
    checks.filter(({ ok }) => ok !== true),
    [],
  );
  assert.ok(checks.length >= 150, `${checks.length} checks`);
  assert.deepEqual(lines.at(-1), { failures: 0 });
});
