import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertSameReport, makeReportFile } from '../../support/report.js';
import { folder } from './job-containers.js';
import { programPath, skipReason, useHook } from './lab.js';
import { outcomeOf, silostat } from './silostat.js';

useHook();
const skip = skipReason({ programs: true, figures: true });

test('one program has the report that it has on every system', { skip, timeout: 60_000 }, async (t) => {
  const directory = folder(t);
  const [file, json] = [join(directory, 'file'), join(directory, 'report.json')];
  makeReportFile(file);
  const outcome = await outcomeOf(silostat('run', '--export-json', json, '--', programPath('report'), file));
  assert.equal(outcome.code, 7, outcome.stderr);
  t.diagnostic(assertSameReport(JSON.parse(readFileSync(json, 'utf8')), 'Windows', outcome.stdout));
});
