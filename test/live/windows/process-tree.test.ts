import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobObject } from '#core/windows/job-object.js';
import { Silo } from '#core/windows/silo.js';
import { skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
// Bare Wine does not tell whether a process is in a job through a handle with query rights alone.
const skip = skipReason({ programs: true, figures: true });

test('the process tree of a job: who started each, and with which command line or why not', { skip }, async (t) => {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(t, Silo.path(id), 3);
  using job = JobObject.open(Silo.path(id));
  const { values = [], processes, absent } = job.processTree();
  assert.deepEqual(
    values.map(({ ProcessId }) => ProcessId).sort((a, b) => a - b),
    pids.sort((a, b) => a - b),
  );
  assert.equal(processes?.read, 3);
  for (const { ParentProcessId, CommandLine } of values) {
    assert.equal(ParentProcessId, workload.pid);
    if (absent?.['CommandLine'] === undefined) assert.match(CommandLine ?? '', /\.exe/i);
    else assert.equal(CommandLine, undefined);
  }
});
