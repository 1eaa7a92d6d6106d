import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobContainer } from 'silostat';
import { cleanJobContainers, createJobContainer } from 'silostat';
import { cgroupFolders } from '../../support/cgroup-files.ts';
import { silostatBin } from '../../support/checkout.ts';
import { silostat } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { skipReason } from '../../support/requirements.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

const newId = (): string => `silostat-test-life-${randomBytes(4).toString('hex')}`;
const lockOf = (id: string): string => `/run/silostat/${id}.lock`;

describe('the life of a job container', { skip: skipReason() }, () => {
  let undo: Undo;
  let id: string;
  let folder: string;

  beforeEach(() => {
    undo = new Undo();
    id = newId();
    folder = scratchFolder(undo);
  });
  afterEach(() => undo[Symbol.dispose]());

  test('kill -9 of silostat run leaves no process, no cgroup and no file after 2 s', async () => {
    // What is hard to end: a daemon in a session of its own, one that takes no signal, one that is stopped.
    const script = `
      (setsid sleep 900 >/dev/null 2>&1 </dev/null & echo $! ) > ${folder}/daemon
      sh -c 'trap "" TERM HUP INT; echo $$ > ${folder}/deaf; while :; do sleep 1; done' &
      sleep 900 & kill -STOP $!; echo $! > ${folder}/stopped
      while :; do sleep 0.1 & wait; done`;
    const child = spawn(process.execPath, [silostatBin, 'run', '--name', id, 'sh', '-c', script], { stdio: 'ignore' });
    await until('the command runs', () =>
      ['daemon', 'deaf', 'stopped'].every((name) => isWritten(`${folder}/${name}`)),
    );
    const pids = ['daemon', 'deaf', 'stopped'].map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim());
    assert.ok(cgroupsOf(id).length > 0 && existsSync(lockOf(id)));
    // A command may make cgroups of its own below the job's.
    for (const cgroup of cgroupsOf(id)) {
      mkdirSync(`${cgroup}/nested`);
      writeFileSync(`${cgroup}/nested/cgroup.procs`, pids[0] ?? '');
    }
    assert.deepEqual(pids.filter(isAlive), pids);
    child.kill('SIGKILL');
    await sleep(2000);
    assert.deepEqual([pids.filter(isAlive), cgroupsOf(id), existsSync(lockOf(id))], [[], [], false]);
  });

  test('what is left when the watcher was killed too is told by lock and inode, and cleaned', async () => {
    const script = `echo $$ > ${folder}/pid; exec sleep 900`;
    const child = spawn(process.execPath, [silostatBin, 'run', '--name', id, 'sh', '-c', script], { stdio: 'ignore' });
    await until('the command runs', () => isWritten(`${folder}/pid`));
    const pid = readFileSync(`${folder}/pid`, 'utf8').trim();
    const [watcher = 0] = watchersOf(child.pid ?? 0);

    // One that has an owner is nobody's leftover.
    assert.ok(!(await cleanJobContainers({ dryRun: true })).some((leftover) => leftover.id === id));
    await assert.rejects(createJobContainer({ id }), { code: 'ERR_ALREADY_EXISTS' });

    process.kill(watcher, 'SIGKILL');
    child.kill('SIGKILL');
    await until('it has gone', () => child.signalCode !== null);
    const dry = JSON.parse((await silostat(['clean', '--dry-run', '--json'])).stdout);
    const ours = dry.find((leftover: { Id: string }) => leftover.Id === id);
    assert.deepEqual([ours?.ProcessCount, ours?.Removed], [1, false], JSON.stringify(dry));
    assert.ok(isAlive(pid), 'a dry run ends nothing');
    await assert.rejects(createJobContainer({ id }), /silostat clean/);

    const { code, stdout, stderr } = await silostat(['clean']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^removed ${id} \\(/silostat/${id}, 1 process\\)$`, 'm'));
    assert.deepEqual([isAlive(pid), cgroupsOf(id), existsSync(lockOf(id))], [false, [], false]);
    assert.ok(!(await cleanJobContainers()).some((leftover) => leftover.id === id));
  });

  test('a cgroup that somebody made anew at the place of a leftover is left alone', async () => {
    const job = await createJobContainer({ id });
    const [made = ''] = cgroupsOf(id);
    const record = readFileSync(lockOf(id), 'utf8');
    assert.ok(record.includes(` ${made}\n`), record);
    await job.close();
    // As if it had been killed: its record stands there, the cgroup is another one.
    mkdirSync(made, { recursive: true });
    mkdirSync('/run/silostat', { recursive: true });
    writeFileSync(lockOf(id), record);
    undo.add(() => {
      rmdirSync(made);
      tryRemove(made.slice(0, made.lastIndexOf('/')));
      tryRemove('/run/silostat');
    });
    await cleanJobContainers();
    assert.deepEqual([existsSync(made), existsSync(lockOf(id))], [true, false]);
  });

  test('limits are in force, and of ours', async () => {
    await using job = await createJobContainer({ id, limits: { memoryBytes: 64 << 20, cpus: 0.5, pids: 30 } });
    const { Limits } = await job.properties(['Limits']);
    const own = `/silostat/${id}`;
    assert.deepEqual(Limits, {
      MemoryBytes: 64 << 20,
      MemorySetBy: own,
      Processors: 0.5,
      ProcessorsSetBy: own,
      ProcessCount: 30,
      ProcessCountSetBy: own,
    });
    const child = job.spawn(process.execPath, ['-e', 'Buffer.alloc(200 << 20, 1)']);
    await job.wait();
    assert.equal(child.signalCode ?? (await ended(child)), 'SIGKILL');
    assert.ok(((await job.properties(['Linux'])).Linux?.OutOfMemoryKillCount ?? 0) > 0);
  });

  test('a limit that cannot be set is an error before anything runs, and nothing is left', async () => {
    const tooMany = { limits: { pids: 2 ** 31 - 1 }, id };
    await assert.rejects(createJobContainer(tooMany), { code: 'ERR_UNSUPPORTED', subject: id });
    assert.deepEqual([cgroupsOf(id), existsSync(lockOf(id))], [[], false]);
    const marker = `${folder}/marker`;
    const { code, stderr } = await silostat(['run', '--pids', String(2 ** 31 - 1), 'touch', marker]);
    assert.deepEqual([code, existsSync(marker)], [125, false]);
    assert.match(stderr, /^silostat: [^\n]*limit of processes cannot be set[^\n]*\n$/);
  });

  test('shutdown asks first, and ends at the deadline what did not listen', async () => {
    await using job = await createJobContainer({ id });
    const polite = job.spawn('sh', ['-c', `trap 'exit 5' TERM; touch ${folder}/1; while :; do sleep 0.05; done`]);
    await until('it runs', () => existsSync(`${folder}/1`));
    assert.equal(await job.shutdown(20_000), true);
    assert.equal(polite.exitCode ?? (await ended(polite)), 5);
    const deaf = job.spawn('sh', ['-c', `trap '' TERM; touch ${folder}/2; while :; do sleep 0.05; done`]);
    await until('it runs', () => existsSync(`${folder}/2`));
    const began = performance.now();
    assert.equal(await job.shutdown(1000), false);
    assert.ok(performance.now() - began >= 999);
    assert.equal(deaf.signalCode ?? (await ended(deaf)), 'SIGKILL');
    assert.equal((await job.properties(['ProcessList'])).ProcessList?.length, 0);
  });

  test('the last values stay readable after the end', async () => {
    const job = await createJobContainer({ id, countProcesses: true });
    job.spawn('sh', ['-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sh -c true']);
    await job.wait();
    const before = await job.properties(['Statistics']);
    await job.close();
    const { properties, report } = await job.query(['Statistics', 'Limits']);
    assert.ok((before.Statistics?.Processor?.TotalRuntime100ns ?? 0) > 0);
    assert.deepEqual(properties.Statistics?.Processor, before.Statistics?.Processor);
    assert.deepEqual([report.types.Statistics?.answeredBy, properties.Linux], ['kernel', undefined]);
    assert.deepEqual(job.started(), { count: 2, isLowerBound: false, source: 'perf_event_open task records' });
    await assert.rejects(job.query(['Nonsense' as 'Statistics']), { code: 'ERR_INVALID_ARGUMENT' });
    await assert.rejects(job.system.query(['Statistics']), { code: 'ERR_CLOSED' });
    assert.throws(() => job.spawn('true'), { code: 'ERR_CLOSED' });
  });

  test('processes are counted exactly, threads are none, and nobody counts unasked', async () => {
    await using job = await createJobContainer({ id, countProcesses: true });
    const script = 'i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done; (setsid sh -c "/bin/true; exit" &)';
    await Promise.all([ended(job.spawn('sh', ['-c', script])), ended(job.spawn('sh', ['-c', script]))]);
    await job.wait();
    // The shell, 500, the subshell, the daemon and its child; twice.
    assert.deepEqual(job.started(), { count: 1008, isLowerBound: false, source: 'perf_event_open task records' });
    await ended(job.spawn(process.execPath, ['-e', 'new (require("worker_threads").Worker)("0", { eval: true })']));
    assert.deepEqual(job.started(), { count: 1009, isLowerBound: false, source: 'perf_event_open task records' });
    await using other = await createJobContainer();
    assert.equal('absent' in other.started(), true);
  });

  test('environ is byte for byte that of a child of Node itself', async () => {
    await using job = await createJobContainer({ id });
    const { PATH } = process.env;
    const odd = { Z: '1', 'a.b': '2', 'BASH_FUNC_f%%': '() { :;}', '-x': '', _: 'u', IFS: 'x', PATH };
    for (const env of [odd, { ...odd, PWD: '/elsewhere' }, {}, process.env]) {
      const ours = await outputOf(job.spawn('/bin/cat', ['/proc/self/environ'], { env }));
      assert.equal(ours, await outputOf(spawn('/bin/cat', ['/proc/self/environ'], { env })));
    }
    writeFileSync(`${folder}/a=b`, '#!/bin/sh\ncat /proc/self/environ\n', { mode: 0o755 });
    const ours = await outputOf(job.spawn(`${folder}/a=b`, [], { env: odd }));
    const direct = await outputOf(spawn(`${folder}/a=b`, [], { env: odd }));
    assert.equal(ours, direct);
  });
});

async function outputOf(child: ReturnType<JobContainer['spawn']>): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return text;
}

function ended(child: ReturnType<JobContainer['spawn']>): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}

function cgroupsOf(id: string): string[] {
  return cgroupFolders(`/silostat/${id}`).filter((path) => existsSync(path));
}

function isWritten(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0;
}

/** The small shells that silostat started beside its command. */
function watchersOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes("trap '' HUP");
      } catch {
        return false;
      }
    })
    .map(Number);
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function tryRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Others are in it.
  }
}
