import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnoseHost } from '#core/index.js';
import type { Reading } from '#core/job.js';
import { JobObject } from '#core/windows/job-object.js';
import { Silo } from '#core/windows/silo.js';
import { skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason({ programs: true });

/** True where a section was read with some figure in it. */
function isThere(read: () => Reading<object>): boolean {
  try {
    return Object.keys(read().values ?? {}).length > 0;
  } catch {
    return false;
  }
}

test('doctor tells the truth about a job with processes in it', { skip }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 2);
  const { platform, capabilities } = await diagnoseHost();
  assert.equal(platform, 'win32');
  const verdicts = new Map(capabilities.map(({ name, state }) => [name, state]));
  using job = JobObject.open(Silo.path(id));
  const facts = {
    objects: true,
    open: true,
    memory: isThere(() => job.memory()),
    processor: isThere(() => job.processor()),
    storage: isThere(() => job.storage()),
    limits: isThere(() => job.limits()),
    'command lines': job.processTree().values?.every(({ CommandLine }) => CommandLine !== undefined),
    'private working set': job
      .processList()
      .values?.every(({ MemoryWorkingSetPrivateBytes }) => MemoryWorkingSetPrivateBytes !== undefined),
  };
  for (const [name, fact] of Object.entries(facts)) {
    const verdict = verdicts.get(name as keyof typeof facts);
    assert.ok(verdict !== undefined && verdict !== 'unknown', name);
    // Partly: another way, with another cost.
    if (verdict !== 'partly') assert.equal(verdict === 'yes', fact, name);
  }
  assert.equal(verdicts.get('jobs'), 'yes');
  assert.ok(verdicts.get('service') !== undefined);
});
