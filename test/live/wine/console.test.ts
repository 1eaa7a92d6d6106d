import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { checkout, silostatBin } from '../../support/checkout.ts';
import { until } from '../../support/deadline.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Tmux } from '../../support/tmux.ts';
import { Undo } from '../../support/undo.ts';

interface Lab {
  runtime(node: number, options: { hook: boolean }): { prefix: string[]; env: Record<string, string | undefined> };
  close(): void;
}

const windowsPath = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;
const windowsUrl = (path: string): string => `file:///Z:${path}`;

/** The mode of standard input as GetConsoleMode has it: before, while and after `top` has the console. */
const modes = (result: string): string => `
  import { writeFileSync } from 'node:fs';
  import { allocate, loadLibrary } from '${windowsUrl(`${checkout}/packages/core/dist/ffi.js`)}';
  import { processIo } from '${windowsUrl(`${checkout}/packages/cli/dist/process-io.js`)}';
  import { Terminal } from '${windowsUrl(`${checkout}/packages/cli/dist/terminal/terminal.js`)}';
  const kernel32 = loadLibrary('kernel32.dll');
  const getStdHandle = kernel32.declare('GetStdHandle', 'uintptr_t', ['int32_t']);
  const getConsoleMode = kernel32.declare('GetConsoleMode', 'int32_t', ['uintptr_t', 'uintptr_t']);
  const mode = allocate(4);
  const modeNow = () => (getConsoleMode(getStdHandle(-10), mode.address) === 0 ? -1 : mode.view.getUint32(0, true));
  const terminal = new Terminal(processIo(), { key: () => {}, resize: () => {} });
  const seen = [modeNow()];
  terminal.open();
  seen.push(modeNow());
  terminal.draw(['a frame']);
  terminal.close();
  seen.push(modeNow());
  writeFileSync(${JSON.stringify(windowsPath(result))}, JSON.stringify(seen));
`;

/** Wine's console stands in for Windows': what it makes of colours and of single cells is its own. */
describe("top on a console of Wine's, with Windows' Node", { timeout: 120_000 }, () => {
  const undo = new Undo();
  let lab: Lab;
  let folder: string;

  before(async () => {
    const { setUpWineLab } = (await import(`${checkout}/test/windows/lab.mjs`)) as { setUpWineLab(): Promise<Lab> };
    lab = await setUpWineLab();
    folder = scratchFolder(undo);
  });
  after(() => {
    undo[Symbol.dispose]();
    lab.close();
  });

  function wine(args: string): Tmux {
    const { prefix, env } = lab.runtime(22, { hook: false });
    const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : `${name}='${value}'`));
    const command = `env ${variables.join(' ')} wine ${prefix.join(' ')} ${args}; echo EXIT $?; cat`;
    return new Tmux(undo, command, { columns: 100, rows: 20 });
  }

  test('sets the mode of the console, and back to lines with echo', async () => {
    const [script, result] = [`${folder}/modes.mjs`, `${folder}/modes.json`];
    writeFileSync(script, modes(result));
    const terminal = wine(`'${windowsPath(script)}'`);
    await terminal.shows('EXIT 0', 60_000);
    await until('the modes', () => existsSync(result));
    const [first = -1, during = -1, last = -1]: number[] = JSON.parse(readFileSync(result, 'utf8'));
    const lineInput = 0x2;
    const echoInput = 0x4;
    assert.notEqual(first, -1, 'standard input is a console');
    assert.equal(first & lineInput, lineInput);
    assert.equal(during & (lineInput | echoInput), 0, 'keys come one by one');
    // What Node calls the normal mode: its libuv keeps no memory of quick editing and the like, which shells set anew themselves.
    const normal = 0x1 | lineInput | echoInput;
    assert.equal(last & normal, first & normal);
  });

  test('takes its keys, and ends at q with 0', async () => {
    const terminal = wine(`'${windowsPath(silostatBin)}' top`);
    await terminal.shows('silostat top', 60_000);
    terminal.keys('?');
    await terminal.shows('draw the screen anew');
    terminal.keys('x', 'q');
    await terminal.shows('EXIT 0');
  });
});
