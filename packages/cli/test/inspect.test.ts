import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinuxFigures } from 'silostat';
import { FakeWorld } from './support/fake-io.ts';
import { notFound, type Script, script } from './support/fake-job.ts';
import { validated } from './support/schema.ts';

describe('silostat inspect ID --json', () => {
  it('prints the document alone, of Statistics and ProcessList, valid', async () => {
    const world = new FakeWorld(script());
    assert.equal(await world.run('inspect', 'web-1', '--json'), 0);
    const document = validated('properties', world.out) as Record<string, unknown>;
    assert.deepEqual(Object.keys(document), [
      'Id',
      'SystemType',
      'RuntimeOsType',
      'Owner',
      'Statistics',
      'ProcessList',
    ]);
    assert.equal(world.err, '');
    assert.equal((world.containers[0] as Script).closed, 1);
  });

  it('--types chooses', async () => {
    const world = new FakeWorld(script());
    assert.equal(await world.run('inspect', 'web-1', '--json', '--types', 'ProcessList,ProcessList'), 0);
    const { ProcessList, ...rest } = validated('properties', world.out) as Record<string, unknown>;
    assert.equal('Statistics' in rest, false);
    assert.deepEqual(ProcessList, (world.containers[0] as Script).processes);
  });

  it('--explain has the reason of every absent member, with its cause', async () => {
    const tally = { listed: 3, read: 2, gone: 0, reused: 0, denied: 1, unreadable: 0 };
    const world = new FakeWorld(script({ storage: undefined, tally }));
    assert.equal(await world.run('inspect', 'web-1', '--json', '--explain'), 0);
    const { Report } = validated('explained', world.out) as { Report: { Types: Record<string, TypeDocument> } };
    const { Statistics } = Report.Types;
    assert.deepEqual(Object.keys(Statistics?.Absent ?? {}).sort(), ['ContainerStartTime', 'Storage', 'Uptime100ns']);
    const { Storage } = Statistics?.Absent ?? {};
    assert.deepEqual(Storage, {
      Code: 'ERR_UNSUPPORTED',
      Message: 'not counted before a throttle rule was set',
      Cause: {
        Message: 'read blkio.throttle.io_service_bytes: ENOTSUP 95',
        Api: 'read blkio.throttle.io_service_bytes',
        Kind: 'errno',
        Status: 95,
      },
    });
    assert.deepEqual(Statistics?.LowerBounds, ['Memory.MemoryUsagePrivateWorkingSetBytes']);
    assert.deepEqual(Statistics?.Processes, { Listed: 3, Read: 2, Gone: 0, Denied: 1, Reused: 0, Unreadable: 0 });
    assert.equal(Statistics?.Complete, false);
  });

  it('of a container that goes in mid-read prints nothing but one line, exit code 1', async () => {
    const world = new FakeWorld(script({ failure: notFound('web-1') }));
    assert.equal(await world.run('inspect', 'web-1', '--json'), 1);
    assert.equal(world.out, '');
    assert.equal(world.errLines.length, 1);
    assert.equal((world.containers[0] as Script).closed, 1);
  });

  it('of a type that nobody answers fails', async () => {
    const world = new FakeWorld(script());
    assert.equal(await world.run('inspect', 'web-1', '--types', 'Limits'), 1);
    assert.equal(world.out, '');
    assert.match(world.err, /^silostat: /);
  });
});

interface TypeDocument {
  readonly Absent: Record<string, unknown>;
  readonly LowerBounds: string[];
  readonly Processes: unknown;
  readonly Complete: boolean;
}

describe('silostat inspect ID', () => {
  it('is a page: each figure with its unit and meaning, or why it is absent', async () => {
    const world = new FakeWorld(script({ storage: undefined, names: ['web-1', 'x\x1b[2J'] }));
    assert.equal(await world.run('inspect', '3f1c'), 0);
    const lines = world.out.split('\n');
    assert.equal(lines[0], `web-1, x\\x1b[2J  ${script().id}`);
    assert.equal(lines[1], 'Container, Linux, docker');
    assert.match(world.out, /\nStatistics\n/);
    assert.match(world.out, /\n {2}CPU time +12\.34s +Processor time used by all processes/);
    assert.match(world.out, /\n {2}Private working set +103 MiB +Resident memory/);
    assert.match(world.out, /\n {2}Written +- +Bytes written to block devices\.\n/);
    assert.match(world.out, /\n {2}- Storage: not counted before a throttle rule was set\n/);
    assert.match(world.out, /\nProcessList\n +PID +Name +User time .*\n +41 +nginx +500ms .*\n +42 +- +- /);
    assert.match(world.out, /\n {2}User time: Processor time of one process in user mode\./);
    assert.doesNotMatch(world.out, /Report/);
    for (const line of lines) assert.ok(line.length <= 120, line);
  });

  it('says below the processes why a figure of theirs is absent', async () => {
    const reason = { code: 'ERR_ACCESS_DENIED', message: 'not ours to read' } as const;
    const world = new FakeWorld(script({ processAbsent: { MemoryCommitBytes: reason } }));
    await world.run('inspect', 'web-1', '--types', 'ProcessList');
    assert.match(world.out, /\n {2}- MemoryCommitBytes: not ours to read\n$/);
  });

  it('--explain adds where each figure was read and who answered', async () => {
    const world = new FakeWorld(script({ storage: undefined }));
    assert.equal(await world.run('inspect', 'web-1', '--explain'), 0);
    assert.match(world.out.replace(/\s+/g, ' '), /Commit 180 MiB What .* included\. \[memory\.current\]/);
    assert.match(world.out, /\n {2}asked 2026-01-02T03:04:05\.000Z, took .*, kernel object: cgroup v2\n/);
    assert.match(world.out, /\n {2}Statistics: answered by kernel in /);
  });

  it('fits the terminal', async () => {
    const world = new FakeWorld(script());
    world.terminal = { isTTY: true, columns: 72 };
    await world.run('inspect', 'web-1', '--types', 'Statistics');
    for (const line of world.out.split('\n')) assert.ok(line.length <= 72, line);
  });

  it('shows a lower bound as one, and a type that was not answered with its reason', async () => {
    const tally = { listed: 3, read: 2, gone: 0, reused: 0, denied: 1, unreadable: 0 };
    const world = new FakeWorld(script({ tally }));
    assert.equal(await world.run('inspect', 'web-1', '--types', 'Statistics,Limits'), 0);
    assert.match(world.out, />= 103 MiB \(2 of 3\)/);
    assert.match(world.out, /\nLimits\n {2}- {2}\S/);
  });
});

describe('silostat inspect ID --types Limits,Linux', () => {
  const counters = {
    BytesReceived: 1_000_001,
    PacketsReceived: 1002,
    DroppedPacketsIncoming: 3,
    ErrorsIncoming: 0,
    BytesSent: 5_000_005,
    PacketsSent: 606,
    DroppedPacketsOutgoing: 7,
    ErrorsOutgoing: 8,
  };
  const page = async (told: Partial<Script>, types: string, ...more: string[]): Promise<string[]> => {
    const world = new FakeWorld(script(told));
    assert.equal(await world.run('inspect', 'web-1', '--types', types, ...more), 0);
    return world.out.split('\n').slice(3, -1);
  };
  const from = (lines: readonly string[], start: string): string[] =>
    lines.slice(lines.findIndex((line) => line.startsWith(start)));

  it('shows beside each limit whose it is', async () => {
    const limits = {
      MemoryBytes: 512 * 1024 * 1024,
      MemorySetBy: '/kube\x1b[2J/pod',
      Processors: 0.5,
      ProcessorsSetBy: '/kube/pod/web',
      ProcessCount: null,
    };
    assert.deepEqual(await page({ limits }, 'Limits'), [
      'Limits',
      '  Memory limit      512 MiB  set by /kube\\x1b[2J/pod: The most that the commit (Windows) or the charge (Linux) may be.',
      '  Processor limit       0.5  set by /kube/pod/web: The most processor time per time, in processors: 0.5 is half of one.',
      '  Process limit    no limit  The most processes (Windows) or threads (Linux) at a time.',
    ]);
  });

  it('shows huge pages and interfaces as tables, a column for each', async () => {
    const linux: LinuxFigures = {
      PidsCurrent: 7,
      HugePages: [
        { PageSize: '1GB', UsedBytes: 0 },
        { PageSize: '2MB', UsedBytes: 4 * 1024 * 1024 },
      ],
      Network: { Namespace: 'own', Interfaces: [{ Name: 'eth0', ...counters }] },
    };
    assert.deepEqual(from(await page({ linux }, 'Linux'), '  Huge pages'), [
      '  Huge pages    1GB       2MB',
      '    Huge pages  0 B  4.00 MiB  Huge pages of one size in use.',
      '  Network interfaces      eth0',
      '    Received           977 KiB  Bytes that the interface received.',
      '    Packets received      1002  Packets that the interface received.',
      '    Dropped incoming         3  Packets that were received and dropped.',
      '    Errors incoming          0  Packets that were received with an error.',
      '    Sent              4.77 MiB  Bytes that the interface sent.',
      '    Packets sent           606  Packets that the interface sent.',
      '    Dropped outgoing         7  Packets that were to be sent and were dropped.',
      '    Errors outgoing          8  Packets that could not be sent for an error.',
    ]);
  });

  it('has one table after the other for many interfaces, with names that are made visible', async () => {
    const Interfaces = ['a', 'b', 'c', 'd', 'e\u202e'].map((Name) => ({ Name, ...counters }));
    const lines = await page({ linux: { Network: { Namespace: 'own', Interfaces } } }, 'Linux');
    const heads = lines.filter((line) => line.startsWith('  Network interfaces'));
    assert.deepEqual(
      heads.map((line) => line.split(/ {2,}/).slice(2)),
      [['a', 'b', 'c', 'd'], ['e\\u202e']],
    );
    for (const line of lines) assert.ok(line.length <= 120, line);
  });

  it('tells no interfaces from the network of the host, and from what was not read', async () => {
    const network = async (told: Partial<Script>): Promise<string[]> =>
      from(await page(told, 'Linux'), '  Network interfaces');
    assert.deepEqual(await network({ linux: { Network: { Namespace: 'own', Interfaces: [] } } }), [
      '  Network interfaces  none',
    ]);
    assert.deepEqual(await network({ linux: { Network: { Namespace: 'host' } } }), [
      "  Network interfaces  those of the host, whose traffic is not the container's own",
    ]);
    const linuxAbsent = { Network: { code: 'ERR_ACCESS_DENIED', message: 'permission denied' } } as const;
    assert.deepEqual(await network({ linux: { PidsCurrent: 1 }, linuxAbsent }), [
      '  Network interfaces  -',
      '  - Network: permission denied',
    ]);
  });
});
