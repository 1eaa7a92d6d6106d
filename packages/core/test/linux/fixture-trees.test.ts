import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '../../dist/job.js';
import type { CgroupReference } from '../../dist/linux/cgroup/cgroup.js';
import { openCgroupJobAccess } from '../../dist/linux/cgroup/cgroup.js';
import type { Absences } from '../../dist/report.js';
import { fixture, hierarchiesIn } from './tree.ts';

/** Asks a job of a recorded tree, twice: what is kept must not change the answer. */
function ask<T>(name: string, path: string, question: (job: Job) => T): T {
  const access = openCgroupJobAccess({ hierarchies: hierarchiesIn(fixture(name)), path });
  try {
    const first = question(access.acquire());
    assert.deepEqual(question(access.acquire()), first);
    return first;
  } finally {
    access.close();
  }
}

/** Of the property type Linux, only what the pids controller tells; own-figures.test.ts has the rest. */
function pidsOf(job: Job): { PidsCurrent?: number; PidsLimit?: number | null } {
  const { PidsCurrent, PidsLimit } = job.linux?.().values ?? {};
  return { ...(PidsCurrent !== undefined && { PidsCurrent }), ...(PidsLimit !== undefined && { PidsLimit }) };
}

const statistics = (job: Job) => ({
  memory: job.memory(),
  processor: job.processor(),
  storage: job.storage(),
  privateWorkingSet: job.privateWorkingSet(),
  pids: pidsOf(job),
});

const messages = (absent: Absences | undefined) =>
  Object.entries(absent ?? {}).map(([path, reason]) => `${path}: ${reason.code} ${reason.message}`);

const complete = (listed: number, gone = 0) => ({
  listed,
  read: listed - gone,
  gone,
  denied: 0,
  reused: 0,
  unreadable: 0,
});

describe('v2: Docker with the systemd driver', () => {
  const path = '/system.slice/docker-3f1c9a0b5d7e.scope';
  it('has all statistics, each with its source', () => {
    assert.deepEqual(ask('v2-docker', path, statistics), {
      memory: {
        values: { MemoryUsageCommitBytes: 67108864, MemoryUsageCommitPeakBytes: 73400320 },
        sources: {
          'Memory.MemoryUsageCommitBytes': 'memory.current',
          'Memory.MemoryUsageCommitPeakBytes': 'memory.peak',
        },
      },
      processor: {
        values: { TotalRuntime100ns: 123456780, RuntimeUser100ns: 90000010, RuntimeKernel100ns: 33456770 },
        sources: {
          'Processor.TotalRuntime100ns': 'cpu.stat usage_usec',
          'Processor.RuntimeUser100ns': 'cpu.stat user_usec',
          'Processor.RuntimeKernel100ns': 'cpu.stat system_usec',
        },
      },
      storage: {
        values: {
          ReadCountNormalized: 21,
          ReadSizeBytes: 1052672,
          WriteCountNormalized: 100,
          WriteSizeBytes: 52428800,
        },
        sources: {
          'Storage.ReadCountNormalized': 'io.stat rios',
          'Storage.ReadSizeBytes': 'io.stat rbytes',
          'Storage.WriteCountNormalized': 'io.stat wios',
          'Storage.WriteSizeBytes': 'io.stat wbytes',
        },
      },
      privateWorkingSet: {
        values: 41943040,
        sources: { 'Memory.MemoryUsagePrivateWorkingSetBytes': 'memory.stat anon' },
      },
      pids: { PidsCurrent: 5, PidsLimit: 4915 },
    });
  });
  it('lists the processes of the cgroup and of those below it', () => {
    const { values, processes } = ask('v2-docker', path, (job) => job.processList());
    assert.deepEqual(values, [
      {
        ProcessId: 4100,
        ImageName: 'nginx: master',
        CreateTimestamp: '2026-09-21T15:13:20.0000000Z',
        UserTime100ns: 15000000,
        KernelTime100ns: 5000000,
        MemoryCommitBytes: 2048000,
        MemoryWorkingSetPrivateBytes: 2048000,
        MemoryWorkingSetSharedBytes: 2867200,
      },
      {
        ProcessId: 4242,
        ImageName: 'a b) (c)',
        CreateTimestamp: '2026-09-21T15:13:21.5000000Z',
        UserTime100ns: 100000000,
        KernelTime100ns: 2500000,
        MemoryCommitBytes: 40960000,
        MemoryWorkingSetPrivateBytes: 40960000,
        MemoryWorkingSetSharedBytes: 4096000,
      },
      {
        ProcessId: 4300,
        ImageName: 'worker',
        CreateTimestamp: '2026-09-21T15:20:00.0000000Z',
        UserTime100ns: 700000,
        KernelTime100ns: 300000,
        MemoryCommitBytes: 0,
        MemoryWorkingSetPrivateBytes: 0,
        MemoryWorkingSetSharedBytes: 1228800,
      },
    ]);
    assert.deepEqual(processes, complete(3));
  });
  it('knows its kind, its oldest process and its identity', () => {
    assert.equal(
      ask('v2-docker', path, (job) => job.kind),
      'cgroup v2',
    );
    assert.equal(
      ask('v2-docker', path, (job) => job.oldestProcess()),
      17_900_036_000_000_000n,
    );
    assert.match(ask('v2-docker', path, (job) => job.identity()).object ?? '', /^\d+$/);
  });
});

describe('v2: rootless, without the memory, io and pids controllers, half in another pid namespace', () => {
  const path = '/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-web.scope/container';
  const tally = { listed: 4, read: 2, gone: 0, denied: 0, reused: 0, unreadable: 2 };
  it('has what needs no controller, and a reason for the rest', () => {
    const answer = ask('v2-rootless', path, statistics);
    assert.deepEqual(answer.processor.values, {
      TotalRuntime100ns: 1000,
      RuntimeUser100ns: 600,
      RuntimeKernel100ns: 400,
    });
    assert.equal(answer.memory.values, undefined);
    assert.deepEqual(messages(answer.memory.absent), [
      'Memory.MemoryUsageCommitBytes: ERR_UNSUPPORTED there is no memory.current: the memory controller is not enabled for this cgroup',
      'Memory.MemoryUsageCommitPeakBytes: ERR_UNSUPPORTED there is no memory.peak: it needs Linux 5.19, or the memory controller is not enabled for this cgroup',
    ]);
    assert.equal(answer.storage.values, undefined);
    assert.deepEqual(messages(answer.storage.absent), [
      'Storage: ERR_UNSUPPORTED there is no io.stat: the io controller is not enabled for this cgroup',
    ]);
    assert.deepEqual(answer.pids, {});
  });
  it('adds up the processes for the private working set, and says what is missing of it', () => {
    const { values, sources, processes } = ask('v2-rootless', path, (job) => job.privateWorkingSet());
    assert.equal(values, (100 + 350) * 16384);
    assert.match(sources['Memory.MemoryUsagePrivateWorkingSetBytes'] ?? '', /statm .*shared by fork/);
    assert.deepEqual(processes, tally);
  });
  it('lists the processes that have a number here', () => {
    const { values, processes } = ask('v2-rootless', path, (job) => job.processList());
    assert.deepEqual(
      values?.map(({ ProcessId }) => ProcessId),
      [511, 512],
    );
    assert.deepEqual(processes, tally);
  });
});

describe('v2: an empty cgroup with counters that no number holds', () => {
  it('leaves them out with their digits, and keeps the others', () => {
    const answer = ask('v2-large', '/big', statistics);
    assert.deepEqual(answer.memory.values, { MemoryUsageCommitBytes: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(answer.processor.values, { RuntimeUser100ns: 9007199254740990, RuntimeKernel100ns: 10 });
    assert.deepEqual(answer.storage.values, { ReadCountNormalized: 1, WriteCountNormalized: 2 });
    assert.deepEqual(answer.pids, { PidsCurrent: 0, PidsLimit: null });
    const digits = (text: string) => `ERR_UNSUPPORTED it is ${text}, above 2^53: a number would be rounded`;
    assert.deepEqual(messages(answer.processor.absent), [`Processor.TotalRuntime100ns: ${digits('9007199254741000')}`]);
    assert.deepEqual(messages(answer.storage.absent), [
      `Storage.ReadSizeBytes: ${digits('9007199254741000')}`,
      `Storage.WriteSizeBytes: ${digits('18446744073709551615')}`,
    ]);
    assert.deepEqual(messages(answer.privateWorkingSet.absent), [
      `Memory.MemoryUsagePrivateWorkingSetBytes: ${digits('9007199254740992')}`,
    ]);
    assert.equal(answer.privateWorkingSet.values, undefined);
  });
  it('has no processes, which is no error', () => {
    assert.deepEqual(
      ask('v2-large', '/big', (job) => job.processList().values),
      [],
    );
    assert.equal(
      ask('v2-large', '/big', (job) => job.oldestProcess()),
      undefined,
    );
  });
});

describe('v1: runc, memory at another path, the process in a nested cgroup', () => {
  it('reads each controller where the process says', () => {
    const answer = ask('v1-runc', '/web', statistics);
    assert.deepEqual(answer.memory.values, {
      MemoryUsageCommitBytes: 41807872,
      MemoryUsageCommitPeakBytes: 42090496,
    });
    assert.deepEqual(answer.processor, {
      values: { RuntimeUser100ns: 15032689, RuntimeKernel100ns: 0 },
      sources: {
        'Processor.TotalRuntime100ns': 'cpuacct.usage',
        'Processor.RuntimeUser100ns': 'cpuacct.usage_user',
        'Processor.RuntimeKernel100ns': 'cpuacct.usage_sys',
      },
      absent: {
        'Processor.TotalRuntime100ns': {
          code: 'ERR_UNSUPPORTED',
          message: 'it is 90071992547409991, above 2^53: a number would be rounded',
        },
      },
    });
    assert.deepEqual(answer.storage, {
      values: { ReadCountNormalized: 1, ReadSizeBytes: 4096, WriteCountNormalized: 50, WriteSizeBytes: 52428800 },
      sources: {
        'Storage.ReadCountNormalized': 'blkio.throttle.io_serviced_recursive Read',
        'Storage.ReadSizeBytes': 'blkio.throttle.io_service_bytes_recursive Read',
        'Storage.WriteCountNormalized': 'blkio.throttle.io_serviced_recursive Write',
        'Storage.WriteSizeBytes': 'blkio.throttle.io_service_bytes_recursive Write',
      },
    });
    assert.deepEqual(answer.pids, { PidsCurrent: 3, PidsLimit: null });
  });
  it('counts the anonymous memory of nested cgroups', () => {
    const { values, sources } = ask('v1-runc', '/web', (job) => job.privateWorkingSet());
    assert.equal(values, 40673280);
    assert.equal(sources['Memory.MemoryUsagePrivateWorkingSetBytes'], 'memory.stat total_rss');
  });
  it('finds the same container by the path of its memory cgroup', () => {
    const [kind, answer] = ask('v1-runc', '/caller/session-7/web', (job) => [job.kind, statistics(job)] as const);
    assert.equal(kind, 'cgroup v1');
    assert.deepEqual(answer, ask('v1-runc', '/web', statistics));
  });
  it('lists the process', () => {
    const { values, processes } = ask('v1-runc', '/web', (job) => job.processList());
    assert.deepEqual(
      values?.map((details) => [details.ProcessId, details.MemoryWorkingSetPrivateBytes]),
      [[900, 819200]],
    );
    assert.deepEqual(processes, complete(1));
  });
});

describe('v1 + v2: Docker without a throttle rule, a process whose first thread has exited, a zombie', () => {
  const path = '/docker/77aa77aa77aa';
  it('takes the processor from v2 and the controllers from v1', () => {
    const answer = ask('hybrid-docker', path, statistics);
    assert.equal(
      ask('hybrid-docker', path, (job) => job.kind),
      'cgroup v1 + v2',
    );
    assert.deepEqual(answer.processor.values, {
      TotalRuntime100ns: 3770240,
      RuntimeUser100ns: 3367570,
      RuntimeKernel100ns: 402660,
    });
    assert.deepEqual(answer.memory.values, { MemoryUsageCommitBytes: 1048576, MemoryUsageCommitPeakBytes: 2097152 });
    assert.equal(answer.privateWorkingSet.values, 524288);
    assert.deepEqual(answer.pids, { PidsCurrent: 6, PidsLimit: 100 });
  });
  it('does not take uncounted input and output for none', () => {
    const { values, absent } = ask('hybrid-docker', path, (job) => job.storage());
    assert.equal(values, undefined);
    assert.match(messages(absent).join(), /^Storage: ERR_UNSUPPORTED .*throttle rule/);
  });
  it('takes the memory of the threads that are left, and counts what is swapped out', () => {
    const { values, processes, sources } = ask('hybrid-docker', path, (job) => job.processList());
    assert.deepEqual(values, [
      {
        ProcessId: 71,
        ImageName: 'main',
        CreateTimestamp: '2026-09-21T14:14:10.0000000Z',
        UserTime100ns: 10000000,
        KernelTime100ns: 20000000,
        MemoryCommitBytes: 300 * 4096 + 2048 * 1024,
        MemoryWorkingSetPrivateBytes: 300 * 4096,
        MemoryWorkingSetSharedBytes: 100 * 4096,
      },
      {
        ProcessId: 72,
        ImageName: 'leaderless',
        CreateTimestamp: '2026-09-21T14:14:20.0000000Z',
        UserTime100ns: 30000000,
        KernelTime100ns: 40000000,
        MemoryCommitBytes: 5120 * 4096 + 16 * 1024,
        MemoryWorkingSetPrivateBytes: 5120 * 4096,
        MemoryWorkingSetSharedBytes: 100 * 4096,
      },
    ]);
    assert.deepEqual(processes, complete(3, 1));
    const { MemoryCommitBytes } = sources;
    assert.equal(MemoryCommitBytes, '/proc/PID/statm resident - shared + /proc/PID/status VmSwap');
  });
});

describe('a cgroup that is not there', () => {
  const absent: readonly [name: string, path: string][] = [
    ['v2-docker', '/docker/none'],
    ['v1-runc', '/none'],
    ['hybrid-docker', '/docker'.repeat(2)],
  ];
  for (const [name, path] of absent) {
    it(`${name} ${path}`, () => {
      const reference: CgroupReference = { hierarchies: hierarchiesIn(fixture(name)), path };
      assert.throws(() => openCgroupJobAccess(reference).acquire(), { code: 'ERR_NOT_FOUND', subject: path });
    });
  }
});
