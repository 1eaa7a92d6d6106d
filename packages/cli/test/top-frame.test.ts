import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { coloured, plain } from '../dist/render/paint.js';
import { inTree } from '../dist/render/process-tree.js';
import { sparkline } from '../dist/render/sparkline.js';
import { tableHeight, topFrame } from '../dist/render/top-frame.js';
import { scrolled, type TopModel, withRows } from '../dist/render/top-model.js';
import { displayWidth } from '../dist/render/width.js';
import { topModel, topRows } from './support/top-rows.ts';

const folder = new URL('../test/fixtures/frames/', import.meta.url);
/** `UPDATE_FRAMES=1 node packages/cli/dist-test/top-frame.test.js` writes the golden frames anew; look at what changed. */
const isUpdating = process.env['UPDATE_FRAMES'] === '1';

const esc = '\x1b';
const style = new RegExp(`${esc}\\[\\d*m`, 'g');

interface Shot {
  columns: number;
  rows: number;
  model: TopModel;
}

function frameOf({ columns, rows, model }: Shot): string[] {
  const size = { columns, rows };
  return topFrame(scrolled(model, tableHeight(size)), size, plain);
}

const panel = {
  key: '/docker/1',
  name: 'web\x1b[2J-1',
  offset: 0,
  rows: inTree([
    {
      ProcessId: 41,
      CommandLine: 'nginx: master',
      UserTime100ns: 5_000_000,
      KernelTime100ns: 0,
      MemoryWorkingSetPrivateBytes: 2 ** 21,
    },
    { ProcessId: 42, ParentProcessId: 41, CommandLine: 'nginx: worker \u202egnp.exe' },
    { ProcessId: 43, ParentProcessId: 42, ImageName: 'sh' },
  ]).map((row, at) => (at === 0 ? { ...row, processors: 0.125 } : row)),
};

const strange = topRows(6, {
  0: { names: ['日本語のコンテナ名がとても長い場合', 'x'] },
  1: { names: ['🚀🚀 rocket'], lowerBounds: ['Memory.MemoryUsagePrivateWorkingSetBytes'] },
  2: { names: ['evil\x1b]0;title\x07\u202e'], history: [undefined, 0.5, undefined, 0] },
  3: { names: [], properties: { Id: 'only-an-id' }, history: [undefined] },
  4: { names: ['e\u0301tude'] },
});

const shots: Record<string, Shot> = {
  'usual-80x24': { columns: 80, rows: 24, model: topModel(topRows(12)) },
  'first-reading': {
    columns: 80,
    rows: 6,
    model: topModel(topRows(2).map(({ rates: _, ...row }) => ({ ...row, history: [undefined] }))),
  },
  'before-any-reading': { columns: 80, rows: 6, model: { ...topModel([]), time: undefined } as unknown as TopModel },
  'tiny-20x5': { columns: 20, rows: 5, model: topModel(topRows(500)) },
  'huge-300x100': { columns: 300, rows: 100, model: topModel(topRows(500)) },
  'strange-names': { columns: 120, rows: 10, model: topModel(strange, { order: { title: 'NAME', reverse: false } }) },
  'filter-typed': { columns: 60, rows: 8, model: topModel(topRows(40), { filter: 'podman', isTyping: true }) },
  'filter-kept': { columns: 100, rows: 8, model: topModel(topRows(40), { filter: 'WEB-1' }) },
  'paused-message': {
    columns: 80,
    rows: 6,
    model: { ...topModel(topRows(3)), isPaused: true, message: 'web-9 has ended' },
  },
  help: { columns: 90, rows: 20, model: topModel(topRows(3), { isHelp: true }) },
  processes: { columns: 80, rows: 8, model: topModel(topRows(3), { panel }) },
  'processes-narrow': { columns: 30, rows: 8, model: topModel(topRows(3), { panel }) },
};

describe('a frame of top', () => {
  for (const [name, shot] of Object.entries(shots)) {
    it(`${name} is the golden one`, () => {
      const text = `${frameOf(shot).join('\n')}\n`;
      const file = new URL(`${name}.txt`, folder);
      if (isUpdating) writeFileSync(file, text);
      assert.ok(existsSync(file), `there is no golden frame ${name}`);
      assert.equal(text, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
    });
  }

  it('has exactly as many lines as the terminal, none wider, whatever its size', () => {
    const models = Object.values(shots).map(({ model }) => model);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...models),
        (columns, rows, model) => {
          const lines = frameOf({ columns, rows, model });
          assert.equal(lines.length, rows);
          for (const line of lines) {
            assert.ok(displayWidth(line) <= columns, `${displayWidth(line)} > ${columns}: ${line}`);
            assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
          }
        },
      ),
    );
  });

  it('shows the same text with colours', () => {
    for (const { columns, rows, model } of Object.values(shots)) {
      const size = { columns, rows };
      const bare = topFrame(model, size, coloured).map((line) => line.replaceAll(style, '').trimEnd());
      assert.deepEqual(
        bare,
        topFrame(model, size, plain).map((line) => line.trimEnd()),
      );
    }
  });

  it('shows the cursor on its container wherever that stands by now', () => {
    const model = topModel(topRows(20), { isFollowing: true });
    const marked = (of: TopModel) =>
      frameOf({ columns: 80, rows: 12, model: of }).filter((line) => line.startsWith('>'));
    const [before = ''] = marked(model);
    const name = /web-\d+/.exec(before)?.[0];
    const calm = topRows(20).map((row) => (row.names[0] === name ? { ...row, rates: { processors: 0 } } : row));
    const after = marked(withRows(model, calm, '03:04:06 UTC'));
    assert.equal(after.length, 1);
    assert.ok(after[0]?.includes(`${name} `), after[0]);
    const passed = marked(withRows({ ...model, isFollowing: false }, calm, '03:04:06 UTC'));
    assert.ok(!passed[0]?.includes(`${name} `), 'a cursor that was not moved stays at the top');
  });

  it('puts the cursor on the next one when its container has ended, and says so', () => {
    const model = topModel(topRows(3), { order: { title: 'NAME', reverse: false }, cursor: 1, isFollowing: true });
    assert.equal(model.selected, '/docker/1');
    const after = withRows(
      model,
      topRows(3).filter(({ key }) => key !== '/docker/1'),
      '03:04:06 UTC',
    );
    assert.deepEqual([after.selected, after.cursor, after.message], ['/docker/2', 1, 'web-1 has ended']);
    const last = withRows(after, topRows(1), '03:04:07 UTC');
    assert.deepEqual([last.selected, last.cursor], ['/docker/0', 0]);
    const none = withRows(last, [], '03:04:08 UTC');
    assert.deepEqual([none.selected, none.cursor], [undefined, 0]);
  });

  it('closes the panel of processes when its container has ended', () => {
    const model = topModel(topRows(3), {
      panel,
      order: { title: 'NAME', reverse: false },
      cursor: 1,
      isFollowing: true,
    });
    assert.equal(withRows(model, topRows(3), '03:04:06 UTC').panel?.key, panel.key);
    assert.equal(withRows(model, topRows(1), '03:04:06 UTC').panel, undefined);
  });
});

describe('sparkline', () => {
  it('is as wide as told, newest at the right, unknown as a space', () => {
    assert.equal(sparkline([0, 0.5, 1], 5, 1), '  ▁▄█');
    assert.equal(sparkline([1, undefined, 8, 4], 3, 1), ' █▄');
    assert.equal(sparkline([0.01], 1, 1), '▁');
    assert.equal(sparkline([], 4, 1), '    ');
  });
});
