import assert from 'node:assert/strict';
import { spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { allocate } from '#core/ffi.js';
import { createJobContainer, listComputeSystems, openComputeSystem } from '#core/index.js';
import { READ_CONTROL, SECURITY_DESCRIPTOR_RELATIVE } from '#core/windows/abi/object.js';
import { closeHandle } from '#core/windows/call/handle.js';
import { openJob, querySecurity } from '#core/windows/call/object.js';
import { waitUntilEmpty } from '#core/windows/job-container/job-end.js';
import { JobObject } from '#core/windows/job-object.js';
import { libraryUrl } from '../../support/checkout.js';
import { until } from '../../support/deadline.js';
import { jobContainer, nodeScript } from './job-containers.js';
import { hook, skipReason, uniqueId, useHook } from './lab.js';

useHook();
/** For what would never come if the code were wrong. */
const timeout = 30_000;
const skip = skipReason();
const withHook = skipReason({ hook: true });
const withFigures = skipReason({ figures: true });
const bare = skipReason({ bareWine: true });
const DACL_SECURITY_INFORMATION = 0x4;

/** A script that connects to a pipe, says its line, and lives until it hears something, or is ended. */
const connected = (pipe: string, before = '') => `${before}
  const socket = require('node:net').connect(${JSON.stringify(pipe)}, () => socket.write('here'));
  socket.on('data', () => process.exit(0)).on('error', () => process.exit(1));`;

/** Who is allowed what: the entries of a job's discretionary access list, with GENERIC_ALL or what it stands for as "all". */
function accessRules(path: string): [sid: string, rights: number | 'all'][] {
  const opened = openJob(path, READ_CONTROL);
  assert.ok(opened.handle !== undefined);
  const descriptor = allocate(1024);
  assert.equal(querySecurity(opened.handle, DACL_SECURITY_INFORMATION, descriptor).status, 0);
  closeHandle(opened.handle);
  const { view } = descriptor;
  const list = view.getUint32(SECURITY_DESCRIPTOR_RELATIVE.Dacl, true);
  const rules: [string, number | 'all'][] = [];
  let at = list + 8;
  for (let left = view.getUint16(list + 4, true); left > 0; left--) {
    assert.equal(view.getUint8(at), 0, 'it allows');
    const rights = view.getUint32(at + 4, true);
    rules.push([sidAt(view, at + 8), (rights & 0x1000001f) >= 0x1f ? 'all' : rights]);
    at += view.getUint16(at + 2, true);
  }
  return rules;
}

function sidAt(view: DataView, at: number): string {
  const parts = Array.from({ length: view.getUint8(at + 1) }, (_, i) => view.getUint32(at + 8 + 4 * i, true));
  return ['S-1', view.getUint8(at + 7), ...parts].join('-');
}

/** A pipe that processes report to; whatever process they were started by. */
async function reportingPipe(test: { after(done: () => void): void }) {
  const path = `\\\\.\\pipe\\${uniqueId()}-${Date.now()}`;
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
  server.listen(path);
  await once(server, 'listening');
  test.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const next = async () => {
    if (sockets.length === 0) await once(server, 'connection');
    const [socket] = sockets as [Socket];
    await once(socket, 'data');
    return socket;
  };
  return { path, next };
}

test('a job is named, listed, and open to queries by others; no other takes its name', { skip, timeout }, async (t) => {
  const id = uniqueId();
  const job = await jobContainer(t, { id });
  const listed = (await listComputeSystems()).find(({ Id }) => Id === id);
  assert.equal(listed?.Owner, 'silostat');
  assert.equal(listed?.JobName, `\\BaseNamedObjects\\silostat_${id}`);
  assert.equal(listed?.State, 'Created');
  const child = job.spawn(...nodeScript('process.stdin.resume()'));
  const system = await openComputeSystem(id);
  t.after(() => system.close());
  const { ProcessList } = await system.properties(['ProcessList']);
  assert.deepEqual(
    ProcessList?.map(({ ProcessId }) => ProcessId),
    [child.pid],
  );
  await assert.rejects(createJobContainer({ id }), { code: 'ERR_ALREADY_EXISTS', subject: id });
  assert.equal(child.exitCode, null);
  child.stdin?.end();
  await job.wait();
});

test('a job has the rights that it needs, in a handle that nobody inherits', { skip: withHook, timeout }, async (t) => {
  hook().reset();
  await jobContainer(t);
  const { count, any, all, attributes } = hook().granted('NtCreateJobObject');
  assert.deepEqual({ count, any, all, attributes }, { count: 1, any: 0xf, all: 0xf, attributes: 0 });
});

test('whoever has logged on may query a job, and do nothing else with it', { skip, timeout }, async (t) => {
  const id = uniqueId();
  await jobContainer(t, { id });
  assert.deepEqual(accessRules(`\\BaseNamedObjects\\silostat_${id}`), [
    ['S-1-5-18', 'all'],
    ['S-1-5-32-544', 'all'],
    ['S-1-5-11', 0x20004],
  ]);
});

test('where the directory of all sessions is closed, the job is in our own', { skip: withHook, timeout }, async (t) => {
  hook().reset();
  t.after(() => hook().reset());
  hook().fail({ call: 'NtCreateJobObject', times: 1 }, 0xc0000022);
  const id = uniqueId();
  await jobContainer(t, { id });
  const listed = (await listComputeSystems()).find(({ Id }) => Id === id);
  assert.match(listed?.JobName ?? '', /^\\Sessions\\\d+\\BaseNamedObjects\\silostat_/);
});

test('limits are set before anything runs, and kept', { skip: withFigures, timeout }, async (t) => {
  const job = await jobContainer(t, { limits: { memoryBytes: 512 << 20, cpus: 0.5, pids: 7 } });
  const { Limits } = await job.properties(['Limits']);
  assert.deepEqual(Limits, { MemoryBytes: 512 << 20, ProcessCount: 7, Processors: 0.5 });
  await assert.rejects(createJobContainer({ limits: { cpus: 100_000 } }), { code: 'ERR_INVALID_ARGUMENT' });
});

test('a limit that is not kept, or not known, is an error, and there is no job', { skip: bare, timeout }, async (t) => {
  const id = uniqueId();
  for (const limits of [{ memoryBytes: 512 << 20 }, { cpus: 0.5 }, { pids: 7 }]) {
    await assert.rejects(createJobContainer({ id, limits }), { code: 'ERR_UNSUPPORTED' }, JSON.stringify(limits));
  }
  await jobContainer(t, { id });
});

test('waiting ends with the last process of the tree, not with the first', { skip, timeout }, async (t) => {
  const { path, next } = await reportingPipe(t);
  const job = await jobContainer(t);
  const daemon = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: 'ignore' }).unref()`;
  const child = job.spawn(...nodeScript(daemon, connected(path)));
  let isOver = false;
  const waiting = job.wait().then(() => {
    isOver = true;
  });
  const [[code], socket] = await Promise.all([once(child, 'exit'), next()]);
  assert.equal(code, 0);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(isOver, false, 'the daemon lives');
  socket.end('go');
  await waiting;
  assert.equal((job.started() as { count: number }).count, 2);
});

test('an end that no message tells is seen all the same', { skip: withHook, timeout }, async (t) => {
  hook().reset();
  t.after(() => hook().reset());
  hook().fail({ call: 'NtSetInformationJobObject', of: 7, times: 1 }, 0);
  const job = await jobContainer(t);
  job.spawn(...nodeScript(''), { stdio: 'ignore' });
  await job.wait();
});

test('who waits for a job that is closed meanwhile does not wait for ever', { skip, timeout }, async (t) => {
  const job = JobObject.create();
  const child = nodeSpawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  t.after(() => void child.kill());
  assert.ok(child.pid !== undefined);
  job.assign(child.pid);
  const waiting = waitUntilEmpty(job);
  job.close();
  await waiting;
});

test('terminate ends the whole tree', { skip, timeout }, async (t) => {
  const { path, next } = await reportingPipe(t);
  const job = await jobContainer(t);
  const parent = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: 'ignore' }); setTimeout(() => {}, 60_000)`;
  const child = job.spawn(...nodeScript(parent, connected(path)));
  const closed = once(await next(), 'close');
  const ended = once(child, 'exit');
  await job.terminate();
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  await closed;
  await job.wait();
  assert.deepEqual((await job.properties(['ProcessList'])).ProcessList, []);
});

test('shutdown asks, and ends at its deadline who does not follow', { skip, timeout }, async (t) => {
  const { path, next } = await reportingPipe(t);
  const job = await jobContainer(t);
  const polite = job.spawn(...nodeScript(connected(path, `process.on('SIGHUP', () => process.exit(42));`)));
  await next();
  const ended = once(polite, 'exit');
  assert.equal(await job.shutdown(), true);
  assert.deepEqual(await ended, [42, null]);

  const other = await reportingPipe(t);
  const deaf = job.spawn(...nodeScript(connected(other.path, `process.on('SIGHUP', () => {});`)));
  await other.next();
  const killed = once(deaf, 'exit');
  assert.equal(await job.shutdown(1000), false);
  assert.deepEqual(await killed, [null, 'SIGKILL']);
});

test('closing ends what runs; the last values stay readable', { skip: withFigures, timeout }, async () => {
  const job = await createJobContainer();
  const child = job.spawn(...nodeScript('for (;;);'));
  const killed = once(child, 'exit');
  const used = async () => (await job.properties(['Statistics'])).Statistics?.Processor?.TotalRuntime100ns ?? 0;
  await until('processor time', async () => (await used()) > 0);
  await job.close();
  assert.deepEqual(await killed, [null, 'SIGKILL']);
  assert.ok((await used()) > 0);
  assert.equal((job.started() as { count: number }).count, 1);
  assert.throws(() => job.spawn('cmd'), { code: 'ERR_CLOSED' });
  await job.close();
  await job.wait();
  await job.terminate();
});

test('the processes of a job end with the process that made it', { skip, timeout }, async (t) => {
  const { path, next } = await reportingPipe(t);
  const script = `import(${JSON.stringify(libraryUrl)}).then(async ({ createJobContainer }) => {
    const job = await createJobContainer();
    job.spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'ignore' });
  })`;
  const [file, args] = nodeScript(script, connected(path));
  const owner = nodeSpawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  t.after(() => void owner.kill());
  const member = await next();
  const closed = once(member, 'close');
  const before = performance.now();
  owner.kill('SIGKILL');
  await closed;
  const after = performance.now() - before;
  assert.ok(after < 2000, `${after} ms`);
});
