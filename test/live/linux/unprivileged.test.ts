import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silostat } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import type { Nobody } from '../../support/nobody.ts';
import { asNobody } from '../../support/nobody.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';
import { memberPaths } from '../../support/whole-document.ts';

describe('a user without rights', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'setpriv', 'unshare'] }),
}, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let nobody: Nobody;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
    nobody = asNobody(undo);
  });
  after(() => undo[Symbol.dispose]());

  test('inspects: what it may not read is absent, with a reason', async () => {
    const path = container.cgroups.get('pids') ?? container.cgroups.get('') ?? '';
    const full = JSON.parse((await silostat(['inspect', path, '--json'])).stdout);
    const outcome = await nobody.silostat(['inspect', path, '--json', '--explain']);
    assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
    const { Properties: document, Report: report } = JSON.parse(outcome.stdout);
    assert.equal(document.ProcessList.length, 3);
    assert.ok(document.Statistics.Memory.MemoryUsagePrivateWorkingSetBytes > 0);
    const [here, reasons] = [memberPaths(document), absentPaths(report)];
    const unexplained = [...memberPaths(full)].filter((member) => !here.has(member) && !isExplained(member, reasons));
    assert.deepEqual(unexplained, []);
  });

  test('lists the cgroup, without what only the engine knows of it', async () => {
    const { code, stdout, stderr } = await nobody.silostat(['ls', '--all', '--json']);
    assert.equal(code, 0, stderr);
    const paths = JSON.parse(stdout).map(({ CgroupPath }: { CgroupPath: string }) => CgroupPath);
    assert.ok(
      [...container.cgroups.values()].some((path) => paths.includes(path)),
      stdout,
    );
  });

  test('is told what it may not do, in one line', async () => {
    const { code, stdout, stderr } = await nobody.silostat(['run', '--memory', '1G', 'true']);
    assert.deepEqual([code, stdout], [125, ''], stderr);
    assert.match(stderr, /^[^\n]*a limit needs a cgroup[^\n]*\n$/);
  });

  test('runs a command as a process tree, with daemons', async () => {
    // The daemon is known by nothing but its descent: its parents have exited before anybody looked.
    const script = '(setsid sh -c "sleep 1; exit 0" >/dev/null 2>&1 </dev/null &); exit 3';
    const began = performance.now();
    const { code, stderr } = await nobody.silostat(['run', 'sh', '-c', script]);
    assert.equal(code, 3, stderr);
    assert.ok(performance.now() - began >= 1000, 'it waits for the daemon');
    assert.match(stderr, /commit +- \(without a cgroup nobody counts/);
    assert.match(stderr, /processes +(?:4 started|- \()/);
  });

  test('has the processor time of what has long exited, orphans too', async () => {
    const file = `${nobody.mountPoint}-usage`;
    mkdirSync(file);
    chownSync(file, 65534, 65534);
    const burn = 'while (process.cpuUsage().user < 1e5);';
    const script = 'for i in 1 2 3 4 5; do (setsid "$0" -e "$1" &); sleep 0.4; done';
    const args = ['run', '--export-json', `${file}/report.json`, 'sh', '-c', script, process.execPath, burn];
    assert.equal((await nobody.silostat(args)).code, 0);
    const { Properties: document } = JSON.parse(readFileSync(`${file}/report.json`, 'utf8'));
    assert.ok(document.Statistics.Processor.RuntimeUser100ns >= 5 * 1e6, JSON.stringify(document.Statistics));
  });

  test('kill -9 of silostat run leaves no process of a tree after 2 s', async () => {
    const files = `${nobody.mountPoint}-tree`;
    mkdirSync(files);
    chownSync(files, 65534, 65534);
    const script = `(setsid sleep 901 >/dev/null 2>&1 </dev/null & echo $! >${files}/a); echo $PPID >${files}/b; exec sleep 901 >/dev/null 2>&1`;
    const done = nobody.silostat(['run', 'sh', '-c', script]);
    const failed = assert.rejects(done, /killed/);
    await until('it runs', () => ['a', 'b'].every((name) => existsSync(`${files}/${name}`)));
    await sleep(500);
    const [daemon = '', silostat = ''] = ['a', 'b'].map((name) => readFileSync(`${files}/${name}`, 'utf8').trim());
    assert.ok(existsSync(`/proc/${daemon}`));
    undo.add(() => void spawnSync('kill', ['-9', daemon]));
    process.kill(Number(silostat), 'SIGKILL');
    await failed;
    await sleep(2000);
    assert.ok(!existsSync(`/proc/${daemon}`), 'the daemon has ended');
  });
});

function absentPaths(report: { Types: Record<string, { Absent?: object }> }): string[] {
  return Object.entries(report.Types).flatMap(([type, { Absent = {} }]) =>
    Object.keys(Absent).map((path) => (path === '' ? type : `${type}.${path}`)),
  );
}

/** A reason stands for all below its path. */
function isExplained(member: string, reasons: readonly string[]): boolean {
  return reasons.some((reason) => member === reason || member.startsWith(`${reason}.`));
}
