import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { checkout, silostatBin } from '../../support/checkout.ts';
import { until } from '../../support/deadline.ts';
import type { ManyCgroups } from '../../support/many-cgroups.ts';
import { manyCgroups } from '../../support/many-cgroups.ts';
import { skipReason } from '../../support/requirements.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Tmux } from '../../support/tmux.ts';
import { Undo } from '../../support/undo.ts';

const skip = skipReason({ tools: ['tmux', 'runc', 'busybox', 'gcc'] });
const count = 500;

/** A table's row, the cursor's or another. */
const rows = (lines: readonly string[]): string[] => lines.slice(2, -1).filter((line) => line !== '');

describe('silostat top in a terminal', { skip, timeout: 240_000 }, () => {
  const undo = new Undo();
  let engine: RuncEngine;
  let many: ManyCgroups;
  let sorted: string[];
  let exitFile: string;

  before(async () => {
    engine = new RuncEngine(undo);
    exitFile = `${scratchFolder(undo)}/exit`;
    many = await manyCgroups(undo, count);
    sorted = [...many.ids].sort();
  });
  after(() => undo[Symbol.dispose]());

  /** The exit code is written to a file: the terminal stays what `top` left. */
  function top(args: string, { columns = 100, rows = 24, node = '' } = {}): Tmux {
    writeFileSync(exitFile, '');
    const command = `stty -echo; echo BEFORE; '${process.execPath}' ${node} '${silostatBin}' top ${args}; echo $? > '${exitFile}'; case "$(stty -a)" in *' icanon'*) echo LINES; esac; cat`;
    return new Tmux(undo, command, { columns, rows });
  }

  async function ended(terminal: Tmux): Promise<number> {
    await until('top ends', () => readFileSync(exitFile, 'utf8') !== '');
    const screen = await terminal.shows('LINES');
    assert.equal(terminal.property('alternate_on'), '0', 'the screen is back');
    assert.equal(terminal.property('cursor_flag'), '1', 'the cursor is back');
    assert.equal(screen[0], 'BEFORE', screen.join('\n'));
    return Number(readFileSync(exitFile, 'utf8'));
  }

  test(`${count} containers: cursor, pages, filter, help, and q`, async () => {
    const terminal = top(`--filter name=${many.prefix}`);
    await terminal.shows(new RegExp(`\\| ${count} containers`));
    assert.equal(terminal.property('alternate_on'), '1');
    terminal.keys('n');
    const first = await terminal.shows(new RegExp(`^> ${sorted[0]?.slice(0, 12)}`, 'm'));
    assert.equal(first.length, 24);
    assert.deepEqual(
      rows(first).map((line) => line.slice(2, 14)),
      sorted.slice(0, 21).map((id) => id.slice(0, 12)),
    );
    terminal.keys('Down', 'j', 'PageDown');
    await terminal.shows(new RegExp(`^> ${sorted[2 + 21]?.slice(0, 12)}`, 'm'));
    terminal.keys('End');
    await terminal.shows(new RegExp(`^> ${sorted.at(-1)?.slice(0, 12)}`, 'm'));
    terminal.keys('/', ...(sorted[7] ?? '').slice(0, 12));
    await terminal.shows(`/${sorted[7]?.slice(0, 12)}_`);
    terminal.keys('Enter');
    const filtered = await terminal.shows(`filter "${sorted[7]?.slice(0, 12)}" (1 of ${count})`);
    assert.equal(rows(filtered).length, 1);
    terminal.keys('?');
    await terminal.shows('processes of the container, as a tree');
    terminal.keys('x', 'Escape', 'Home');
    await terminal.shows(new RegExp(`^> ${sorted[0]?.slice(0, 12)}`, 'm'));
    terminal.keys('q');
    assert.equal(await ended(terminal), 0);
  });

  for (const [columns, height] of [
    [20, 5],
    [300, 100],
  ] as const) {
    test(`a terminal of ${columns} x ${height}, and one that becomes so`, async () => {
      const terminal = top(`--sort name --filter name=${many.prefix}`, { columns, rows: height });
      await terminal.shows(new RegExp(`^> ${sorted[0]?.slice(0, 8)}`, 'm'));
      const shape = (lines: string[]) => [
        lines.length,
        lines[1]?.replace(/ +/g, ' '),
        rows(lines).length,
        lines.at(-1),
      ];
      const own = shape(terminal.lines());
      assert.equal(own[0], height);
      assert.equal(own[2], height - 3);
      terminal.resize(80, 24);
      await until('80 x 24', () => rows(terminal.lines()).length === 21);
      terminal.resize(columns, height);
      // tmux cuts what is there at once; the frame for that size comes a moment later.
      await until('the frame as before', () => isDeepStrictEqual(shape(terminal.lines()), own));
      terminal.keys('q');
      assert.equal(await ended(terminal), 0);
    });
  }

  test('the young generation of its heap does not grow, whatever lives in it', async () => {
    const folder = scratchFolder(undo);
    const probe = `
      import { writeFileSync } from 'node:fs';
      import { getHeapSpaceStatistics } from 'node:v8';
      process.on('exit', () => {
        globalThis.living = Array.from({ length: 1e6 }, (_, at) => ({ at }));
        const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
        writeFileSync('${folder}/young', String(young.space_size));
      });`;
    writeFileSync(`${folder}/probe.mjs`, probe);
    const terminal = top(`--filter name=${many.prefix}`, { node: `--import '${folder}/probe.mjs'` });
    await terminal.shows(new RegExp(`\\| ${count} containers`));
    terminal.keys('q');
    assert.equal(await ended(terminal), 0);
    const young = Number(readFileSync(`${folder}/young`, 'utf8'));
    assert.ok(young > 0 && young <= 4 * 1024 * 1024, `${young} bytes`);
  });

  test('a container that ends while the cursor is on it, its processes shown or not', async () => {
    for (const isShown of [false, true]) {
      const [doomed, other] = [await engine.start(), await engine.start()];
      const terminal = top(`--sort name --filter name=${doomed.id.slice(0, -1)} --interval 0.5`, { columns: 200 });
      await terminal.shows(doomed.id);
      await terminal.shows(other.id);
      // Down and up: from then on the cursor follows its row.
      terminal.keys(
        'Down',
        'Up',
        ...(terminal.lines().findIndex((line) => line.includes(doomed.id)) === 2 ? [] : ['Down']),
      );
      await terminal.shows(new RegExp(`^> ${doomed.id}`, 'm'));
      if (isShown) {
        terminal.keys('Enter');
        await terminal.shows(new RegExp(`COMMAND of ${doomed.id}`));
        await terminal.shows(new RegExp(`^ +${doomed.pid} `, 'm'));
      }
      await doomed.remove();
      await terminal.shows(`${doomed.id} has ended`);
      await terminal.shows(new RegExp(`^> ${other.id}`, 'm'));
      terminal.keys('q');
      assert.equal(await ended(terminal), 0);
      await other.remove();
    }
  });

  test('wide characters and escapes in a command line keep the columns', async () => {
    const [id = ''] = sorted;
    const strange = spawn('sleep', ['1000'], { argv0: '日本語🚀\x1b[2J\u202e' });
    undo.add(() => void strange.kill('SIGKILL'));
    many.join(id, strange.pid ?? Number.NaN);
    const terminal = top(`${id} --interval 0.5`);
    await terminal.shows(`> ${id.slice(0, 12)}`);
    terminal.keys('Enter');
    await terminal.shows(new RegExp(`^ +${strange.pid} .* 日本語🚀\\\\x1b\\[2J\\\\u202e 1000$`, 'm'));
    await terminal.shows(/^ +\d+ .* sleep 1000$/m);
    terminal.keys('q');
    assert.equal(await ended(terminal), 0);
  });

  test('a frame with wide characters in names stands on the screen as the golden one has it', async () => {
    const golden = `${checkout}/packages/cli/test/fixtures/frames/strange-names.txt`;
    const script = `
      import { readFileSync } from 'node:fs';
      import { processIo } from '${checkout}/packages/cli/dist/process-io.js';
      import { Terminal } from '${checkout}/packages/cli/dist/terminal/terminal.js';
      const terminal = new Terminal(processIo(), { key: () => terminal.close(), resize: () => {} });
      terminal.open();
      terminal.draw(readFileSync('${golden}', 'utf8').split('\\n').slice(0, -1));`;
    const file = `${scratchFolder(undo)}/draw.mjs`;
    writeFileSync(file, script);
    const terminal = new Tmux(undo, `'${process.execPath}' '${file}'; cat`, { columns: 120, rows: 10 });
    const expected = readFileSync(golden, 'utf8').split('\n').slice(0, -1);
    await terminal.shows('filter  s sort');
    assert.deepEqual(
      terminal.lines(),
      expected.map((line) => line.trimEnd()),
    );
    terminal.keys('q');
    await until('the screen is back', () => terminal.property('alternate_on') === '0');
  });

  const ends: [string, number, (terminal: Tmux) => void][] = [
    ['Ctrl-C', 130, (terminal) => terminal.keys('C-c')],
    ['SIGTERM', 143, (terminal) => kill(terminal, 'SIGTERM')],
    ['SIGHUP', 129, (terminal) => kill(terminal, 'SIGHUP')],
    ['a crash', 1, (terminal) => kill(terminal, 'SIGUSR2')],
  ];
  for (const [name, code, end] of ends) {
    test(`${name} restores the screen: exit code ${code}`, async () => {
      const throwing = 'data:text/javascript,process.on("SIGUSR2",()=>{throw(new(Error)("crashed"))})';
      const terminal = top(`${sorted[0]}`, { node: `--import '${throwing}'` });
      await terminal.shows(/^> /m);
      end(terminal);
      assert.equal(await ended(terminal), code);
      if (code === 1) await terminal.shows('Error: crashed');
    });
  }

  /** Sends a signal to the process that the shell of the window started. */
  function kill(terminal: Tmux, signal: NodeJS.Signals): void {
    const shell = Number(terminal.property('pane_pid'));
    const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
    process.kill(Number(child), signal);
  }
});
