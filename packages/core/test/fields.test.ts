import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Field, fields, type OwnPropertyType, type Properties } from '../dist/index.js';

type Full<T> = T extends (infer Item)[]
  ? Full<Item>[]
  : T extends object
    ? { [Name in keyof T]-?: Full<NonNullable<T[Name]>> }
    : T;

/** Every member of what has figures; the compiler sees to it that none is left out. */
const everything: Full<Pick<Properties, 'Statistics' | 'ProcessList' | OwnPropertyType>> = {
  Statistics: {
    Timestamp: '',
    ContainerStartTime: '',
    Uptime100ns: 1,
    Processor: { TotalRuntime100ns: 1, RuntimeUser100ns: 1, RuntimeKernel100ns: 1 },
    Memory: { MemoryUsageCommitBytes: 1, MemoryUsageCommitPeakBytes: 1, MemoryUsagePrivateWorkingSetBytes: 1 },
    Storage: { ReadCountNormalized: 1, ReadSizeBytes: 1, WriteCountNormalized: 1, WriteSizeBytes: 1 },
  },
  ProcessList: [
    {
      ProcessId: 1,
      ImageName: '',
      CreateTimestamp: '',
      UserTime100ns: 1,
      KernelTime100ns: 1,
      MemoryCommitBytes: 1,
      MemoryWorkingSetPrivateBytes: 1,
      MemoryWorkingSetSharedBytes: 1,
    },
  ],
  Limits: {
    MemoryBytes: 1,
    MemorySetBy: '',
    Processors: 1,
    ProcessorsSetBy: '',
    ProcessCount: 1,
    ProcessCountSetBy: '',
  },
  Faults: { PageFaultCount: 1, MajorPageFaultCount: 1 },
  Linux: {
    WorkingSetBytes: 1,
    CacheBytes: 1,
    SharedMemoryBytes: 1,
    KernelBytes: 1,
    SwapBytes: 1,
    OutOfMemoryKillCount: 1,
    PeriodCount: 1,
    ThrottledPeriodCount: 1,
    ThrottledTime100ns: 1,
    CpuPressureSome100ns: 1,
    CpuPressureFull100ns: 1,
    MemoryPressureSome100ns: 1,
    MemoryPressureFull100ns: 1,
    IoPressureSome100ns: 1,
    IoPressureFull100ns: 1,
    PidsCurrent: 1,
    PidsLimit: 1,
    HugePages: [{ PageSize: '', UsedBytes: 1 }],
    Network: {
      Namespace: 'own',
      Interfaces: [
        {
          Name: '',
          BytesReceived: 1,
          PacketsReceived: 1,
          DroppedPacketsIncoming: 1,
          ErrorsIncoming: 1,
          BytesSent: 1,
          PacketsSent: 1,
          DroppedPacketsOutgoing: 1,
          ErrorsOutgoing: 1,
        },
      ],
    },
  },
  ProcessTree: [{ ProcessId: 1, ParentProcessId: 1, CommandLine: '' }],
};

/** The paths of all lists. */
function lists(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => lists(item, path))];
  return Object.entries(value).flatMap(([name, member]) => lists(member, path === '' ? name : `${path}.${name}`));
}

/** Numbers that name something and measure nothing. */
const names = ['ProcessList.ProcessId', 'ProcessTree.ProcessId', 'ProcessTree.ParentProcessId'];

function figures(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return [path];
  if (Array.isArray(value)) return value.flatMap((item) => figures(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => figures(member, path === '' ? name : `${path}.${name}`));
}

function unitByName({ path }: Field): string | undefined {
  if (path.endsWith('Bytes')) return 'bytes';
  if (path.endsWith('100ns')) return '100ns';
  if (path.endsWith('.Processors')) return 'processors';
  return /Count|Pids|Packets|Errors/.test(path) ? 'count' : /Bytes/.test(path) ? 'bytes' : undefined;
}

describe('the field catalogue', () => {
  it('has one row for each figure of the schema, and each row has a figure', () => {
    const expected = figures(everything).filter((path) => !names.includes(path));
    assert.deepEqual(fields.map(({ path }) => path).sort(), expected.sort());
  });

  it('says of each figure in a list which list it is', () => {
    const known = lists(everything);
    for (const { path, each } of fields) {
      assert.equal(
        each,
        known.findLast((list) => path.startsWith(`${list}.`)),
        path,
      );
    }
  });

  for (const field of fields) {
    it(`${field.path}: unit, kind, title and meaning fit each other`, () => {
      assert.equal(field.unit, unitByName(field) ?? field.unit);
      assert.match(field.meaning, /^[A-Z].*\.$/);
      assert.ok(field.title.length > 0 && field.title.length <= 20);
      if (field.kind === 'counter') assert.ok(field.unit !== 'processors' && !/Limits|Memory\w*Bytes/.test(field.path));
      else assert.doesNotMatch(field.path, /Processor\.|Storage|Faults|Pressure|Time100ns$(?<!Uptime100ns)/);
    });
  }

  it('tells counters of times and of operations from gauges', () => {
    const counters = fields.filter(({ kind, path }) => kind === 'counter' && path.startsWith('Statistics.'));
    assert.deepEqual(
      counters.map(({ path }) => path.split('.')[1]),
      ['Processor', 'Processor', 'Processor', 'Storage', 'Storage', 'Storage', 'Storage'],
    );
  });

  it('titles no two figures of one type alike', () => {
    const titles = fields.map(({ path, title }) => `${path.split('.')[0]} ${title}`);
    assert.deepEqual([...new Set(titles)], titles);
  });
});
