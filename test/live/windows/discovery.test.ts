import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listComputeSystems, openComputeSystem } from '#core/index.js';
import { JobObject } from '#core/windows/job-object.js';
import { findNamedJobs } from '#core/windows/named-jobs.js';
import { readDirectory } from '#core/windows/object-directory.js';
import { readOwner } from '#core/windows/object-owner.js';
import { skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason();
const withPrograms = skipReason({ programs: true });
const withFigures = skipReason({ programs: true, figures: true });

function create(test: { after(done: () => void): void }, name: string): JobObject {
  const job = JobObject.create({ name });
  test.after(() => job.close());
  return job;
}

test('a directory is listed whole, with names and types', { skip }, (t) => {
  const id = uniqueId();
  for (let i = 0; i < 40; i++) create(t, `\\BaseNamedObjects\\${id}-${i}`);
  const found = readDirectory('\\BaseNamedObjects', ({ name }) => name.startsWith(`${id}-`));
  assert.deepEqual(found.map(({ name }) => name).sort(), Array.from({ length: 40 }, (_, i) => `${id}-${i}`).sort());
  assert.ok(found.every(({ type }) => type === 'Job'));
  assert.ok(
    readDirectory('\\', () => true).some(({ name, type }) => name === 'BaseNamedObjects' && type === 'Directory'),
  );
  assert.throws(() => readDirectory('\\No_such_directory', () => true), { code: 'ERR_NOT_FOUND' });
});

test('a name that hardly fits is listed as well', { skip }, (t) => {
  const name = `${uniqueId()}-${'x'.repeat(3000)}`;
  create(t, `\\BaseNamedObjects\\${name}`);
  assert.equal(readDirectory('\\BaseNamedObjects', (entry) => entry.name === name).length, 1);
});

test('silos and job containers are found by their names, and nothing else', { skip }, async (t) => {
  const id = uniqueId();
  create(t, `\\Container_${id}-a`);
  create(t, `\\BaseNamedObjects\\JobContainer_${id}-b`);
  create(t, `silostat_${id}-c`);
  create(t, `\\BaseNamedObjects\\Other_${id}-d`);
  create(t, `\\Container_${id} with spaces`);
  create(t, `\\JobContainer_${id}-e`);
  const found = findNamedJobs().filter((job) => job.id.startsWith(id));
  assert.deepEqual(found.map(({ id, owner }) => [id, owner]).sort(), [
    [`${id}-a`, ''],
    [`${id}-b`, ''],
    [`${id}-c`, 'silostat'],
  ]);
  const listed = (await listComputeSystems()).filter(({ Id }) => Id.startsWith(id));
  assert.deepEqual(
    listed.map(({ Id, State, ProcessCount, SystemType, RuntimeOsType }) => ({
      Id,
      State,
      ProcessCount,
      SystemType,
      RuntimeOsType,
    })),
    [`${id}-a`, `${id}-b`, `${id}-c`].map((Id) => ({
      Id,
      State: 'Created',
      ProcessCount: 0,
      SystemType: 'Container',
      RuntimeOsType: 'Windows',
    })),
  );
});

test('a job that some user made under a container’s name is shown as unverified', { skip: withPrograms }, async (t) => {
  const id = uniqueId();
  const workload = Workload.bare(t);
  await workload.ask(`createsd \\BaseNamedObjects\\JobContainer_${id}-admin O:BAD:(A;;GA;;;WD)`);
  await workload.ask(`createsd \\BaseNamedObjects\\JobContainer_${id}-user O:%USER%D:(A;;GA;;;WD)`);
  await workload.ask(`createsd \\BaseNamedObjects\\JobContainer_${id}-hidden O:%USER%D:(A;;0x4;;;WD)`);
  assert.equal(readOwner(`\\BaseNamedObjects\\JobContainer_${id}-admin`), 'S-1-5-32-544');
  const listed = await listComputeSystems();
  const verified = (which: string) => listed.find(({ Id }) => Id === `${id}-${which}`)?.Verified;
  assert.deepEqual(['admin', 'user', 'hidden'].map(verified), [true, false, false]);
});

test('a job that is closed to us is listed, and says so when it is opened', { skip: withPrograms }, async (t) => {
  const id = uniqueId();
  const workload = Workload.bare(t);
  await workload.ask(`createsd \\Container_${id} O:BAD:(A;;0x20000;;;WD)`);
  const summary = (await listComputeSystems()).find(({ Id }) => Id === id);
  assert.equal(summary?.State, 'Unknown');
  assert.equal(summary?.Verified, true);
  await assert.rejects(openComputeSystem(id), { code: 'ERR_ACCESS_DENIED' });
});

test('a container is opened by id, name, prefix and path', { skip }, async (t) => {
  const id = uniqueId();
  create(t, `\\Container_${id}-web1`);
  create(t, `\\BaseNamedObjects\\JobContainer_${id}-job`);
  create(t, `\\Container_${id}-web2`);
  for (const [reference, expected] of [
    [`${id}-web1`, `${id}-web1`],
    [`JobContainer_${id}-job`, `${id}-job`],
    [`${id}-j`, `${id}-job`],
    [`\\BaseNamedObjects\\JobContainer_${id}-job`, `${id}-job`],
    [`Container_${id}-web1`, `${id}-web1`],
  ] as const) {
    const system = await openComputeSystem(reference);
    assert.equal(system.id, expected, reference);
    system.close();
  }
  await assert.rejects(openComputeSystem(`${id}-web`), {
    code: 'ERR_AMBIGUOUS',
    candidates: [`${id}-web1`, `${id}-web2`],
  });
  await assert.rejects(openComputeSystem(`${id}-none`), { code: 'ERR_NOT_FOUND' });
  await assert.rejects(openComputeSystem('\\Container_none-such'), { code: 'ERR_NOT_FOUND' });
  for (const bad of ['', '..', '/docker/x', '\\a\\\\b', 'a\0b', '%', '\\']) {
    await assert.rejects(openComputeSystem(bad), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(bad));
  }
});

test('a document of a container, from the kernel alone', { skip: withFigures }, async (t) => {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(t, `\\Container_${id}`, 3);
  await workload.ask('track');
  const system = await openComputeSystem(id);
  t.after(() => system.close());
  const { properties, report } = await system.query(['Statistics', 'ProcessList', 'Limits', 'Faults']);
  assert.equal(properties.Id, id);
  assert.deepEqual(properties.ProcessList?.map(({ ProcessId }) => ProcessId).sort(), [...pids].sort());
  const { Memory, Processor, Storage, ContainerStartTime, Uptime100ns } = properties.Statistics ?? {};
  for (const section of [Memory, Processor, Storage]) {
    for (const [name, value] of Object.entries(section ?? { none: Number.NaN })) assert.ok(value >= 0, name);
  }
  assert.ok((Memory?.MemoryUsagePrivateWorkingSetBytes ?? 0) > 0);
  assert.match(ContainerStartTime ?? '', /^20\d\d-/);
  assert.ok((Uptime100ns ?? -1) >= 0);
  assert.deepEqual(report.types.Statistics?.estimated, ['ContainerStartTime', 'Uptime100ns']);
  assert.equal(report.types.Statistics?.complete, true);
  assert.equal(report.types.Statistics?.answeredBy, 'kernel');
  assert.deepEqual(properties.Limits, { MemoryBytes: null, ProcessCount: null, Processors: null });
  assert.ok((properties.Faults?.PageFaultCount ?? 0) > 0);
});
