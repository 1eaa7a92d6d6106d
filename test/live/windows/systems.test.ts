import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FallbackEvent } from '#core/index.js';
import { isSilostatError, listComputeSystems, openComputeSystem } from '#core/index.js';
import { Silo } from '#core/windows/silo.js';
import { hook, skipReason, uniqueId, useHook, Workload } from './lab.js';
import { noStandIn, type StandIn, standIn } from './stand-in.js';

/** Containers and VMs as their users meet them: the kernel first, HCS for the rest, both in one document. */
useHook();
const skip = noStandIn() || skipReason({ programs: true, hook: true });
const accessDenied = 0xc0000022;
const toldStart = '2026-01-02T03:04:05.6789012Z';
const told = {
  Timestamp: '2026-01-02T04:00:00.0000001Z',
  ContainerStartTime: toldStart,
  Uptime100ns: 33_551_000_000,
  Processor: { TotalRuntime100ns: 30, RuntimeUser100ns: 20, RuntimeKernel100ns: 10 },
  Memory: {
    MemoryUsageCommitBytes: 1000,
    MemoryUsageCommitPeakBytes: 2000,
    MemoryUsagePrivateWorkingSetBytes: 123_456_789,
  },
  Storage: { ReadCountNormalized: 1, ReadSizeBytes: 2, WriteCountNormalized: 3, WriteSizeBytes: 4 },
};

interface Stage {
  id: string;
  hcs: StandIn;
  pids: number[];
  workload: Workload;
}

/** A container of HCS with a silo of so many processes. */
async function container(t: { after(done: () => void | Promise<void>): void }, processes = 2): Promise<Stage> {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id, { owner: 'MixedCase' });
  hcs.property(id, 'Statistics', { Statistics: told });
  hcs.property(id, 'ProcessList', { ProcessList: [{ ProcessId: 4, ImageName: 'told.exe' }] });
  const { workload, pids } = await Workload.start(t, Silo.path(id), processes);
  await workload.ask('track');
  t.after(() => hcs.remove(id));
  hook().reset();
  t.after(() => hook().reset());
  return { id, hcs, pids, workload };
}

async function opened(t: { after(done: () => void): void }, reference: string, hcs: StandIn) {
  const system = await openComputeSystem(reference);
  t.after(() => system.close());
  hcs.reset();
  hook().reset();
  return system;
}

test('what the kernel answers makes no call of HCS at all', { skip }, async (t) => {
  const { id, hcs, pids } = await container(t);
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['Statistics', 'ProcessList', 'Limits', 'Faults']);
  assert.equal(hcs.count('calls'), 0);
  assert.deepEqual(properties.ProcessList?.map(({ ProcessId }) => ProcessId).sort(), [...pids].sort());
  assert.equal(report.types.Statistics?.answeredBy, 'kernel');
  const { SystemType, RuntimeOsType, Owner } = properties;
  assert.deepEqual([SystemType, RuntimeOsType, Owner], ['Container', 'Windows', 'MixedCase']);
});

test('one that falls back asks HCS exactly once, for all that is left over', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  hook().fail({ call: 'NtOpenJobObject' }, accessDenied);
  const { properties, report } = await system.query(['Statistics', 'ProcessList', 'Limits']);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1);
  assert.equal(hcs.count('HcsOpenComputeSystem'), 1);
  assert.equal(hcs.count('HcsCloseComputeSystem'), 1);
  assert.equal(hcs.count('calls'), 3);
  const { Uptime100ns: uptime, ...figures } = properties.Statistics ?? {};
  const { Uptime100ns: _, ...toldFigures } = told;
  assert.deepEqual(figures, toldFigures);
  assert.ok((uptime ?? 0) > 0, 'by our own clock');
  assert.deepEqual(properties.ProcessList, [{ ProcessId: 4, ImageName: 'told.exe' }]);
  assert.equal(properties.Owner, 'MixedCase');
  assert.equal(properties.State, 'Running');
  assert.equal(report.notOpened?.code, 'ERR_ACCESS_DENIED');
  assert.equal(report.types.Statistics?.answeredBy, 'service');
  assert.equal(report.types.Limits?.answeredBy, undefined, 'our own types are never sent to HCS');
});

test('no types: the identity, and nothing is opened or asked; also where the silo is closed to us', {
  skip,
}, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  const identity = { Id: id, SystemType: 'Container', RuntimeOsType: 'Windows', Owner: 'MixedCase' };
  assert.deepEqual(await system.properties([]), identity);
  hook().fail({ call: 'NtOpenJobObject' }, accessDenied);
  assert.deepEqual(await system.properties([]), identity);
  assert.equal(hook().calls('NtOpenJobObject'), 0);
  assert.equal(hcs.count('calls'), 0);
});

test('duplicates are folded, for the kernel and for HCS', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  await system.query(['Statistics', 'Statistics']);
  assert.equal(hook().calls('NtQueryInformationJobObject', 28), 1);
  hook().fail({ call: 'NtOpenJobObject' }, accessDenied);
  await system.query(['Statistics', 'Statistics', 'Statistics']);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1);
});

test('only types that are not the kernel’s: the silo is not opened', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  hcs.property(id, 'TerminateOnLastHandleClosed', { TerminateOnLastHandleClosed: true });
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['TerminateOnLastHandleClosed']);
  assert.equal(properties.TerminateOnLastHandleClosed, true);
  assert.equal(hook().calls('NtOpenJobObject'), 0);
  assert.equal(report.types.TerminateOnLastHandleClosed?.answeredBy, 'service');
});

test('a virtual machine: HCS answers everything', { skip }, async (t) => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id, { kind: 'VirtualMachine', os: '-' });
  t.after(() => hcs.remove(id));
  hcs.property(id, 'Statistics', { Statistics: { Processor: { TotalRuntime100ns: 77 } } });
  hcs.property(id, 'Memory', { Memory: { VirtualMachineMemory: { AssignedMemory: 262_144 } } });
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['Statistics', 'Memory', 'Faults']);
  assert.equal(properties.SystemType, 'VirtualMachine');
  assert.deepEqual(properties.Statistics, { Processor: { TotalRuntime100ns: 77 } });
  assert.deepEqual(properties.Memory, { VirtualMachineMemory: { AssignedMemory: 262_144 } });
  assert.equal(report.kernel, undefined);
  assert.equal(report.types.Statistics?.answeredBy, 'service');
  assert.equal(hook().calls('NtOpenJobObject'), 0);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1);
  assert.deepEqual(await system.properties([]), system.identity);
});

test('a container without a silo here (hypervisor-isolated, or not started): HCS answers, and the report says why', {
  skip,
}, async (t) => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id, { state: 'Created' });
  t.after(() => hcs.remove(id));
  hcs.property(id, 'Statistics', { Statistics: { ...told, ContainerStartTime: '0001-01-01T00:00:00Z' } });
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['Statistics']);
  assert.equal(report.notOpened?.code, 'ERR_NOT_FOUND');
  assert.equal(properties.Statistics?.ContainerStartTime, undefined, 'never the year 1');
  assert.equal(properties.Statistics?.Uptime100ns, undefined);
  hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hr', 0xc0370105);
  await assert.rejects(system.query(['Statistics']), { code: 'ERR_SERVICE' });
});

test('a created container whose silo is there already has figures, and no start', { skip }, async (t) => {
  const { id, hcs } = await container(t, 0);
  hcs.system(id, { state: 'Created' });
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['Statistics']);
  assert.equal(properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes, 0, 'a measured 0 is there');
  assert.equal(properties.Statistics?.ContainerStartTime, undefined);
  assert.ok(report.types.Statistics?.absent['ContainerStartTime'] !== undefined);
  assert.equal(hcs.count('calls'), 0);
});

test('one of the four questions fails: HCS is asked, the kernel’s members win, and both sources are told', {
  skip,
}, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  const before = await system.properties(['Statistics']);
  hook().fail({ call: 'NtQueryInformationJobObject', of: 28 }, accessDenied);
  const { properties, report } = await system.query(['Statistics']);
  const { Memory, Processor, ContainerStartTime } = properties.Statistics ?? {};
  assert.deepEqual([Memory?.MemoryUsageCommitBytes, Memory?.MemoryUsageCommitPeakBytes], [1000, 2000]);
  assert.notEqual(Memory?.MemoryUsagePrivateWorkingSetBytes, 123_456_789);
  assert.notEqual(Processor?.TotalRuntime100ns, 30);
  assert.ok((Processor?.TotalRuntime100ns ?? -1) >= (before.Statistics?.Processor?.TotalRuntime100ns ?? 0));
  assert.equal(ContainerStartTime, toldStart, 'an estimate gives way to what HCS knows');
  const { sources = {}, fallback } = report.types.Statistics ?? {};
  assert.equal(sources['Memory.MemoryUsageCommitBytes'], 'HCS');
  assert.match(sources['Memory.MemoryUsagePrivateWorkingSetBytes'] ?? '', /process class 3/);
  assert.equal(fallback?.code, 'ERR_ACCESS_DENIED');
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1);
  hook().reset();
  const after = await system.properties(['Statistics']);
  assert.equal(after.Statistics?.ContainerStartTime, toldStart, 'and stays');
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1, 'HCS is not called for it again');
});

test('HCS fails as well: its error, and what the kernel did answer is in it', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  hook().fail({ call: 'NtQueryInformationJobObject', of: 28 }, accessDenied);
  hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hr', 0xc0370105);
  const error: unknown = await system.query(['Statistics', 'ProcessList']).catch((thrown: unknown) => thrown);
  assert.ok(isSilostatError(error) && error.code === 'ERR_SERVICE');
  assert.equal(error.partial?.properties.ProcessList?.length, 2);
  assert.ok((error.partial?.properties.Statistics?.Processor?.TotalRuntime100ns ?? -1) >= 0);
  assert.equal(error.partial?.properties.Statistics?.Memory?.MemoryUsageCommitBytes, undefined);
});

test('a process that denies us: HCS is asked for the sum, and where it fails the lower bound stays', {
  skip,
}, async (t) => {
  const { id, hcs, pids } = await container(t, 3);
  const system = await opened(t, id, hcs);
  const denied = { call: 'NtOpenProcess', of: pids[0] ?? 0 } as const;
  hook().fail(denied, accessDenied);
  const merged = await system.query(['Statistics']);
  assert.equal(merged.properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes, 123_456_789);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 1);
  hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hr', 0x80070005);
  const { properties, report } = await system.query(['Statistics']);
  assert.ok((properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes ?? 0) > 0);
  assert.deepEqual(report.types.Statistics?.lowerBounds, ['Memory.MemoryUsagePrivateWorkingSetBytes']);
  assert.equal(report.types.Statistics?.complete, false);
  assert.equal(report.types.Statistics?.processes?.denied, 1);
  assert.equal(report.types.Statistics?.serviceFailure?.code, 'ERR_ACCESS_DENIED');
});

test('a pid that is used again, a process that exits, a list that grows: no reason to ask HCS', { skip }, async (t) => {
  const { id, hcs, pids } = await container(t, 3);
  const system = await opened(t, id, hcs);
  hook().reuse(pids[0] ?? 0, process.pid);
  const reused = await system.query(['Statistics']);
  assert.equal(reused.report.types.Statistics?.processes?.reused, 1);
  hook().reset();
  hook().fail({ call: 'NtQueryInformationJobObject', of: 3, times: 2 }, 0x80000005);
  assert.equal((await system.query(['Statistics'])).report.types.Statistics?.processes?.read, 3);
  hook().reset();
  hook().kill({ call: 'NtOpenProcess', of: pids[1] ?? 0, times: 1 }, pids[1] ?? 0);
  const exited = await system.query(['Statistics']);
  assert.equal(exited.report.types.Statistics?.complete, true);
  assert.equal(hcs.count('calls'), 0);
});

test('a closed system answers nothing, whoever would have', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  system.close();
  for (const types of [['Statistics'], ['GuestConnection'], []] as const) {
    await assert.rejects(system.query(types), { code: 'ERR_CLOSED' });
  }
  assert.equal(hcs.count('calls'), 0);
});

test('a container that is stopping: what HCS says of it has a code of ours', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  hook().fail({ call: 'NtOpenJobObject' }, 0xc0000034);
  for (const [hresult, code] of [
    [0x80070006, 'ERR_CLOSED'],
    [0x80070005, 'ERR_ACCESS_DENIED'],
    [0xc0370105, 'ERR_SERVICE'],
    [0xc0370110, 'ERR_NOT_FOUND'],
    [0xc037010e, 'ERR_NOT_FOUND'],
  ] as const) {
    hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hr', hresult);
    await assert.rejects(system.query(['Statistics']), { code }, hresult.toString(16));
  }
});

test('an id that HCS spells in another case is one container, and is read by the silo’s own name', {
  skip,
}, async (t) => {
  const { id, hcs, pids } = await container(t);
  hcs.remove(id);
  const spelled = id.toUpperCase();
  hcs.system(spelled);
  t.after(() => {
    hcs.remove(spelled);
    hcs.system(id);
  });
  const listed = (await listComputeSystems()).filter(({ Id }) => Id.toLowerCase() === id);
  assert.deepEqual(
    listed.map(({ Id, JobName }) => [Id, JobName]),
    [[spelled, Silo.path(id)]],
  );
  const system = await opened(t, spelled, hcs);
  assert.equal((await system.query(['Statistics'])).report.types.Statistics?.processes?.read, pids.length);
  assert.equal(hcs.count('calls'), 0);
});

test('each system is listed once, with what each source knows', { skip }, async (t) => {
  const { id, hcs, pids } = await container(t);
  const [vm, paused, ended, job] = [uniqueId(), uniqueId(), uniqueId(), uniqueId()];
  hcs.system(vm, { kind: 'VirtualMachine', os: '-', owner: 'Me' });
  hcs.system(paused, { state: 'Paused' });
  hcs.system(ended, { state: 'Stopped' });
  t.after(() => {
    for (const each of [vm, paused, ended]) hcs.remove(each);
  });
  const path = `\\BaseNamedObjects\\JobContainer_${job}`;
  await Workload.start(t, path, 1);
  hcs.reset();
  const mine = [id, vm, paused, ended, job];
  const listed = async (all: boolean) =>
    (await listComputeSystems({ all }))
      .filter(({ Id }) => mine.includes(Id))
      .map(({ Id, SystemType, Owner, State, ProcessCount, JobName }) => ({
        Id,
        SystemType,
        Owner,
        State,
        ProcessCount,
        JobName,
      }));
  const running = await listed(false);
  assert.equal(hcs.count('calls'), 1, 'one call for all of them');
  assert.deepEqual(running, [
    {
      Id: id,
      SystemType: 'Container',
      Owner: 'MixedCase',
      State: 'Running',
      ProcessCount: pids.length,
      JobName: Silo.path(id),
    },
    { Id: job, SystemType: 'Container', Owner: '', State: 'Running', ProcessCount: 1, JobName: path },
    {
      Id: vm,
      SystemType: 'VirtualMachine',
      Owner: 'Me',
      State: 'Running',
      ProcessCount: undefined,
      JobName: undefined,
    },
    {
      Id: paused,
      SystemType: 'Container',
      Owner: 'Docker',
      State: 'Paused',
      ProcessCount: undefined,
      JobName: undefined,
    },
  ]);
  assert.deepEqual(
    (await listed(true)).map(({ Id }) => Id),
    [id, job, vm, paused, ended],
  );
});

test('a job container is the kernel’s alone, and the report says so', { skip }, async (t) => {
  const hcs = standIn();
  const id = uniqueId();
  await Workload.start(t, `\\BaseNamedObjects\\JobContainer_${id}`, 2);
  const system = await opened(t, id, hcs);
  const { properties, report } = await system.query(['Statistics', 'ProcessList', 'GuestConnection']);
  assert.equal(properties.ProcessList?.length, 2);
  assert.equal(report.types.GuestConnection?.answeredBy, undefined);
  assert.match(report.types.GuestConnection?.serviceFailure?.message ?? '', /job containers/);
  assert.equal(hcs.count('calls'), 0);
});

test('without HCS, or its rights, what the kernel shows is listed and read; what is missing is told', {
  skip,
}, async (t) => {
  const { id, hcs } = await container(t);
  for (const [hresult, code] of [
    [0x80070005, 'ERR_ACCESS_DENIED'],
    [0x80070422, 'ERR_UNSUPPORTED'],
    [0x80070424, 'ERR_UNSUPPORTED'],
  ] as const) {
    hcs.reset();
    hcs.fault('HcsEnumerateComputeSystems', '*', 1000, 'hr', hresult);
    const missing: string[] = [];
    const listed = await listComputeSystems({ onMissing: (reason) => missing.push(reason.code) });
    assert.ok(listed.some(({ Id }) => Id === id));
    assert.deepEqual(missing, [code]);
    const system = await openComputeSystem(id);
    const { report } = await system.query(['Statistics', 'GuestConnection']);
    assert.equal(report.types.Statistics?.answeredBy, 'kernel');
    assert.equal(report.types.GuestConnection?.serviceFailure?.code, code);
    assert.equal(hcs.count('HcsOpenComputeSystem'), 0);
    system.close();
    await assert.rejects(openComputeSystem('none-such'), { code: 'ERR_NOT_FOUND', message: /HCS could not be asked/ });
  }
});

test('one event for each change of source, with its cause, and none for each query', { skip }, async (t) => {
  const { id, hcs } = await container(t);
  const system = await opened(t, id, hcs);
  const events: FallbackEvent[] = [];
  const note = (message: unknown): void => void events.push(message as FallbackEvent);
  subscribe('silostat:fallback', note);
  t.after(() => unsubscribe('silostat:fallback', note));
  for (let i = 0; i < 3; i++) await system.query(['Statistics']);
  assert.equal(events.length, 0);
  hook().fail({ call: 'NtOpenJobObject' }, accessDenied);
  for (let i = 0; i < 3; i++) await system.query(['Statistics']);
  hook().reset();
  for (let i = 0; i < 3; i++) await system.query(['Statistics']);
  assert.deepEqual(
    events.map(({ type, from, to, reason }) => [type, from, to, reason?.code]),
    [
      ['Statistics', 'kernel', 'service', 'ERR_ACCESS_DENIED'],
      ['Statistics', 'service', 'kernel', undefined],
    ],
  );
});

test('names, image, labels and the start come from the engines’ files, and a name opens the container', {
  skip,
}, async (t) => {
  const { id, hcs } = await container(t);
  const folder = mkdtempSync(join(tmpdir(), 'silostat program data '));
  const { ProgramData: before } = process.env;
  process.env['ProgramData'] = folder;
  t.after(() => {
    process.env['ProgramData'] = before;
    rmSync(folder, { recursive: true, force: true });
  });
  const name = `name-${id}`;
  mkdirSync(join(folder, 'docker', 'containers', id), { recursive: true });
  const config = {
    Name: `/${name}`,
    Config: { Image: 'nano:1', Labels: { tier: 'front' } },
    State: { StartedAt: toldStart },
  };
  writeFileSync(join(folder, 'docker', 'containers', id, 'config.v2.json'), JSON.stringify(config));
  const summary = (await listComputeSystems()).find(({ Id }) => Id === id);
  const { Names, Image, Labels, StartTime, Owner } = summary ?? {};
  assert.deepEqual(
    [Names, Image, Labels, StartTime, Owner],
    [[name], 'nano:1', { tier: 'front' }, toldStart, 'MixedCase'],
  );
  for (const reference of [name, name.slice(0, -1)]) {
    const system = await opened(t, reference, hcs);
    assert.equal(system.id, id);
    assert.deepEqual(system.names, [name]);
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.ContainerStartTime, toldStart);
    assert.deepEqual(report.types.Statistics?.estimated, []);
  }
});
