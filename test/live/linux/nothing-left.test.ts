import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { cgroupMounts } from '../../support/cgroup-files.ts';
import { run } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import { sweep, testPrefix } from '../../support/sweep.ts';

const url = (name: string): string => JSON.stringify(new URL(`../../support/${name}.js`, import.meta.url).href);

/** Makes one of everything, and ends without having cleaned up. */
function careless(end: string): string[] {
  const script = `
    const { RuncEngine } = await import(${url('runc-container')});
    const { makeLoopDisk } = await import(${url('loop-disk')});
    const { Undo } = await import(${url('undo')});
    const undo = new Undo();
    const disk = makeLoopDisk(undo, 1);
    const cgroupsPath = '/${testPrefix}-' + process.pid + '/deep/below';
    const container = await new RuncEngine(undo).start({ cgroupsPath, devices: [disk] });
    await container.workload.fork(2);
    console.log(process.pid, container.pid, disk.path);
    ${end}`;
  return ['--input-type=module', '--eval', script];
}

/** A process that outlives the run, in a cgroup of no engine. */
const leaveProcess = `
  const { spawn } = await import('node:child_process');
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const [mount] = (await import(${url('cgroup-files')})).cgroupMounts().values();
  const folder = mount + '/${testPrefix}-' + process.pid + '-left/below';
  mkdirSync(folder, { recursive: true });
  const sleep = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  writeFileSync(folder + '/cgroup.procs', String(sleep.pid));`;

describe('what the tests make goes with them', { skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }) }, () => {
  const ends = {
    'a failure': 'throw new Error("failed");',
    SIGTERM: 'process.kill(process.pid, "SIGTERM"); await new Promise(() => {});',
  };
  for (const [name, end] of Object.entries(ends)) {
    test(`after ${name}`, async () => {
      assert.deepEqual(leftBy((await run(process.execPath, careless(end))).stdout), []);
    });
  }

  test('after SIGKILL with the next run', async () => {
    // A shell between, since `run` takes a SIGKILL for its own.
    const end = `${leaveProcess} process.kill(process.pid, "SIGKILL");`;
    const command = ['-c', '"$@"; true', 'sh', process.execPath, ...careless(end)];
    const { stdout } = await run('sh', command);
    assert.notDeepEqual(leftBy(stdout), []);
    sweep();
    assert.deepEqual(leftBy(stdout), []);
  });
});

/** What is there of all that the process made. */
function leftBy(said: string): string[] {
  const [pid, containerPid = '', disk = ''] = said.trim().split(' ');
  assert.match(disk, /^\/dev\/loop\d+$/, said);
  const folders = [tmpdir(), '/run/runc', ...cgroupMounts().values()].filter((folder) => existsSync(folder));
  const named = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => `${name}-`.startsWith(`${testPrefix}-${pid}-`))
      .map((name) => `${folder}/${name}`),
  );
  const things = [disk, `/proc/${containerPid}`].filter((path) => existsSync(path) && !isZombie(path));
  return [...named, ...things];
}

function isZombie(path: string): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`${path}/status`, 'utf8'));
  } catch {
    return false;
  }
}
