import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inTree, type ProcessRow } from '../dist/render/process-tree.js';
import { FakeWorld } from './support/fake-io.ts';
import { type Script, script } from './support/fake-job.ts';
import { validated } from './support/schema.ts';

const mebibyte = 2 ** 20;

function container(overrides: Partial<Script> = {}): Script {
  return script({
    processes: [
      {
        ProcessId: 41,
        ImageName: 'nginx',
        CreateTimestamp: '2026-01-02T03:02:00.0000000Z',
        UserTime100ns: 5_000_000,
        KernelTime100ns: 7_000_000,
        MemoryWorkingSetPrivateBytes: 3 * mebibyte,
      },
      { ProcessId: 42, ImageName: 'worker', MemoryWorkingSetPrivateBytes: 9 * mebibyte },
      { ProcessId: 43, ImageName: 'worker' },
      { ProcessId: 44 },
    ],
    tree: [
      { ProcessId: 41, ParentProcessId: 1, CommandLine: 'nginx -g "daemon off;"' },
      { ProcessId: 42, ParentProcessId: 41, CommandLine: 'nginx: worker\x1b[2J\u202e' },
      { ProcessId: 43, ParentProcessId: 42 },
      { ProcessId: 44 },
    ],
    ...overrides,
  });
}

async function printed(world: FakeWorld, ...argv: string[]): Promise<string[]> {
  assert.equal(await world.run('ps', 'web-1', ...argv), 0);
  return world.out.trimEnd().split('\n');
}

describe('silostat ps', () => {
  it('shows the processes, what is unknown as a dash, what is unsafe as an escape', async () => {
    const world = new FakeWorld(container());
    assert.deepEqual(await printed(world), [
      'PID  PPID  CPU-TIME   PRIVATE     UP  COMMAND',
      ' 41     1     1.20s  3.00 MiB  2m05s  nginx -g "daemon off;"',
      ' 42    41         -  9.00 MiB      -  nginx: worker\\x1b[2J\\u202e',
      ' 43    42         -         -      -  worker',
      ' 44     -         -         -      -  -',
    ]);
    assert.equal((world.containers[0] as Script).closed, 1);
  });

  it('--tree puts children below their parents, and --sort orders brothers and sisters', async () => {
    const told = container();
    told.processes.push({ ProcessId: 45, ImageName: 'small', MemoryWorkingSetPrivateBytes: 1 });
    told.tree?.push({ ProcessId: 45, ParentProcessId: 41, CommandLine: 'small' });
    const commands = async (...argv: string[]) =>
      (await printed(new FakeWorld(told), '--tree', '--columns', 'command', ...argv)).slice(1);
    assert.deepEqual(await commands(), [
      'nginx -g "daemon off;"',
      '├─ nginx: worker\\x1b[2J\\u202e',
      '│  └─ worker',
      '└─ small',
      '-',
    ]);
    assert.equal((await commands('--sort', 'private', '--reverse'))[1], '├─ small');
  });

  it('--json is valid, and has what both lists say', async () => {
    const world = new FakeWorld(container());
    assert.equal(await world.run('ps', 'web-1', '--json'), 0);
    const processes = validated('ps', world.out) as ProcessRow[];
    assert.deepEqual(processes[2], { ProcessId: 43, ImageName: 'worker', ParentProcessId: 42 });
    assert.doesNotMatch(world.out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  });

  it('--csv has exact numbers', async () => {
    assert.deepEqual(
      await printed(new FakeWorld(container()), '--csv', '--columns', 'pid,cpu-time,private,user-time'),
      [
        'ProcessId,TotalRuntime100ns,MemoryWorkingSetPrivateBytes,UserTime100ns',
        '41,12000000,3145728,5000000',
        '42,,9437184,',
        '43,,,',
        '44,,,',
      ],
    );
  });

  it('says how many could not be read, and works without a tree', async () => {
    const processTally = { listed: 5, read: 3, gone: 1, denied: 1, reused: 0, unreadable: 0 };
    const { tree: _, ...treeless } = container({ processTally });
    const world = new FakeWorld(treeless);
    assert.equal((await printed(world, '--tree')).length, 5);
    assert.equal(world.err, 'silostat: 1 of 4 processes could not be read\n');
  });

  it('of a container without processes is a header, or []', async () => {
    assert.equal((await printed(new FakeWorld(container({ processes: [], tree: [] })))).length, 1);
    assert.deepEqual(await printed(new FakeWorld(container({ processes: [], tree: [] })), '--json'), ['[]']);
  });
});

describe('a tree of processes', () => {
  it('takes no younger process for a parent: its id was used again', () => {
    const rows = [
      { ProcessId: 8, CreateTimestamp: '2026-01-02T00:00:00.0000000Z' },
      { ProcessId: 4, ParentProcessId: 8, CreateTimestamp: '2026-01-01T00:00:00.0000000Z' },
    ];
    assert.deepEqual(
      inTree(rows).map(({ branch }) => branch),
      ['', ''],
    );
  });

  it('has every process once, after its parent, whatever the parents are', () => {
    const pids = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ ProcessId: pids, ParentProcessId: pids }), { selector: (row) => row.ProcessId }),
        (rows) => {
          const placed = inTree(rows);
          assert.deepEqual(
            placed.map(({ process }) => process.ProcessId).sort(),
            rows.map(({ ProcessId }) => ProcessId).sort(),
          );
          for (const [at, { process, branch }] of placed.entries()) {
            if (branch === '') continue;
            const parent = placed.findIndex((each) => each.process.ProcessId === process.ParentProcessId);
            assert.ok(parent >= 0 && parent < at);
            assert.equal((placed[parent]?.branch.length ?? 0) + 3, branch.length);
          }
        },
      ),
    );
  });

  it('is not deeper than the stack for a long chain', () => {
    const rows = Array.from({ length: 5000 }, (_, at) => ({ ProcessId: at + 1, ParentProcessId: at }));
    assert.equal(inTree(rows).length, 5000);
  });
});
