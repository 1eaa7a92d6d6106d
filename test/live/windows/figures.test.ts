import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessDetails } from '#core/schema/process-details.js';
import { rfc3339FromFiletime } from '#core/schema/time.js';
import { JobObject } from '#core/windows/job-object.js';
import { Silo } from '#core/windows/silo.js';
import type { MemberAccount, ReferenceReport } from './lab.js';
import { hook, runReference, skipReason, uniqueId, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason({ programs: true, figures: true });
const mib = 1024 * 1024;
const byPid = (a: { pid: number }, b: { pid: number }) => a.pid - b.pid;

/** What silostat says, in the words of the C reference. */
function read(job: JobObject): Omit<ReferenceReport, 'processes' | 'assigned'> {
  const resident = job.privateWorkingSet();
  const { listed: _, ...tally } = resident.processes ?? {
    listed: 0,
    read: 0,
    gone: 0,
    denied: 0,
    reused: 0,
    unreadable: 0,
  };
  const memory = job.memory().values;
  const processor = job.processor().values;
  const storage = job.storage().values;
  const { active, total } = job.processCounts();
  return {
    pids: job.pids(),
    memory: {
      JobMemory: memory?.MemoryUsageCommitBytes ?? -1,
      PeakJobMemoryUsed: memory?.MemoryUsageCommitPeakBytes ?? -1,
    },
    accounting: {
      TotalUserTime: processor?.RuntimeUser100ns ?? -1,
      TotalKernelTime: processor?.RuntimeKernel100ns ?? -1,
      TotalPageFaultCount: job.faults().values?.PageFaultCount ?? -1,
      TotalProcesses: total,
      ActiveProcesses: active,
    },
    storage:
      storage === undefined
        ? { error: 1168, status: 0xc0000225 }
        : {
            'ReadStats.IoCount': storage.ReadCountNormalized ?? -1,
            'ReadStats.TotalSize': storage.ReadSizeBytes ?? -1,
            'WriteStats.IoCount': storage.WriteCountNormalized ?? -1,
            'WriteStats.TotalSize': storage.WriteSizeBytes ?? -1,
          },
    privateWorkingSet: { bytes: resident.values ?? -1, ...tally },
  };
}

/** Reads until the C reference says the same before and after: then it is the same moment. */
async function readBetween(
  id: string,
): Promise<{ ours: ReturnType<typeof read>; list: ProcessDetails[]; reference: ReferenceReport }> {
  let before = await runReference(Silo.path(id));
  for (let attempt = 0; attempt < 20; attempt++) {
    const job = Silo.open(id);
    const ours = read(job);
    const list = job.processList().values ?? [];
    job.close();
    const after = await runReference(Silo.path(id));
    if (JSON.stringify(before) === JSON.stringify(after)) return { ours, list, reference: before };
    before = after;
  }
  throw new Error('the job never stood still');
}

for (const count of [1, 10, 600]) {
  test(`${count} processes: every figure is what a C program reads`, { skip }, async (t) => {
    const id = uniqueId();
    const { workload, pids } = await Workload.start(t, Silo.path(id), count);
    if (count > 1) await workload.ask('track');
    for (const pid of pids.slice(0, 3)) {
      await workload.ask(`touch ${pid} ${8 * mib}`);
      await workload.ask(`write ${pid} ${1 * mib}`);
      await workload.ask(`read ${pid} ${2 * mib}`);
      await workload.ask(`burn ${pid} 100`);
    }
    const { ours, list, reference } = await readBetween(id);
    const { processes, assigned, ...figures } = reference;
    assert.equal(assigned, count);
    assert.deepEqual(ours, figures);
    assert.deepEqual(
      [...ours.pids].sort((a, b) => a - b),
      [...pids].sort((a, b) => a - b),
    );
    assert.equal(ours.privateWorkingSet.read, count);
    assert.deepEqual(list.map(asReference).sort(byPid), [...processes].sort(byPid).map(withText));
  });
}

function asReference(details: ProcessDetails) {
  return {
    pid: details.ProcessId,
    image: details.ImageName,
    created: details.CreateTimestamp,
    userTime: details.UserTime100ns,
    kernelTime: details.KernelTime100ns,
    PrivateUsage: details.MemoryCommitBytes,
    PrivateWorkingSetSize: details.MemoryWorkingSetPrivateBytes,
    shared: details.MemoryWorkingSetSharedBytes,
  };
}

function withText(process: ReferenceReport['processes'][number]) {
  const { pid, image, userTime, kernelTime, PrivateUsage, PrivateWorkingSetSize, WorkingSetSize } = process;
  return {
    pid,
    image,
    created: rfc3339FromFiletime(BigInt(process.createTime)),
    userTime,
    kernelTime,
    PrivateUsage,
    PrivateWorkingSetSize,
    shared: Math.max(0, WorkingSetSize - PrivateWorkingSetSize),
  };
}

const sum = (accounts: MemberAccount[], member: keyof MemberAccount) =>
  accounts.reduce((total, account) => total + account[member], 0);

test('the figures move by what the processes say they did', { skip }, async (t) => {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(t, Silo.path(id), 4);
  const job = Silo.open(id);
  t.after(() => job.close());
  await workload.ask('track');
  const before = { figures: read(job), accounts: await workload.accounts() };
  const work = [3 * mib, 5 * mib, 7 * mib];
  for (const [i, bytes] of work.entries()) {
    await workload.ask(`touch ${pids[i]} ${bytes}`);
    await workload.ask(`write ${pids[i]} ${2 * bytes}`);
    await workload.ask(`read ${pids[i]} ${bytes}`);
    await workload.ask(`burn ${pids[i]} ${200 * (i + 1)}`);
  }
  const after = { figures: read(job), accounts: await workload.accounts() };
  const did = (member: keyof MemberAccount) => sum(after.accounts, member) - sum(before.accounts, member);
  const moved = (figure: (figures: ReturnType<typeof read>) => number) =>
    figure(after.figures) - figure(before.figures);

  assert.equal(did('touchedBytes'), 15 * mib);
  within(
    moved((f) => f.privateWorkingSet.bytes),
    15 * mib,
    mib,
    'private working set',
  );
  within(
    moved((f) => f.memory.JobMemory),
    15 * mib,
    mib,
    'commit',
  );
  assert.equal(
    moved((f) => f.storage['WriteStats.TotalSize'] ?? 0),
    did('writtenBytes'),
  );
  assert.equal(
    moved((f) => f.storage['ReadStats.TotalSize'] ?? 0),
    did('readBytes'),
  );
  assert.equal(
    moved((f) => f.storage['WriteStats.IoCount'] ?? 0),
    did('writtenOps'),
  );
  assert.equal(
    moved((f) => f.storage['ReadStats.IoCount'] ?? 0),
    did('readOps'),
  );
  // A processor's time is told in ticks of 10 ms (Wine) or 15.6 ms (Windows), for each process.
  const ticks = 4 * 156_250 * 2;
  within(
    moved((f) => f.accounting.TotalUserTime),
    did('burnedUser100ns'),
    ticks,
    'user time',
  );
});

function within(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected} ± ${tolerance}`);
}

test('processor time of processes that have exited stays', { skip }, async (t) => {
  const id = uniqueId();
  const { workload, pids } = await Workload.start(t, Silo.path(id), 2);
  const job = Silo.open(id);
  t.after(() => job.close());
  await workload.ask(`burn ${pids[0]} 300`);
  const before = job.processor().values?.RuntimeUser100ns ?? 0;
  await workload.ask(`exit ${pids[0]}`);
  const after = job.processor().values?.RuntimeUser100ns ?? 0;
  assert.ok(before >= 2_000_000, `${before} before`);
  assert.ok(after >= before, `${before} before, ${after} after the exit`);
});

test('storage that nobody tracks is absent, and the rest is there', { skip }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 1);
  const job = Silo.open(id);
  t.after(() => job.close());
  const { values, absent = {} } = job.storage();
  assert.equal(values, undefined);
  assert.deepEqual(Object.keys(absent), ['Storage']);
  assert.match(Object.values(absent)[0]?.message ?? '', /1168/);
  assert.ok((job.memory().values?.MemoryUsageCommitBytes ?? 0) > 0);
  assert.ok((job.privateWorkingSet().values ?? 0) > 0);
});

test('a job of our own has its I/O tracked from the start', { skip }, async (t) => {
  const job = JobObject.create({ name: Silo.path(uniqueId()) });
  t.after(() => job.close());
  assert.deepEqual(job.storage().values, {
    ReadCountNormalized: 0,
    ReadSizeBytes: 0,
    WriteCountNormalized: 0,
    WriteSizeBytes: 0,
  });
  const workload = Workload.bare(t);
  job.assign(workload.pid);
  const [pid = 0] = await workload.spawn(1);
  await workload.ask(`write ${pid} ${3 * mib}`);
  await workload.ask(`read ${pid} ${mib}`);
  const accounts = await workload.accounts();
  const { ReadSizeBytes = -1, WriteSizeBytes = -1 } = job.storage().values ?? {};
  assert.ok(WriteSizeBytes >= sum(accounts, 'writtenBytes') && sum(accounts, 'writtenBytes') === 3 * mib);
  assert.ok(ReadSizeBytes >= sum(accounts, 'readBytes') && sum(accounts, 'readBytes') === mib);
  const requested = job.requestedIo();
  assert.ok(requested.writtenBytes >= 3 * mib && requested.readBytes >= mib, JSON.stringify(requested));
  assert.ok(requested.writeOperations > 0 && requested.readOperations > 0 && requested.otherOperations > 0);
});

test('a silo is told from a job object', { skip: skipReason({ programs: true, hook: true }) }, async (t) => {
  const id = uniqueId();
  const { pids } = await Workload.start(t, Silo.path(id), 1);
  const silo = Silo.open(id);
  t.after(() => silo.close());
  assert.equal(silo.kind, 'silo');
  const { object, birth } = silo.identity();
  assert.equal(object, String(silo.silo()?.siloId));
  assert.equal(birth, String(silo.oldestProcess()));
  assert.deepEqual(silo.identity(), { object, birth });
  assert.ok(pids.length === 1);
});

test('only the processes of the job are asked, four calls each, and none of the host', {
  skip: skipReason({ programs: true, hook: true }),
}, async (t) => {
  const id = uniqueId();
  const { workload } = await Workload.start(t, Silo.path(id), 25);
  await workload.outside(25);
  const job = Silo.open(id);
  t.after(() => job.close());
  job.privateWorkingSet();
  hook().reset();
  assert.equal(job.privateWorkingSet().processes?.read, 25);
  assert.equal(hook().calls('NtQueryInformationJobObject', 3), 1);
  for (const call of ['NtOpenProcess', 'NtIsProcessInJob', 'NtQueryInformationProcess', 'NtClose'] as const) {
    assert.equal(hook().calls(call), 25, call);
  }
  assert.equal(hook().calls('NtQuerySystemInformation'), 0);
  assert.equal(job.processList().processes?.read, 25);
  assert.equal(hook().calls('NtQuerySystemInformation'), 0);
});
