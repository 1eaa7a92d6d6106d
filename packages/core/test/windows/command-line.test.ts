import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchCommandLine, isBatchFile, shellCommandLine } from '../../dist/windows/job-container/batch.js';
import { commandLineOf, quoted } from '../../dist/windows/job-container/command-line.js';

/** What the C runtime makes of what stands behind the program's name, written from Microsoft's description of it. */
function parseArguments(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const run = /^\\*/.exec(text.slice(i))?.[0].length ?? 0;
    if (run > 0) {
      const beforeQuote = text[i + run] === '"';
      word = (word ?? '') + '\\'.repeat(beforeQuote ? Math.floor(run / 2) : run);
      i += run - 1;
      if (!beforeQuote || run % 2 === 0) continue;
      word += '"';
      i++;
    } else if (text[i] === '"') {
      word ??= '';
      if (inside && text[i + 1] === '"') word += text[++i];
      else inside = !inside;
    } else if ((text[i] === ' ' || text[i] === '\t') && !inside) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? '') + text[i];
  }
  return word === undefined ? found : [...found, word];
}

const difficult = fc.string({
  unit: fc.constantFrom('"', '\\', ' ', '\t', '\n', 'a', '%', '&', '^', '\u{1f600}', 'é'),
});
const words = fc.array(fc.oneof(difficult, fc.string()), { maxLength: 5 });

test('arguments come out of the C runtime as they went in', () => {
  fc.assert(
    fc.property(words, (args) => {
      const line = commandLineOf('x.exe', 'x.exe', args);
      assert.deepEqual(parseArguments(line.slice('x.exe'.length)), args);
    }),
  );
});

test('what needs no quotation marks gets none', () => {
  for (const [argument, expected] of [
    ['plain', 'plain'],
    ['C:\\dir\\', 'C:\\dir\\'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a b\\', '"a b\\\\"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['\\"', '"\\\\\\""'],
    ['a\\\\b c', '"a\\\\b c"'],
  ] as const) {
    assert.equal(quoted(argument), expected);
  }
});

test('the name of the program is read up to the next quotation mark', () => {
  assert.equal(commandLineOf('x', 'C:\\Program Files\\x\\', ['a']), '"C:\\Program Files\\x\\" a');
  assert.throws(() => commandLineOf('x', 'a"b', []), { code: 'ERR_INVALID_ARGUMENT', subject: 'x', operation: 'run' });
});

test('a command line is at most as long as Windows takes it', () => {
  assert.equal(commandLineOf('x', 'x', ['a'.repeat(32_764)]).length, 32_766);
  assert.throws(() => commandLineOf('x', 'x', ['a'.repeat(32_765)]), { code: 'ERR_INVALID_ARGUMENT' });
  assert.throws(() => batchCommandLine('x', 'C:\\x.cmd', ['a'.repeat(8192)]), { code: 'ERR_INVALID_ARGUMENT' });
});

test('what cmd.exe would understand stands inside quotation marks, for cmd.exe and for the C runtime', () => {
  const withoutPercent = words.filter((args) => !args.some((argument) => /[%\r\n]/.test(argument)));
  fc.assert(
    fc.property(withoutPercent, (args) => {
      const line = batchCommandLine('x', 'C:\\a & b\\x.cmd', args);
      const [, command = ''] = /^cmd\.exe \/d \/e:on \/v:off \/s \/c "(.*)"$/s.exec(line) ?? [];
      const pieces = command.split('"');
      assert.equal(pieces.length % 2, 1, 'as many marks open as close');
      for (const text of pieces.filter((_, index) => index % 2 === 0))
        assert.match(text, /^[A-Za-z0-9#$*+\-./:?@\\_ ]*$/);
      assert.deepEqual(parseArguments(command), ['C:\\a & b\\x.cmd', ...args]);
    }),
  );
});

test('what cmd.exe has no escape for is refused', () => {
  for (const argument of ['%PATH%', '50%', 'a\nb', 'a\r', '"%^OS%"']) {
    const refusal = { code: 'ERR_INVALID_ARGUMENT', subject: 'x.cmd', operation: 'run' };
    assert.throws(() => batchCommandLine('x.cmd', 'C:\\x.cmd', ['ok', argument]), refusal, argument);
  }
  assert.throws(() => batchCommandLine('x', 'C:\\50%\\x.cmd', []), { code: 'ERR_INVALID_ARGUMENT' });
});

test('a batch file is told by its name, also where Windows ignores what follows', () => {
  for (const path of ['x.cmd', 'X.BAT', 'x.bat.', 'x.Cmd . .', 'x.bat ']) assert.equal(isBatchFile(path), true, path);
  for (const path of ['x.exe', 'bat', 'x.cmd.exe', 'x.cmdx']) assert.equal(isBatchFile(path), false, path);
});

test('a text for the shell is passed on as it is', () => {
  assert.equal(
    shellCommandLine('echo a && echo %OS%', 'echo a && echo %OS%'),
    'cmd.exe /d /e:on /v:off /s /c "echo a && echo %OS%"',
  );
});
