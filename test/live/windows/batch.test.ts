import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endingOf, folder, jobContainer, withNodeInPath } from './job-containers.js';
import { skipReason, useHook } from './lab.js';

useHook();
const skip = skipReason();

/** A batch file as npm makes them: it passes all its arguments on to a script, which writes down what it got. */
const files = {
  'pass & on.cmd': '@ECHO off\r\n"%NODE%" "%~dp0\\tell.cjs" %*\r\n',
  'tell.cjs': `require('fs').writeFileSync(process.env.TOLD, JSON.stringify(process.argv.slice(2)));process.exit(3)`,
};

const hostile = (file: string): string[] => [
  `& echo x > "${file}"`,
  `" & echo x > ${file} & "`,
  `"&echo x>${file}&"`,
  `\\" & echo x > ${file} & \\"`,
  `""& echo x > ${file}`,
  `| echo x > ${file}`,
  `^" & echo x > ${file}`,
  `> ${file}`,
  `) & (echo x > ${file}`,
  `!cd! & echo x > ${file}`,
];
const difficult = [
  '',
  'a b',
  'a"b',
  '"',
  '""',
  '\\"',
  'a\\',
  'a b\\',
  '^',
  'a^b c^',
  '(a)',
  'x!y!',
  'a,b;c=d',
  '*',
  'ü 漢 \u{1f600}',
];

test('a batch file gets its arguments as they are, and cmd.exe executes none of them', { skip }, async (t) => {
  const directory = folder(t, files);
  const planted = join(directory, 'planted');
  const told = join(directory, 'told');
  const job = await jobContainer(t);
  const env = { ...withNodeInPath(), NODE: process.execPath, TOLD: told, PATH: directory };
  for (const args of [
    difficult,
    hostile(planted),
    ...hostile(planted)
      .slice(0, 4)
      .map((argument) => [argument]),
  ]) {
    const { code, stdout, stderr } = await endingOf(job.spawn('pass & on', args, { env }));
    assert.equal(code, 3, `${JSON.stringify(args)}: ${stdout}${stderr}`);
    assert.deepEqual(JSON.parse(readFileSync(told, 'utf8')), args);
    assert.equal(existsSync(planted), false, JSON.stringify(args));
  }
});

test('what cmd.exe has no escape for is refused before anything starts', { skip }, async (t) => {
  const directory = folder(t, files);
  const job = await jobContainer(t);
  for (const argument of ['%PATH%', '%cd:~0,1%', '50%', 'a\r\nb', 'a\nb']) {
    const run = () => job.spawn(join(directory, 'pass & on.cmd'), [argument]);
    assert.throws(run, { code: 'ERR_INVALID_ARGUMENT', operation: 'run' }, argument);
  }
  const { count } = job.started() as { count: number };
  assert.equal(count, 0);
});

test('a text for the shell is the shell’s to understand', { skip }, async (t) => {
  const job = await jobContainer(t);
  const { code, stdout } = await endingOf(job.spawn('echo one&& echo %TWO%', [], { shell: true, env: { TWO: 'two' } }));
  assert.equal(stdout.replaceAll('\r', ''), 'one\ntwo\n');
  assert.equal(code, 0);
});

test('the system’s cmd.exe is taken, whatever the environment says', { skip }, async (t) => {
  const directory = folder(t, { ...files, 'cmd.cmd': '@exit 99' });
  const job = await jobContainer(t);
  const env = { ...process.env, ComSpec: join(directory, 'cmd.cmd'), PATH: directory, SystemRoot: directory };
  const { code } = await endingOf(job.spawn('exit 5', [], { shell: true, env, cwd: directory }));
  assert.equal(code, 5);
});
