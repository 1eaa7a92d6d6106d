import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createJobContainer, listComputeSystems, openComputeSystem } from 'silostat';
import { silostatBin } from '../../support/checkout.ts';
import { mustRun, run, silostat } from '../../support/command.ts';
import { compiled } from '../../support/compile.ts';
import { until } from '../../support/deadline.ts';
import { assertSameReport } from '../../support/report.ts';
import { skipReason } from '../../support/requirements.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

const mount = '/sys/fs/cgroup';
const slice = `${mount}/system.slice`;
const user = '65534';
const userRuntime = `/run/user/${user}`;
const userUnit = 'silostat-test-user';

describe('a job container where systemd rules cgroup v2 alone', {
  skip: skipReason({ cgroup: 2 }),
  timeout: 110_000,
}, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  test('is a scope of its own, with limits, and none of the cgroups that systemd owns is written to', async () => {
    const before = controlsOf(mount);
    const limits = { memoryBytes: 256 << 20, cpus: 1.5, pids: 40 };
    const job = await createJobContainer({ id: 'guest-1', limits, countProcesses: true });
    const path = '/system.slice/silostat-guest-1.scope/job';
    try {
      assert.deepEqual((await job.properties(['Limits'])).Limits, {
        MemoryBytes: 256 << 20,
        MemorySetBy: path,
        Processors: 1.5,
        ProcessorsSetBy: path,
        ProcessCount: 40,
        ProcessCountSetBy: path,
      });
      const child = job.spawn('sh', ['-c', 'cat /proc/self/cgroup; /bin/true; exit 7'], {
        stdio: ['ignore', 'pipe', 2],
      });
      let said = '';
      child.stdout?.on('data', (chunk) => {
        said += chunk;
      });
      await new Promise((resolve) => child.once('close', resolve));
      assert.deepEqual([child.exitCode, said], [7, `0::${path}\n`]);
      await job.wait();
      assert.deepEqual(job.started(), { count: 3, isLowerBound: false, source: 'perf_event_open task records' });
      const listed = (await listComputeSystems()).filter(({ Id }) => Id === 'guest-1');
      assert.deepEqual(
        listed.map(({ Owner, CgroupPath }) => [Owner, CgroupPath]),
        [['silostat', path]],
      );
      using system = await openComputeSystem('guest-1');
      assert.ok((await system.properties(['Statistics'])).Statistics?.Processor !== undefined);
      assert.ok(!existsSync(`${mount}/silostat`));
      assert.deepEqual(controlsOf(mount), before);
    } finally {
      await job.close();
    }
    assert.deepEqual(scopes(), []);
    assert.ok(!existsSync('/run/silostat'));
  });

  test('a limit that systemd lets nobody set is an error before the command starts', async () => {
    await assert.rejects(createJobContainer({ id: 'guest-2', limits: { pids: 2 ** 31 - 1 } }), {
      code: 'ERR_UNSUPPORTED',
    });
    assert.deepEqual(scopes(), []);
  });

  // After 2 s on a machine; this one is emulated, and slower by a factor of ten and more.
  test('kill -9 of silostat run leaves no process and no cgroup', async (context) => {
    const folder = scratchFolder(undo);
    const script = `(setsid sleep 900 >/dev/null 2>&1 </dev/null & echo $! >${folder}/pid); exec sleep 900`;
    const command = [silostatBin, 'run', '--name', 'guest-3', '--', 'sh', '-c', script];
    const child = spawn(process.execPath, command, { stdio: 'ignore' });
    await until('the daemon runs', () => existsSync(`${folder}/pid`), 60_000);
    await sleep(200);
    const pid = readFileSync(`${folder}/pid`, 'utf8').trim();
    assert.ok(existsSync(`/proc/${pid}`) && scopes().length === 1);
    child.kill('SIGKILL');
    const killed = performance.now();
    await until('nothing is left', () => !existsSync(`/proc/${pid}`) && scopes().length === 0, 20_000);
    context.diagnostic(`${Math.round(performance.now() - killed)} ms`);
  });

  test('a user has one below his own systemd', async (context) => {
    startUserManager();
    undo.add(() => mustRun('systemctl', ['kill', '--signal=KILL', `${userUnit}.service`]));
    const folder = scratchFolder(undo);
    const asUser = ['--reuid', user, '--regid', user, '--clear-groups'];
    const command = [process.execPath, silostatBin, 'run', '--name', 'guest-4', '--memory', '100M', '--'];
    const script = ['sh', '-c', 'cat /proc/self/cgroup; exit 5'];
    const env = { ...process.env, XDG_RUNTIME_DIR: userRuntime, TMPDIR: folder };
    const { code, stdout, stderr } = await run('setpriv', [...asUser, ...command, ...script], { env });
    context.diagnostic(stderr);
    assert.equal(code, 5, stderr);
    assert.match(stdout, /\/silostat-test-user\.service\/.*silostat-guest-4\.scope\/job$/m);
  });

  test('the program of the reports has the same one here', async (context) => {
    const document = `${scratchFolder(undo)}/report.json`;
    const args = ['run', '--export-json', document, '--', compiled('report.c'), '/dev/vda'];
    const { code, stdout, stderr } = await silostat(args, { deadlineMs: 60_000 });
    context.diagnostic(stderr);
    assert.equal(code, 7, stderr);
    context.diagnostic(assertSameReport(JSON.parse(readFileSync(document, 'utf8')), 'cgroup v2', stdout));
  });
});

function scopes(): string[] {
  return readdirSync(slice).filter((name) => /^silostat-.*\.scope$/.test(name));
}

function controlsOf(directory: string): string {
  return readFileSync(`${directory}/cgroup.subtree_control`, 'utf8');
}

/** Starts the systemd of a user, as a login does. */
function startUserManager(): void {
  mustRun('sh', ['-c', `mkdir -p ${userRuntime} && chown ${user} ${userRuntime} && chmod 700 ${userRuntime}`]);
  const properties = ['Delegate=yes', 'Type=notify', `User=${user}`, 'Slice=user.slice', 'TimeoutStartSec=40'];
  const options = properties.map((property) => `--property=${property}`);
  const environment = [`--setenv=XDG_RUNTIME_DIR=${userRuntime}`, '--setenv=HOME=/tmp'];
  const manager = ['/lib/systemd/systemd', '--user'];
  mustRun('systemd-run', ['--quiet', '--collect', `--unit=${userUnit}`, ...options, ...environment, '--', ...manager]);
}
