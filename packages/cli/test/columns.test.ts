import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ComputeSystemSummary } from 'silostat';
import { isWanted, parseFilters } from '../dist/filter.js';
import { type CellValue, sortRows } from '../dist/render/columns.js';
import { csvLine } from '../dist/render/csv.js';
import { listColumns } from '../dist/render/ls.js';
import { statsColumns } from '../dist/render/stats-columns.js';
import { FakeWorld } from './support/fake-io.ts';
import { script, summaryOf } from './support/fake-job.ts';

const other = () => script({ id: 'b'.repeat(64), names: ['db'], owner: 'podman', privateBytes: undefined });

/** A world where the list tells more than the fakes do. */
function worldWith(extra: Partial<ComputeSystemSummary>): FakeWorld {
  const world = new FakeWorld(script(), other());
  world.library.listComputeSystems = async () =>
    world.containers.map((told, at) => ({ ...summaryOf(told), ...(at === 0 ? extra : {}) }));
  return world;
}

const rowsOf = (world: FakeWorld): string[] => world.out.trimEnd().split('\n').slice(1);

describe('columns', () => {
  it('have names of their own, in the table and in CSV', () => {
    for (const columns of [statsColumns, listColumns]) {
      for (const key of ['title', 'member'] as const) {
        const names = columns.map((column) => column[key]);
        assert.deepEqual(names, [...new Set(names)]);
        for (const name of names) assert.match(name, key === 'title' ? /^[A-Z%/-]+$/ : /^[A-Z][A-Za-z0-9.]+$/);
      }
      for (const { meaning } of columns) assert.match(meaning, /\.$/);
    }
  });

  it('can be chosen, in any case and order; only what they need is asked for', async () => {
    const world = new FakeWorld(script());
    const asked: string[][] = [];
    const open = world.library.openComputeSystem;
    world.library.openComputeSystem = async (reference) => {
      const system = await open(reference);
      const query: typeof system.query = (types, options) => {
        asked.push([...types]);
        return system.query(types, options);
      };
      return Object.assign(Object.create(system), {
        query,
        queryNow: undefined,
        close: () => system.close(),
      });
    };
    assert.equal(await world.run('stats', '-i', '0', '--columns', 'commit-peak,Owner,NAME'), 0);
    assert.equal(world.out, 'COMMIT-PEAK  OWNER   NAME\n    200 MiB  docker  web-1\n');
    assert.deepEqual(asked, [['Statistics']]);
    await world.run('stats', '-i', '0', '--columns', 'working-set,pids,memory-limit');
    assert.deepEqual(asked[1], ['Statistics', 'Linux', 'ProcessList', 'Limits']);
  });

  it('of limits: no limit, none known, and the share of a limit', async () => {
    const world = new FakeWorld(
      script({ limits: { MemoryBytes: 360 * 2 ** 20 } }),
      script({ ...other(), limits: { MemoryBytes: null } }),
    );
    assert.equal(await world.run('stats', '-i', '0', '--columns', 'name,commit%,memory-limit,process-limit'), 0);
    assert.deepEqual(rowsOf(world), [
      'web-1     50.0       360 MiB              -',
      'db           -      no limit              -',
    ]);
  });

  it('from the list are there for all, and for those that are named', async () => {
    for (const ids of [[], ['web-1']]) {
      const world = worldWith({
        Image: 'nginx:1',
        Pod: { Name: 'api-0', Namespace: 'shop' },
        Labels: { tier: 'a\u202e' },
      });
      assert.equal(await world.run('stats', ...ids, '-i', '0', '--columns', 'image,pod,labels'), 0);
      assert.equal(rowsOf(world)[0], 'nginx:1  shop/api-0  tier=a\\u202e');
    }
  });

  it('of ls can be chosen too', async () => {
    const world = worldWith({ Image: 'nginx:1' });
    assert.equal(await world.run('ls', '--columns', 'path,image', '--sort', 'path', '--reverse'), 0);
    assert.deepEqual(rowsOf(world), [`/podman/${'b'.repeat(64)}  -`, `/docker/${script().id}  nginx:1`]);
  });
});

describe('--sort', () => {
  it('puts the largest first, texts from A on, unknown last, and --reverse turns it round', async () => {
    for (const [sort, expected] of [
      [['private'], ['web-1', 'db']],
      [
        ['private', '--reverse'],
        ['web-1', 'db'],
      ],
      [['name'], ['db', 'web-1']],
      [
        ['name', '--reverse'],
        ['web-1', 'db'],
      ],
    ] as const) {
      const world = new FakeWorld(script(), other());
      assert.equal(await world.run('stats', '-i', '0', '--columns', 'name', '--sort', ...sort), 0);
      assert.deepEqual(rowsOf(world), expected, sort.join(' '));
    }
  });

  it('loses no row, and keeps equal ones as they stand', () => {
    const column = {
      title: 'X',
      member: 'X',
      meaning: '.',
      cell: String,
      value: ([value]: [CellValue, number]) => value,
    };
    const value = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom('a', 'b'),
    );
    fc.assert(
      fc.property(fc.array(value), fc.boolean(), (values, reverse) => {
        const rows = values.map((each, at): [CellValue, number] => [each, at]);
        const sorted = sortRows(rows, column, reverse);
        assert.equal(new Set(sorted).size, rows.length);
        const firstUnknown = sorted.findIndex(([each]) => each === undefined);
        if (firstUnknown >= 0) assert.ok(sorted.slice(firstUnknown).every(([each]) => each === undefined));
        for (const same of [undefined, null, 1, 'a']) {
          const places = sorted.filter(([each]) => each === same).map(([, at]) => at);
          assert.deepEqual(
            places,
            [...places].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});

describe('--csv', () => {
  it('has a header, exact numbers, nothing for what is unknown, and names its lower bounds', async () => {
    const tally = { listed: 16, read: 14, gone: 1, reused: 0, denied: 1, unreadable: 0 };
    const world = new FakeWorld(script({ tally, names: ['a,"b"\n'] }), other());
    assert.equal(await world.run('stats', '-i', '0', '--csv', '--columns', 'name,cpu%,private,commit'), 0);
    assert.deepEqual(world.out.trimEnd().split('\n'), [
      'Timestamp,Names,CpuPercent,MemoryUsagePrivateWorkingSetBytes,MemoryUsageCommitBytes,LowerBounds',
      `2026-01-02T03:04:05.000Z,"a,""b""\\n",,108003328,188743680,MemoryUsagePrivateWorkingSetBytes`,
      '2026-01-02T03:04:05.000Z,db,,,188743680,',
    ]);
  });

  it('--watch writes the header once', async () => {
    const world = new FakeWorld(script());
    world.onSleep = (times) => {
      if (times === 3) world.interrupt();
    };
    assert.equal(await world.run('stats', '--watch', '--csv', '--columns', 'name'), 130);
    assert.deepEqual(
      world.out.split('\n').map((line) => line.split(',')[1]),
      ['Names', 'web-1', 'web-1', 'web-1', undefined],
    );
  });

  it('can be read back, whatever stands in a cell', () => {
    const column = { title: 'X', member: 'X', meaning: '.', cell: String, value: (text: string) => text };
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const line = csvLine([column, column], text);
        assert.doesNotMatch(line, /[\n\r]/);
        const [, one, two] = /^("(?:[^"]|"")*"|[^",]*),("(?:[^"]|"")*"|[^",]*)$/.exec(line) ?? [];
        assert.ok(one !== undefined && one === two, line);
      }),
    );
  });
});

describe('--filter', () => {
  const summary: ComputeSystemSummary = {
    ...summaryOf(script()),
    Labels: { tier: 'front', empty: '' },
    Pod: { Name: 'api-0', Namespace: 'shop', Uid: 'u-1' },
  };

  it('knows names, engines, labels and pods', () => {
    const cases: [string[], boolean][] = [
      [[], true],
      [['name=eb-'], true],
      [['name=3f1c0'], true],
      [['name=f1c0'], false],
      [['name=no', 'name=web'], true],
      [['engine=Docker'], true],
      [['engine=dock'], false],
      [['label=tier'], true],
      [['label=tier=front'], true],
      [['label=tier=fro'], false],
      [['label=empty='], true],
      [['label=tier', 'label=nope'], false],
      [['label=toString'], false],
      [['pod=api-0'], true],
      [['pod=shop/api-0'], true],
      [['pod=u-1'], true],
      [['pod=shop'], false],
      [['name=web', 'engine=podman'], false],
    ];
    for (const [texts, expected] of cases)
      assert.equal(isWanted(summary, parseFilters(texts)), expected, texts.join(' '));
  });

  it('narrows what ls and stats show; nothing left is no failure', async () => {
    for (const command of [['ls'], ['stats', '-i', '0']]) {
      const world = new FakeWorld(script(), other());
      assert.equal(await world.run(...command, '--filter', 'engine=podman'), 0);
      assert.match(world.out, /^[^\n]+\nb{12} +db [^\n]+\n$/);
      assert.equal(await world.run(...command, '--filter', 'engine=lxc', '--json'), 0);
      assert.ok(world.out.endsWith('\n[]\n'), world.out);
    }
  });
});
