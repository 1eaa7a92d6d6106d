import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { checkout, silostatBin } from '../../support/checkout.ts';
import { mustRun } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Tmux } from '../../support/tmux.ts';
import { Undo } from '../../support/undo.ts';

/** How each shell is started without anybody's configuration, and what it is told first. */
const shells: [string, string, string][] = [
  ['bash', 'bash --norc --noprofile -i', 'eval "$(silostat completion bash)"'],
  ['zsh', 'zsh -f -i', 'autoload -Uz compinit && compinit -D && source <(silostat completion zsh)'],
  ['fish', 'fish --no-config --private -i', 'silostat completion fish | source'],
];

/** How terminals of old made letters bold. */
const backspace = '\b';
const overstrike = new RegExp(`.${backspace}`, 'g');

describe('the manual page', { skip: skipReason({ tools: ['mandoc', 'tmux'] }) }, () => {
  test('has nothing that mandoc warns of, and shows the commands', () => {
    const page = `${checkout}/packages/cli/man/silostat.1`;
    mustRun('mandoc', ['-T', 'lint', '-W', 'warning', page]);
    const text = mustRun('mandoc', ['-T', 'ascii', page]).replaceAll(overstrike, '');
    assert.match(text, /silostat top \[options\] \[id\.\.\.\]/);
    assert.match(text, /--columns <titles>/);
  });
});

describe('completion in a real shell', {
  skip: skipReason({ tools: ['tmux', 'bash', 'zsh', 'fish', 'runc', 'busybox', 'gcc'] }),
  timeout: 180_000,
}, () => {
  const undo = new Undo();
  let folder: string;
  let container: RuncContainer;

  before(async () => {
    container = await new RuncEngine(undo).start();
    folder = scratchFolder(undo);
    writeFileSync(`${folder}/silostat`, `#!/bin/sh\nexec '${process.execPath}' '${silostatBin}' "$@"\n`);
    chmodSync(`${folder}/silostat`, 0o755);
  });
  after(() => undo[Symbol.dispose]());

  for (const [name, command, load] of shells) {
    test(`${name} completes commands, options, columns and container ids`, async () => {
      const size = { columns: 150, rows: 50 };
      const terminal = new Tmux(undo, `env PATH='${folder}':"$PATH" PS1='> ' HOME=/nonexistent ${command}`, size);
      terminal.keys(`${load}; echo load''ed`, 'Enter');
      await terminal.shows('loaded');
      const completes = async (typed: string, expected: string): Promise<void> => {
        terminal.keys(typed, 'Tab');
        await terminal.shows(expected);
        // The line is given up, and the screen is empty for the next one.
        terminal.keys('C-c');
        terminal.keys('clear', 'Enter');
        await terminal.shows(/^(?!(?:.|\n)*silostat)/);
      };
      await completes('silostat docto', 'silostat doctor');
      await completes('silostat stats --wat', 'silostat stats --watch');
      await completes('silostat stats --columns id,cpu-t', 'silostat stats --columns id,cpu-time');
      await completes(`silostat inspect ${container.id.slice(0, -1)}`, `silostat inspect ${container.id}`);
    });
  }
});
