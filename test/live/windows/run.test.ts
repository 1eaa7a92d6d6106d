import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder } from './job-containers.js';
import { skipReason, uniqueId, useHook } from './lab.js';
import { outcomeOf, silostat } from './silostat.js';

useHook();
/** For what would never come if the code were wrong. */
const timeout = 120_000;
const skip = skipReason();
const bare = skipReason({ bareWine: true });
const megabytes = 100;

test('the exit code is the command’s, or says what kept it from running', { skip, timeout }, async (t) => {
  const text = join(folder(t, { 'text.exe': 'no program' }), 'text.exe');
  for (const [args, expected] of [
    [['--', 'cmd', '/d', '/c', 'exit 7'], 7],
    [['no-such-command-anywhere'], 127],
    [[text], 126],
    [['--memory', 'abc', 'cmd'], 125],
  ] as const) {
    const { code, stdout, stderr } = await outcomeOf(silostat('run', ...args));
    assert.deepEqual([code, stdout], [expected, ''], stderr);
    if (expected > 100) assert.match(stderr, /^silostat: [^\n]+\r?\n$/);
  }
});

test('a limit that cannot be set keeps the command from starting', { skip: bare, timeout }, async () => {
  const { code, stdout, stderr } = await outcomeOf(
    silostat('run', '--memory', '512M', '--', 'cmd', '/c', 'echo started'),
  );
  assert.deepEqual([code, stdout], [125, ''], stderr);
});

test('stdin and stdout are the command’s: 100 MB pass unchanged', { skip, timeout }, async () => {
  const child = silostat('run', '--quiet', '--', process.execPath, '-e', 'process.stdin.pipe(process.stdout)');
  const sent = randomBytes(1 << 20);
  const expected = createHash('sha256');
  const got = createHash('sha256');
  child.stdout.on('data', (chunk) => got.update(chunk));
  for (let i = 0; i < megabytes; i++) {
    expected.update(sent);
    if (!child.stdin.write(sent)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal(got.digest('hex'), expected.digest('hex'));
});

test('while it runs others see it by its name, and kill -9 of silostat run ends all of it', {
  skip,
  timeout,
}, async (t) => {
  const path = `\\\\.\\pipe\\${uniqueId()}-${Date.now()}`;
  const name = uniqueId();
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
  server.listen(path);
  t.after(() => void server.close());
  // The command starts a process that has nothing to do with it any more.
  const connect = `require('net').connect(${JSON.stringify(path)}).resume().on('error', () => {})`;
  const script = `require('child_process').spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: 'ignore' }).unref(); ${connect}`;
  const runner = silostat('run', '--name', name, '--', process.execPath, '-e', script, connect);
  t.after(() => void runner.kill());
  while (sockets.length < 2) await once(server, 'connection');
  const listed = JSON.parse((await outcomeOf(silostat('ls', '--json'))).stdout) as Record<string, unknown>[];
  const { Owner, State, ProcessCount } = listed.find(({ Id }) => Id === name) ?? {};
  assert.deepEqual({ Owner, State, ProcessCount }, { Owner: 'silostat', State: 'Running', ProcessCount: 2 });
  const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
  const before = performance.now();
  runner.kill('SIGKILL');
  await closed;
  const after = performance.now() - before;
  assert.ok(after < 2000, `${after} ms`);
});
