import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SilostatError } from '../../dist/errors.js';
import type { Job } from '../../dist/job.js';
import { openCgroupJobAccess } from '../../dist/linux/cgroup/cgroup.js';
import type { Absences } from '../../dist/report.js';
import { cgroupLines, hierarchiesIn, makeTree, mountLine, type Tree } from './tree.ts';

const pressure = (some: number, full?: number): string =>
  `some avg10=0.00 avg60=1.25 avg300=0.00 total=${some}\n` +
  (full === undefined ? '' : `full avg10=0.00 avg60=0.00 avg300=0.00 total=${full}\n`);

const stat = (pid: number, start: number): string =>
  `${pid} (a b) S 1 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 ${start} 0 0 ${'0 '.repeat(27)}0\n`;

const netDev = [
  'Inter-|   Receive                                                |  Transmit',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
  '    lo:     900       9    0    0    0     0          0         0      900       9    0    0    0     0       0          0',
  '  eth0: 1000001    1002    3    4    0     0          0         0  5000005     606    7    8    0     0       0          0',
  '',
].join('\n');

const proc = {
  'proc/stat': 'cpu 0\nbtime 1790000000\n',
  'proc/1/net/dev': netDev,
  'proc/42/stat': stat(42, 500),
  'proc/42/net/dev': netDev,
};

const v2 = 'sys/fs/cgroup';
const own2 = `${v2}/kube/pod/web`;

/** A v2 host: /kube/pod/web, the pod with a memory limit of its own, kube with a processor limit. */
const version2 = {
  ...proc,
  'proc/self/mountinfo': mountLine('/sys/fs/cgroup'),
  'proc/42/cgroup': cgroupLines({ '': '/kube/pod/web' }),
  [`${v2}/cgroup.procs`]: '',
  [`${v2}/kube/cpu.max`]: '150000 100000\n',
  [`${v2}/kube/memory.max`]: 'max\n',
  [`${v2}/kube/pod/memory.max`]: '268435456\n',
  [`${v2}/kube/pod/cpu.max`]: 'max 100000\n',
  [`${own2}/cgroup.procs`]: '42\n',
  [`${own2}/memory.max`]: '536870912\n',
  [`${own2}/cpu.max`]: '200000 100000\n',
  [`${own2}/pids.max`]: 'max\n',
  [`${own2}/pids.current`]: '7\n',
  [`${own2}/memory.current`]: '5000\n',
  [`${own2}/memory.swap.current`]: '111\n',
  [`${own2}/memory.stat`]: 'anon 1\nfile 2200\nkernel 333\nshmem 44\ninactive_file 1500\npgfault 71\npgmajfault 3\n',
  [`${own2}/memory.events`]: 'low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\n',
  [`${own2}/cpu.stat`]:
    'usage_usec 10\nuser_usec 4\nsystem_usec 6\nnr_periods 100\nnr_throttled 9\nthrottled_usec 1234\n',
  [`${own2}/cpu.pressure`]: pressure(11, 1),
  [`${own2}/memory.pressure`]: pressure(22, 2),
  [`${own2}/io.pressure`]: pressure(33, 3),
  [`${own2}/hugetlb.2MB.current`]: '4194304\n',
  [`${own2}/hugetlb.1GB.current`]: '0\n',
};

const v1 = (controller: string): string => `sys/fs/cgroup/${controller}/docker/web`;
const v1Mounts = ['memory', 'cpu', 'pids'].map((name) => mountLine(`/sys/fs/cgroup/${name}`, name)).join('');

/** A v1 host without a v2 hierarchy: no limit but docker's of the processors. */
const version1 = {
  ...proc,
  'proc/self/mountinfo': v1Mounts,
  'proc/42/cgroup': cgroupLines({ memory: '/docker/web', cpu: '/docker/web', pids: '/docker/web' }),
  'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  'sys/fs/cgroup/memory/docker/memory.limit_in_bytes': '9223372036854771712\n',
  'sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us': '50000\n',
  'sys/fs/cgroup/cpu/docker/cpu.cfs_period_us': '100000\n',
  [`${v1('memory')}/cgroup.procs`]: '42\n',
  [`${v1('memory')}/memory.limit_in_bytes`]: '9223372036854771712\n',
  [`${v1('memory')}/memory.usage_in_bytes`]: '1000\n',
  [`${v1('memory')}/memory.kmem.usage_in_bytes`]: '5\n',
  [`${v1('memory')}/memory.stat`]:
    'cache 9\ntotal_cache 12\ntotal_rss 1\ntotal_shmem 4\ntotal_swap 6\ntotal_pgfault 70\ntotal_pgmajfault 2\ntotal_inactive_file 2000\n',
  [`${v1('memory')}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\n',
  [`${v1('cpu')}/cgroup.procs`]: '42\n',
  [`${v1('cpu')}/cpu.cfs_quota_us`]: '-1\n',
  [`${v1('cpu')}/cpu.cfs_period_us`]: '100000\n',
  [`${v1('cpu')}/cpu.stat`]: 'nr_periods 3\nnr_throttled 2\nthrottled_time 123456\n',
  [`${v1('pids')}/cgroup.procs`]: '42\n',
  [`${v1('pids')}/pids.current`]: '4\n',
  [`${v1('pids')}/pids.max`]: '64\n',
};

function ask<T>(files: Readonly<Record<string, string>>, path: string, question: (job: Job, tree: Tree) => T): T {
  using tree = makeTree(files);
  const access = openCgroupJobAccess({ hierarchies: hierarchiesIn(tree.root), path });
  try {
    return question(access.acquire(), tree);
  } finally {
    access.close();
  }
}

const without = (files: Readonly<Record<string, string>>, file: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== file));

const messages = (absent: Absences | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(absent ?? {}).map(([path, { message }]) => [path, message]));

const eth0 = {
  Name: 'eth0',
  BytesReceived: 1000001,
  PacketsReceived: 1002,
  ErrorsIncoming: 3,
  DroppedPacketsIncoming: 4,
  BytesSent: 5000005,
  PacketsSent: 606,
  ErrorsOutgoing: 7,
  DroppedPacketsOutgoing: 8,
};

describe('Limits', () => {
  it('are the least of the cgroup and its ancestors on v2, and say whose they are', () => {
    assert.deepEqual(
      ask(version2, '/kube/pod/web', (job) => job.limits?.().values),
      {
        MemoryBytes: 268435456,
        MemorySetBy: '/kube/pod',
        Processors: 1.5,
        ProcessorsSetBy: '/kube',
        ProcessCount: null,
      },
    );
  });

  it("are null on v1 where it shows the largest number or -1, and an ancestor's otherwise", () => {
    const reading = ask(version1, '/docker/web', (job) => job.limits?.());
    assert.deepEqual(reading?.values, {
      MemoryBytes: null,
      Processors: 0.5,
      ProcessorsSetBy: '/docker',
      ProcessCount: 64,
      ProcessCountSetBy: '/docker/web',
    });
    assert.equal(reading?.sources['Processors'], 'cpu.cfs_quota_us / cpu.cfs_period_us');
  });

  it('are absent where no cgroup up to the root has the controller', () => {
    const files = without(version2, `${own2}/pids.max`);
    const reading = ask(files, '/kube/pod/web', (job) => job.limits?.());
    assert.equal(reading?.values?.ProcessCount, undefined);
    assert.match(reading?.absent?.['ProcessCount']?.message ?? '', /pids controller is not enabled/);
  });

  it('are refused when they are malformed', () => {
    for (const text of ['1\n', 'max\n', '1 0\n', '-1 100000\n', '1.5 100000\n', '', '100000 100000']) {
      const files = { ...version2, [`${own2}/cpu.max`]: text };
      const isParseError = (error: unknown) => error instanceof SilostatError && error.code === 'ERR_PARSE';
      assert.throws(() => ask(files, '/kube/pod/web', (job) => job.limits?.()), isParseError, JSON.stringify(text));
    }
  });
});

describe('Faults', () => {
  it('are read from memory.stat, on v1 with the sub-cgroups', () => {
    const two = ask(version2, '/kube/pod/web', (job) => job.faults?.());
    assert.deepEqual(two?.values, { PageFaultCount: 71, MajorPageFaultCount: 3 });
    const one = ask(version1, '/docker/web', (job) => job.faults?.());
    assert.deepEqual(one?.values, { PageFaultCount: 70, MajorPageFaultCount: 2 });
  });
});

describe('Linux', () => {
  it('has all figures on v2', () => {
    const reading = ask(version2, '/kube/pod/web', (job) => job.linux?.());
    assert.deepEqual(reading?.values, {
      WorkingSetBytes: 3500,
      CacheBytes: 2200,
      SharedMemoryBytes: 44,
      KernelBytes: 333,
      SwapBytes: 111,
      OutOfMemoryKillCount: 1,
      PeriodCount: 100,
      ThrottledPeriodCount: 9,
      ThrottledTime100ns: 12340,
      CpuPressureSome100ns: 110,
      CpuPressureFull100ns: 10,
      MemoryPressureSome100ns: 220,
      MemoryPressureFull100ns: 20,
      IoPressureSome100ns: 330,
      IoPressureFull100ns: 30,
      PidsCurrent: 7,
      PidsLimit: null,
      HugePages: [
        { PageSize: '1GB', UsedBytes: 0 },
        { PageSize: '2MB', UsedBytes: 4194304 },
      ],
      Network: { Namespace: 'own', Interfaces: [eth0] },
    });
    assert.deepEqual(messages(reading?.absent), {});
  });

  it('has on v1 what v1 has, each absence with its reason; a working set is never negative', () => {
    const reading = ask(version1, '/docker/web', (job) => job.linux?.());
    assert.deepEqual(reading?.values, {
      WorkingSetBytes: 0,
      CacheBytes: 12,
      SharedMemoryBytes: 4,
      KernelBytes: 5,
      SwapBytes: 6,
      PeriodCount: 3,
      ThrottledPeriodCount: 2,
      ThrottledTime100ns: 1234,
      PidsCurrent: 4,
      PidsLimit: 64,
      Network: { Namespace: 'own', Interfaces: [eth0] },
    });
    const absent = messages(reading?.absent);
    assert.match(absent['OutOfMemoryKillCount'] ?? '', /no oom_kill: it needs Linux 4.13/);
    assert.match(absent['IoPressureFull100ns'] ?? '', /^cgroup v1 does not have it$/);
    assert.match(absent['HugePages'] ?? '', /hugetlb controller is not mounted/);
  });

  it('lacks only what an older kernel does not write', () => {
    const files = {
      ...version2,
      [`${own2}/cpu.pressure`]: pressure(11),
      [`${own2}/cpu.stat`]: 'usage_usec 10\nuser_usec 4\nsystem_usec 6\n',
    };
    const absent = messages(ask(files, '/kube/pod/web', (job) => job.linux?.().absent));
    assert.deepEqual(Object.keys(absent).sort(), [
      'CpuPressureFull100ns',
      'PeriodCount',
      'ThrottledPeriodCount',
      'ThrottledTime100ns',
    ]);
    assert.match(absent['CpuPressureFull100ns'] ?? '', /Linux 5.13/);
    assert.match(absent['PeriodCount'] ?? '', /cpu controller is not enabled/);
  });

  it('refuses pressure without a total, and a network file that was cut off', () => {
    for (const broken of [
      { [`${own2}/io.pressure`]: 'some avg10=0.00 avg60=0.00\n' },
      { [`${own2}/io.pressure`]: 'some avg10=0.00 total=-5\n' },
      { 'proc/42/net/dev': netDev.slice(0, -4) },
      { 'proc/42/net/dev': netDev.replace('1002', '-1') },
    ]) {
      const isParseError = (error: unknown) => error instanceof SilostatError && error.code === 'ERR_PARSE';
      assert.throws(() => ask({ ...version2, ...broken }, '/kube/pod/web', (job) => job.linux?.()), isParseError);
    }
  });
});

describe('the network', () => {
  it('of the host is told apart, and its traffic is not the container', () => {
    const network = ask(version2, '/kube/pod/web', (job, tree) => {
      tree.remove('proc/42/net/dev');
      linkSync(join(tree.root, 'proc/1/net/dev'), join(tree.root, 'proc/42/net/dev'));
      return job.linux?.().values?.Network;
    });
    assert.deepEqual(network, { Namespace: 'host' });
  });

  it('leaves an interface out whose counters a number cannot hold, and says so', () => {
    const files = { ...version2, 'proc/42/net/dev': netDev.replace('5000005', '9007199254740993') };
    const reading = ask(files, '/kube/pod/web', (job) => job.linux?.());
    assert.deepEqual(reading?.values?.Network, { Namespace: 'own', Interfaces: [] });
    assert.match(reading?.absent?.['Network.Interfaces']?.message ?? '', /eth0 are above 2\^53/);
  });

  it('is absent with its reason when no process is left, or the oldest has exited', () => {
    const nobody = ask({ ...version2, [`${own2}/cgroup.procs`]: '' }, '/kube/pod/web', (job) => job.linux?.());
    assert.match(nobody?.absent?.['Network']?.message ?? '', /no process/);
    const exited = ask(without(version2, 'proc/42/net/dev'), '/kube/pod/web', (job) => job.linux?.());
    assert.match(exited?.absent?.['Network']?.message ?? '', /process 42 exited/);
    assert.equal(exited?.values?.PidsCurrent, 7);
  });
});
