import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { silostatBin } from '../../support/checkout.ts';
import { skipReason } from '../../support/requirements.ts';
import { Tmux } from '../../support/tmux.ts';
import { Undo } from '../../support/undo.ts';

describe('silostat run in a terminal', { skip: skipReason({ tools: ['tmux', 'bash'] }) }, () => {
  let undo: Undo;

  beforeEach(() => {
    undo = new Undo();
  });
  afterEach(() => undo[Symbol.dispose]());

  test('bash -i has working job control, and its exit code comes back', async () => {
    const terminal = start("run -- env 'PS1=ready> ' bash --norc -i");
    await terminal.shows(/ready>\n*$/);
    typed(terminal, 'sleep 613');
    await terminal.shows(/ready> sleep 613\n*$/);
    terminal.keys('C-z');
    await terminal.shows(/\[1\]\+\s+Stopped\s+sleep 613\nready>\n*$/);
    typed(terminal, 'jobs -p | wc -l');
    await terminal.shows(/^1$/m);
    typed(terminal, 'fg');
    await terminal.shows(/ready> fg\nsleep 613\n*$/);
    terminal.keys('C-c');
    await terminal.shows(/\^C\nready>\n*$/);
    typed(terminal, 'echo "ended with $?"');
    await terminal.shows(/^ended with 130$/m);
    typed(terminal, 'sleep 614 & kill %1; wait %1; echo "waited $?"');
    await terminal.shows(/^waited 143$/m);
    typed(terminal, 'exit 3');
    await terminal.shows(/ended +exit code 3/);
    const lines = await terminal.shows('code=3');
    assert.doesNotMatch(lines.join('\n'), /no job control|cannot set terminal process group/);
  });

  test('Ctrl-C reaches the command once, which decides, and the report follows', async () => {
    const count = 'let n = 0; process.on("SIGINT", () => n++); console.log("up");';
    const tell = 'setTimeout(() => { console.log("got " + n); process.exit(5); }, 2000);';
    const terminal = start(`run -- '${process.execPath}' -e '${count} ${tell}'`);
    await terminal.shows(/^up$/m);
    terminal.keys('C-c');
    const lines = await terminal.shows('code=5');
    assert.match(lines.join('\n'), /^(?:\^C)?got 1$/m);
    assert.match(lines.join('\n'), /ended +exit code 5/);
  });

  test('a live line is written over and goes away', async () => {
    const terminal = start('run --live -i 0.2 -- sleep 2');
    await terminal.shows(/^silostat: \d\S+ {2}CPU .* {2}private /m);
    const lines = await terminal.shows('code=0');
    assert.doesNotMatch(lines.join('\n'), /CPU \S+%/);
    assert.equal(lines[0], 'silostat: sleep 2', 'the report is where the line was');
  });

  test('without --live an interactive program has the terminal for itself', async () => {
    const terminal = start(`run -i 0.1 -- sh -c 'sleep 1.5; echo over'`);
    const lines = await terminal.shows('code=0');
    assert.equal(lines[0], 'over');
  });

  /** The command line, and how it ended. */
  function start(args: string): Tmux {
    const command = `'${process.execPath}' '${silostatBin}' ${args}; echo "code=$?"; exec sleep 300`;
    return new Tmux(undo, command, { columns: 120, rows: 40 });
  }
});

function typed(terminal: Tmux, text: string): void {
  terminal.keys(text, 'Enter');
}
