import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { ComputeSystem } from '#core/compute-system.js';
import { JobOpenedPerQuery } from '#core/windows/job-access.js';
import { JobObject } from '#core/windows/job-object.js';
import { skipReason, uniqueId } from './lab.js';

/** What Windows before 10 1607 lacks, Wine lacks as well; beyond that it has no figures at all of a job's memory. */
const skip = skipReason({ bareWine: true });
const path = 'Memory.MemoryUsagePrivateWorkingSetBytes';

function jobWithProcess(test: { after(done: () => void): void }) {
  const name = `\\Container_${uniqueId()}`;
  const job = JobObject.create({ name });
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  test.after(() => {
    child.kill();
    job.close();
  });
  assert.ok(child.pid !== undefined);
  job.assign(child.pid);
  return { name, job, pid: child.pid };
}

test('a private working set that nobody can tell is absent with its reason, never 0', { skip }, (t) => {
  const { job } = jobWithProcess(t);
  const { values, absent, sources, processes } = job.privateWorkingSet();
  assert.equal(values, undefined);
  assert.equal(absent?.[path]?.code, 'ERR_UNSUPPORTED');
  assert.match(sources[path] ?? '', /host-wide/);
  assert.deepEqual(processes, { listed: 1, read: 0, gone: 0, denied: 0, reused: 0, unreadable: 1 });
});

test('the document of such a job leaves out what was not read', { skip }, async (t) => {
  const { name, pid } = jobWithProcess(t);
  const system = new ComputeSystem({
    identity: { Id: 'x', SystemType: 'Container', RuntimeOsType: 'Windows', Owner: '' },
    jobs: new JobOpenedPerQuery(name),
  });
  t.after(() => system.close());
  const { properties, report } = await system.query(['Statistics', 'ProcessList']);
  assert.equal(report.kernel, 'job object');
  const statistics = report.types.Statistics;
  assert.equal(properties.Statistics, undefined);
  assert.equal(statistics?.answeredBy, undefined);
  assert.equal(statistics?.fallback?.code, 'ERR_UNSUPPORTED');
  for (const absent of ['Memory', 'Storage', path]) {
    assert.equal(statistics?.absent[absent]?.code, 'ERR_UNSUPPORTED', absent);
  }
  assert.deepEqual(properties.ProcessList, [{ ProcessId: pid }]);
  assert.equal(report.types.ProcessList?.complete, false);
});
