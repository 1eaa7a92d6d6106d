import assert from 'node:assert/strict';
import { spawn as nodeSpawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeHandle } from '#core/windows/call/handle.js';
import { openNodePipe } from '#core/windows/job-container/node-pipe.js';
import { endingOf, folder, jobContainer, nodeScript, readAll, withNodeInPath } from './job-containers.js';
import { skipReason, useHook } from './lab.js';

useHook();
/** For what would never come if the code were wrong. */
const timeout = 30_000;
const skip = skipReason();

const tell = 'process.stdout.write(JSON.stringify({ argv: process.argv, cwd: process.cwd(), env: process.env }))';
const difficult = [
  '',
  'a b',
  'say "hi"',
  'C:\\dir\\',
  'a b\\',
  '\\"',
  'two\nlines',
  '100%',
  '%PATH%',
  'ü \u{1f600}',
  '^&|<>',
];

test('arguments, environment and directory are as with a spawn of Node', { skip, timeout }, async (t) => {
  const cwd = folder(t);
  const env = { ...process.env, 'a.b': 'c', Empty: '', Ünï: 'cödé \u{1f600}', path: 'C:\\only' };
  const job = await jobContainer(t);
  const [file, args] = nodeScript(tell, '--', ...difficult);
  const ours = await endingOf(job.spawn(file, args, { cwd, env }));
  const theirs = await readAll(nodeSpawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
  assert.equal(ours.code, 0, ours.stderr);
  assert.deepEqual(JSON.parse(ours.stdout), JSON.parse(theirs.toString('utf8')));
  assert.deepEqual(JSON.parse(ours.stdout).argv.slice(-difficult.length), difficult);
});

test('an empty environment has what Node adds to it, and argv0 is kept', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  const [file, args] = nodeScript('process.stdout.write(JSON.stringify([process.argv0, process.env]))');
  const options = { env: { X: '1' }, argv0: 'another name' };
  const ours = await endingOf(job.spawn(file, args, options));
  const theirs = await readAll(nodeSpawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
  assert.deepEqual(JSON.parse(ours.stdout), JSON.parse(theirs.toString('utf8')));
  assert.equal(JSON.parse(ours.stdout)[0], 'another name');
});

test('a process is in the job before it executes anything', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  const exits = [1, 2, 3].map(async (code) => {
    const child = job.spawn('cmd', ['/d', '/c', `exit ${code}`]);
    return (await endingOf(child)).code;
  });
  assert.deepEqual(job.started(), { count: 3, isLowerBound: false, source: 'job class 1: TotalProcesses' });
  assert.deepEqual(await Promise.all(exits), [1, 2, 3]);
  await job.wait();
  assert.deepEqual(job.started(), { count: 3, isLowerBound: false, source: 'job class 1: TotalProcesses' });
});

test('a megabyte goes in and comes out unchanged, and stderr is another stream', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  const child = job.spawn(...nodeScript('process.stdin.pipe(process.stdout); process.stderr.write("told apart")'));
  const sent = randomBytes(1 << 20);
  child.stdin?.end(sent);
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'close')]);
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  assert.equal(digest(stdout), digest(sent));
  assert.equal(stderr.toString('utf8'), 'told apart');
});

test('streams can be ignored, or be files of ours', { skip, timeout }, async (t) => {
  const path = join(folder(t, { in: 'from a file' }), 'out');
  const [input, output] = [openSync(join(path, '..', 'in'), 'r'), openSync(path, 'w')];
  const job = await jobContainer(t);
  const copy = nodeScript('process.stdin.pipe(process.stdout); process.stderr.write("nobody reads it")');
  const child = job.spawn(...copy, { stdio: [input, output, 'ignore'] });
  assert.deepEqual([child.stdin, child.stdout, child.stderr], [null, null, null]);
  closeSync(input);
  closeSync(output);
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.equal(readFileSync(path, 'utf8'), 'from a file');
  const silent = await endingOf(job.spawn(...copy, { stdio: ['ignore', 'pipe', 'ignore'] }));
  assert.deepEqual([silent.code, silent.stdout], [0, '']);
});

test('of our handles only the three of its streams are in the process', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  // Inheritable, and not passed on: when we close it nobody has it any more, though the process lives.
  const stray = openNodePipe({ writer: 'handle', inherit: true });
  const child = job.spawn(...nodeScript('process.stdin.resume()'));
  await once(child, 'spawn');
  const closed = once(stray.socket.resume(), 'close');
  closeHandle(stray.handle);
  await closed;
  assert.equal(child.exitCode, null);
  child.stdin?.end();
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

test('exit codes, signals and the order of events are those of a child process', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  const child = job.spawn(...nodeScript('process.exitCode = 300'));
  const heard: unknown[] = [];
  for (const event of ['spawn', 'exit', 'close']) child.on(event, (...told: unknown[]) => heard.push([event, ...told]));
  assert.ok(child.pid !== undefined && child.pid > 0);
  assert.deepEqual(child.spawnargs.slice(0, 2), [process.execPath, '-e']);
  assert.deepEqual([child.exitCode, child.signalCode, child.killed], [null, null, false]);
  await once(child, 'close');
  assert.deepEqual(heard, [['spawn'], ['exit', 300, null], ['close', 300, null]]);
  assert.equal(child.kill(), false);

  const killed = job.spawn(...nodeScript('setTimeout(() => {}, 60_000)'));
  assert.equal(killed.kill(0), true);
  assert.throws(() => killed.kill('SIGNOT' as 'SIGTERM'), { code: 'ERR_INVALID_ARGUMENT' });
  assert.equal(killed.kill('SIGTERM'), true);
  assert.deepEqual(await once(killed, 'close'), [null, 'SIGTERM']);
  assert.deepEqual([killed.exitCode, killed.signalCode, killed.killed], [null, 'SIGTERM', true]);
});

test('a time limit and an abort signal end a process', { skip, timeout }, async (t) => {
  const job = await jobContainer(t);
  const late = job.spawn(...nodeScript('setTimeout(() => {}, 60_000)'), { timeout: 100, killSignal: 'SIGKILL' });
  const controller = new AbortController();
  const aborted = job.spawn(...nodeScript('setTimeout(() => {}, 60_000)'), { signal: controller.signal });
  const error = once(aborted, 'error');
  controller.abort(new Error('enough'));
  const [told] = (await error) as [Error];
  assert.deepEqual([told.name, (told.cause as Error).message], ['AbortError', 'enough']);
  assert.deepEqual(await once(late, 'close'), [null, 'SIGKILL']);
});

test('what cannot be started is told before anything is, by whose fault it is', { skip, timeout }, async (t) => {
  const cwd = folder(t, { 'planted.cmd': '@exit 9', 'text.exe': 'no program', 'x.txt': 'nor this' });
  mkdirSync(join(cwd, 'folder.exe'));
  const job = await jobContainer(t);
  const env = withNodeInPath();
  for (const [command, code, options] of [
    ['no-such-program', 'ERR_NOT_FOUND', {}],
    ['.\\none.exe', 'ERR_NOT_FOUND', {}],
    ['planted', 'ERR_NOT_FOUND', { cwd }],
    [join(cwd, 'text.exe'), 'ERR_ACCESS_DENIED', {}],
    [join(cwd, 'x.txt'), 'ERR_ACCESS_DENIED', {}],
    [cwd, 'ERR_NOT_FOUND', {}],
    [join(cwd, 'folder.exe'), 'ERR_ACCESS_DENIED', {}],
    ['', 'ERR_INVALID_ARGUMENT', {}],
    ['a\0b', 'ERR_INVALID_ARGUMENT', {}],
    ['node', 'ERR_UNSUPPORTED', { uid: 0 }],
    ['node', 'ERR_UNSUPPORTED', { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }],
  ] as const) {
    assert.throws(() => job.spawn(command, [], { env, ...(options as object) }), {
      code,
      subject: command,
      operation: 'run',
    });
  }
  const gone = join(cwd, 'gone');
  assert.throws(() => job.spawn('node', [], { env, cwd: gone }), { code: 'ERR_INVALID_ARGUMENT', subject: gone });
  assert.throws(() => job.spawn('node', [], { env, stdio: [99, 'pipe', 'pipe'] }), { code: 'ERR_INVALID_ARGUMENT' });
  const { count } = job.started() as { count: number };
  assert.equal(count, 0);
  const found = await endingOf(job.spawn('.\\planted', [], { cwd }));
  assert.equal(found.code, 9);
});
