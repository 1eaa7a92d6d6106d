import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobContainer, JobProcess } from 'silostat';
import { createJobContainer, listComputeSystems, openComputeSystem } from 'silostat';
import { gateImage } from '#core/linux/job-container/gate-program.js';
import type { LinuxHost as LinuxHostClass } from '../../../packages/core/dist/linux/host.js';
import {
  cgroupFolder,
  cgroupFolders,
  cgroupMounts,
  membership,
  removeEmptyCgroup,
} from '../../support/cgroup-files.ts';
import { checkout } from '../../support/checkout.ts';
import { mustRun, run } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { skipReason } from '../../support/requirements.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

/** Controllers whose cgroup a job must have. */
const joined = ['', 'memory', 'cpu', 'cpuacct', 'blkio', 'pids', 'freezer'];
let made = 0;
const newId = () => `silostat-test-${process.pid}-${++made}`;

describe('a job container', { skip: skipReason() }, () => {
  const undo = new Undo();
  let job: JobContainer;

  before(async () => {
    const id = newId();
    undo.add(() => removeEmptyCgroup(`/silostat/${id}`));
    job = await createJobContainer({ id });
  });
  after(async () => {
    await job.close();
    undo.run();
  });

  it('gives exit codes, signals and output as they are', async () => {
    assert.deepEqual(await endOf(job.spawn('true')), { code: 0, signal: null, out: '', err: '' });
    assert.deepEqual(await endOf(job.spawn('sh', ['-c', 'echo a; echo b >&2; exit 7'])), {
      code: 7,
      signal: null,
      out: 'a\n',
      err: 'b\n',
    });
    // The shell's own words for a missing command are 126 and 127: they must not be taken for ours.
    for (const code of [125, 126, 127]) assert.equal((await endOf(job.spawn('sh', ['-c', `exit ${code}`]))).code, code);
    const child = job.spawn('sleep', ['60']);
    child.kill('SIGTERM');
    assert.equal((await endOf(child)).signal, 'SIGTERM');
  });

  it('hands on arguments, input, working directory and descriptors', async () => {
    const args = ['', ' ', 'a b', '"', "'", '$HOME', '*', '\n', '\\', '-n', 'é', '--', ';exit 3'];
    const { out } = await endOf(job.spawn('printf', ['[%s]', ...args]));
    assert.equal(out, args.map((arg) => `[${arg}]`).join(''));
    const cat = job.spawn('cat', [], { cwd: '/usr' });
    cat.stdin?.end('x'.repeat(200_000));
    assert.equal(readlinkSync(`/proc/${cat.pid}/cwd`), '/usr');
    assert.equal((await endOf(cat)).out.length, 200_000);
    // The gate's descriptor is closed.
    const direct = (await endOf(spawn('ls', ['/proc/self/fd']))).out;
    assert.equal((await endOf(job.spawn('ls', ['/proc/self/fd']))).out, direct);
    const extra = job.spawn('sh', ['-c', 'echo extra >&3'], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    const [chunk] = await once(extra.stdio[3] as NodeJS.ReadableStream, 'data');
    assert.equal(String(chunk), 'extra\n');
    assert.equal(extra.stdio.length, 4);
    assert.equal(extra.spawnfile, 'sh');
  });

  it('hands on the environment, with names that a shell could not write', async () => {
    const { PATH } = process.env;
    const env = { PATH, 'a.b': '1', 'BASH_FUNC_f%%': '() { :;}', IFS: 'x', silostat_gate: 'mine' };
    for (const given of [env, { ...env, PWD: '/elsewhere' }]) {
      const { out } = await endOf(job.spawn('cat', ['/proc/self/environ'], { cwd: '/tmp', env: given }));
      const got = out.split('\0').filter((line) => line !== '');
      assert.deepEqual(
        got.sort(),
        Object.entries(given)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    }
  });

  it('has a child inside before it executes anything, with all that it starts', async () => {
    const own = 'cat /proc/self/cgroup';
    const child = job.spawn('sh', ['-c', `${own}; (setsid sh -c "${own}; exec sleep 60" &)`]);
    const exited = once(child, 'exit');
    let out = '';
    child.stdout?.on('data', (chunk) => (out += String(chunk)));
    await until('both have written', () => out.split(`:/silostat/${job.id}\n`).length - 1 === 2 * joinedMounts().size);
    await exited;
    // The daemon is an orphan by now, and still inside.
    const pids = () =>
      readFileSync(`${cgroupFolders(`/silostat/${job.id}`)[0]}/cgroup.procs`, 'utf8')
        .trim()
        .split('\n');
    await until('it is alone', () => pids().length === 1);
    const [daemon] = pids();
    for (const controller of joined.filter((name) => cgroupMounts().has(name))) {
      assert.equal(membership(Number(daemon)).get(controller), `/silostat/${job.id}`, controller);
    }
    let hasEnded = false;
    const waiting = job.wait().then(() => (hasEnded = true));
    await sleep(300);
    assert.equal(hasEnded, false);
    process.kill(Number(daemon), 'SIGKILL');
    await waiting;
  });

  it('answers like any container, and is listed', async () => {
    const child = job.spawn('sh', ['-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; read x'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const mine = (await listComputeSystems()).filter(({ Id }) => Id === job.id);
    assert.deepEqual(
      mine.map(({ Owner, State, ProcessCount, CgroupPath }) => [Owner, State, ProcessCount, CgroupPath]),
      [['silostat', 'Running', 1, `/silostat/${job.id}`]],
    );
    const { ProcessList } = await job.system.properties(['ProcessList']);
    assert.deepEqual(
      ProcessList?.map(({ ProcessId }) => ProcessId),
      [child.pid],
    );
    using seen = await openComputeSystem(job.id);
    assert.deepEqual(seen.identity, job.system.identity);
    child.stdin?.end('\n');
    await endOf(child);
    const { Statistics } = await seen.properties(['Statistics']);
    assert.ok((Statistics?.Processor?.TotalRuntime100ns ?? 0) > 0);
  });

  it('tells a missing program from one that may not be executed, and starts nothing', () => {
    const folder = scratchFolder(undo);
    writeFileSync(`${folder}/tool`, '#!/bin/sh\n', { mode: 0o644 });
    assert.throws(() => job.spawn('silostat-no-such-program'), { code: 'ERR_NOT_FOUND', operation: 'run' });
    assert.throws(() => job.spawn(`${folder}/none`), { code: 'ERR_NOT_FOUND' });
    assert.throws(() => job.spawn(`${folder}/tool`), { code: 'ERR_ACCESS_DENIED', operation: 'run' });
    assert.throws(() => job.spawn('true', [], { cwd: `${folder}/none` }), { code: 'ERR_INVALID_ARGUMENT' });
    assert.throws(() => job.spawn('true', ['a\0b']), { code: 'ERR_INVALID_ARGUMENT' });
  });

  it('runs a script without an interpreter line, and a program with an odd name', async () => {
    const folder = scratchFolder(undo);
    for (const name of ['-x', 'a=b', 'c d']) {
      writeFileSync(`${folder}/${name}`, 'echo "$0"; exit 3\n', { mode: 0o755 });
      const { code, out } = await endOf(job.spawn(name, [], { env: { PATH: `${folder}:/bin` } }));
      assert.deepEqual([code, out], [3, `${folder}/${name}\n`]);
    }
  });

  it('ends all its processes, also frozen ones and those that ignore signals', async () => {
    const script = 'trap "" TERM INT HUP; while :; do (sleep 60) & sleep 60; done';
    const child = job.spawn('sh', ['-c', script], { stdio: 'ignore' });
    const folder = cgroupFolders(`/silostat/${job.id}`)[0];
    await until('it has started', () => readFileSync(`${folder}/cgroup.procs`, 'utf8').trim().split('\n').length > 2);
    const freezer = cgroupFolder(membership(child.pid as number), 'freezer');
    if (freezer === undefined) writeFileSync(`${folder}/cgroup.freeze`, '1');
    else writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
    const state = async () => (await listComputeSystems()).find(({ Id }) => Id === job.id)?.State;
    await until('it is frozen', async () => (await state()) === 'Paused');
    const ended = once(child, 'exit');
    await job.terminate();
    assert.equal(readFileSync(`${folder}/cgroup.procs`, 'utf8'), '');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await job.wait();
  });

  it('is one of its id', async () => {
    await assert.rejects(createJobContainer({ id: job.id }), { code: 'ERR_ALREADY_EXISTS' });
    assert.ok(existsSync(cgroupFolders(`/silostat/${job.id}`)[0] as string));
  });
});

describe('what a job container leaves', { skip: skipReason() }, () => {
  it('is nothing, after 50 commands of every ending', { timeout: 120_000 }, async () => {
    await using first = await createJobContainer();
    await endOf(first.spawn('true'));
    const before = { fds: descriptors(), children: children() };
    const ids: string[] = [];
    for (let i = 0; i < 50; i++) {
      const job = await createJobContainer();
      ids.push(job.id);
      const script = ['exit 3', 'kill -9 $$', '(sleep 60 &)', 'sleep 60 & exit'][i % 4] as string;
      const child = job.spawn('sh', ['-c', script], { stdio: 'ignore' });
      if (i % 2 === 0) await once(child, 'exit');
      await job.close();
      assert.deepEqual(cgroupFolders(`/silostat/${job.id}`), [], script);
    }
    await until('all children are reaped', () => children() <= before.children);
    assert.ok(descriptors() <= before.fds, `${before.fds} descriptors before, ${descriptors()} after`);
    assert.equal(new Set(ids).size, 50);
  });

  it('is nothing when it cannot be made in every hierarchy', async () => {
    const id = newId();
    // The last one: what was made in those before must go again.
    const mount = cgroupMounts().get('pids') ?? [...joinedMounts()].at(-1);
    const existed = existsSync(`${mount}/silostat`);
    mkdirSync(`${mount}/silostat/${id}`, { recursive: true });
    try {
      await assert.rejects(createJobContainer({ id }), { code: 'ERR_ALREADY_EXISTS' });
      assert.deepEqual(cgroupFolders(`/silostat/${id}`), [`${mount}/silostat/${id}`]);
    } finally {
      removeEmptyCgroup(`/silostat/${id}`);
      if (!existed) removeEmptyCgroup('/silostat');
    }
  });

  it('is nothing after a command whose job was removed', async () => {
    const job = await createJobContainer({ id: newId() });
    removeEmptyCgroup(`/silostat/${job.id}`);
    const before = children();
    assert.throws(() => job.spawn('sleep', ['60']), { code: 'ERR_CLOSED' });
    await until('the shell at the gate is reaped', () => children() <= before);
    await job.wait();
    await job.close();
  });

  it('ends with close(), which may be called twice, and ends what runs', async () => {
    const job = await createJobContainer();
    const child = job.spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await Promise.all([job.close(), job.close()]);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.throws(() => job.spawn('true'), { code: 'ERR_CLOSED' });
    await assert.rejects(job.system.properties(['Statistics']), { code: 'ERR_CLOSED' });
    await job.wait();
  });

  it('includes nested cgroups that a command made', async () => {
    const job = await createJobContainer();
    for (const folder of cgroupFolders(`/silostat/${job.id}`)) mkdirSync(`${folder}/a/b`, { recursive: true });
    await job.close();
    assert.deepEqual(cgroupFolders(`/silostat/${job.id}`), []);
  });

  it('includes the common parent, unless somebody else made it', async () => {
    using undo = new Undo();
    const { host, folder } = await privateHost(undo);
    const [first, second] = [await host.create({ id: 'a' }), await host.create({ id: 'b' })];
    await first.close();
    assert.ok(existsSync(`${folder}/silostat/b`));
    await second.close();
    assert.ok(!existsSync(`${folder}/silostat`));
    mkdirSync(`${folder}/silostat`, 0o755);
    await (await host.create({ id: 'a' })).close();
    assert.ok(existsSync(`${folder}/silostat`));
  });
});

describe('the gate', { skip: skipReason() }, () => {
  it('lets nothing through when silostat dies before it is open', async () => {
    // What spawn does, without the word to go on: the shell sees the end of the stream.
    const gate = spawn(
      '/bin/sh',
      ['-c', 'command read -r x <&3 || exit 125; exec "$@" 3<&-', 'sh', 'echo', 'through'],
      {
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      },
    );
    (gate.stdio[3] as import('node:net').Socket).destroy();
    assert.deepEqual(await endOf(gate), { code: 125, signal: null, out: '', err: '' });
  });

  it('is the program whose source lies in test/live/c', { skip: process.arch !== 'x64' && 'needs x64' }, () => {
    const undo = new Undo();
    const folder = scratchFolder(undo);
    try {
      mustRun('gcc', ['-c', '-o', `${folder}/gate.o`, `${checkout}/test/live/c/gate.S`]);
      mustRun('objcopy', ['-O', 'binary', '-j', '.text', `${folder}/gate.o`, `${folder}/gate`]);
      const headers = 64 + 56;
      assert.equal(gateImage().subarray(headers).toString('hex'), readFileSync(`${folder}/gate`).toString('hex'));
    } finally {
      undo.run();
    }
  });

  it('tells a script how it was called, and takes argv0 and another user', async () => {
    const undo = new Undo();
    const folder = scratchFolder(undo);
    await using job = await createJobContainer();
    writeFileSync(`${folder}/script`, '#!/bin/sh\necho "$0"\n', { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    for (const command of ['./script', `${folder}/script`, 'script']) {
      const options = { cwd: folder, env };
      assert.equal((await endOf(job.spawn(command, [], options))).out, (await endOf(spawn(command, [], options))).out);
    }
    undo.run();
    if (process.arch === 'x64') {
      assert.equal((await endOf(job.spawn('sh', ['-c', 'echo "$0"'], { argv0: 'other' }))).out, 'other\n');
    }
    assert.equal((await endOf(job.spawn('id', ['-u'], { uid: 65534, gid: 65534 }))).out, '65534\n');
  });

  it('is a shell where our own program cannot be executed; the environment is the same but for its order', async () => {
    const module = (path: string) =>
      JSON.stringify(new URL(`../../../../packages/core/dist/${path}.js`, import.meta.url));
    const script = `
      const { giveUpGateProgram } = await import(${module('linux/job-container/gate-program')});
      const { createJobContainer } = await import(${module('index')});
      giveUpGateProgram();
      const job = await createJobContainer();
      const env = { PATH: process.env.PATH, 'a.b': '1', 'BASH_FUNC_f%%': '() { :;}', IFS: 'x', silostat_gate: 'mine' };
      const child = job.spawn('cat', ['/proc/self/environ'], { env, cwd: '/usr' });
      let text = '';
      child.stdout.on('data', (chunk) => { text += chunk; });
      await new Promise((resolve) => child.once('close', resolve));
      await job.close();
      const expected = Object.entries(env).map(([name, value]) => name + '=' + value).sort().join();
      console.log(text.split('\\0').filter(Boolean).sort().join() === expected, child.exitCode);`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    assert.equal(stdout, 'true 0\n', stderr);
  });

  it('refuses what a shell cannot do', async () => {
    await using job = await createJobContainer();
    assert.throws(() => job.spawn('true', [], { stdio: Array(10).fill('ignore') }), { code: 'ERR_UNSUPPORTED' });
  });

  it('passes on how Node ends a child', async () => {
    await using job = await createJobContainer();
    const abort = new AbortController();
    const child = job.spawn('sleep', ['60'], { signal: abort.signal, stdio: 'ignore' });
    const failed = once(child, 'error');
    abort.abort();
    assert.equal((await failed)[0].name, 'AbortError');
    const [, signal] = await once(job.spawn('sleep', ['60'], { timeout: 200, stdio: 'ignore' }), 'exit');
    assert.equal(signal, 'SIGTERM');
  });
});

describe('a job container where there is no v2', { skip: skipReason({ cgroup: 1 }) }, () => {
  const undo = new Undo();
  let job: JobContainer;
  before(async () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const host = await hostWithMounts(
      mounts.filter((line) => !line.includes(' - cgroup2 ')),
      undo,
    );
    const id = newId();
    undo.add(() => removeEmptyCgroup(`/silostat/${id}`));
    job = await host.create({ id });
  });
  after(async () => {
    await job.close();
    undo.run();
  });

  it('waits for the last process', async () => {
    const child = job.spawn('sh', ['-c', '(exec sleep 60 >/dev/null 2>&1 &)'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child, 'close');
    const procs = `${cgroupMounts().get('memory')}/silostat/${job.id}/cgroup.procs`;
    await until('it is alone', () => readFileSync(procs, 'utf8').trim().split('\n').length === 1);
    assert.equal(
      membership(Number(readFileSync(procs, 'utf8')))
        .get('')
        ?.includes(job.id),
      false,
    );
    let hasEnded = false;
    const waiting = job.wait().then(() => (hasEnded = true));
    await sleep(300);
    assert.equal(hasEnded, false);
    process.kill(Number(readFileSync(procs, 'utf8')), 'SIGKILL');
    await waiting;
  });

  it('ends what ignores signals', async () => {
    const child = job.spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 60 & sleep 60; done'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await job.terminate();
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await job.close();
    assert.deepEqual(cgroupFolders(`/silostat/${job.id}`), []);
  });
});

describe('an id', () => {
  it('is checked before anything is looked at', async () => {
    for (const id of ['', '.', '..', '-a', '_a', 'a/b', 'a b', 'a\n', 'é', 'a%', 'x'.repeat(129)]) {
      await assert.rejects(createJobContainer({ id }), { code: 'ERR_INVALID_ARGUMENT' }, JSON.stringify(id));
    }
  });
});

/** A host that sees these lines of mountinfo only. */
async function hostWithMounts(mountinfo: readonly string[], undo: Undo): Promise<LinuxHostClass> {
  const procRoot = scratchFolder(undo);
  mkdirSync(`${procRoot}/self`);
  writeFileSync(`${procRoot}/self/mountinfo`, `${mountinfo.join('\n')}\n`);
  const module = await import(new URL('./linux/host.js', import.meta.resolve('silostat')).href);
  return new (module.LinuxHost as typeof LinuxHostClass)({ procRoot });
}

/** A host whose only hierarchy is one cgroup of ours: what others do on this machine is not seen there. */
async function privateHost(undo: Undo): Promise<{ host: LinuxHostClass; folder: string }> {
  const pids = cgroupMounts().get('pids');
  const path = `/silostat-test-${process.pid}-private`;
  const folder = `${pids ?? cgroupMounts().get('')}${path}`;
  undo.add(() => removeEmptyCgroup(path));
  mkdirSync(folder);
  const kind = pids === undefined ? 'cgroup2 cgroup2 rw' : 'cgroup cgroup rw,pids';
  return { host: await hostWithMounts([`1 0 0:1 ${path} ${folder} rw - ${kind}`], undo), folder };
}

function joinedMounts(): Set<string> {
  return new Set([...cgroupMounts()].filter(([name]) => joined.includes(name)).map(([, mount]) => mount));
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Children of this process, zombies included. */
function children(): number {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').length - 1;
}

async function endOf(
  child: JobProcess,
): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  const [code, signal] = await once(child, 'close');
  return { code, signal, out, err };
}
