import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { checkout } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run, silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';
import { memberPaths } from '../../support/whole-document.ts';

describe('a user without rights', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'setpriv', 'unshare'] }),
}, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let mountPoint: string;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
    mountPoint = `${scratchFolder(undo)}/checkout`;
    mkdirSync(mountPoint);
  });
  after(() => undo[Symbol.dispose]());

  test('inspects: what it may not read is absent, with a reason', async () => {
    const path = container.cgroups.get('pids') ?? container.cgroups.get('') ?? '';
    const full = JSON.parse((await silostat(['inspect', path, '--json'])).stdout);
    const outcome = await asNobody(['inspect', path, '--json', '--explain']);
    assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
    const { Properties: document, Report: report } = JSON.parse(outcome.stdout);
    assert.equal(document.ProcessList.length, 3);
    assert.ok(document.Statistics.Memory.MemoryUsagePrivateWorkingSetBytes > 0);
    const [here, reasons] = [memberPaths(document), absentPaths(report)];
    const unexplained = [...memberPaths(full)].filter((member) => !here.has(member) && !isExplained(member, reasons));
    assert.deepEqual(unexplained, []);
  });

  test('lists the cgroup, without what only the engine knows of it', async () => {
    const { code, stdout, stderr } = await asNobody(['ls', '--all', '--json']);
    assert.equal(code, 0, stderr);
    const paths = JSON.parse(stdout).map(({ CgroupPath }: { CgroupPath: string }) => CgroupPath);
    assert.ok(
      [...container.cgroups.values()].some((path) => paths.includes(path)),
      stdout,
    );
  });

  test('is told what it may not do, in one line', async () => {
    const { code, stdout, stderr } = await asNobody(['run', 'true']);
    assert.deepEqual([code, stdout], [125, ''], stderr);
    assert.match(stderr, /^[^\n]+\n$/);
  });

  /** In a mount namespace of its own the checkout lies where everybody may read it. */
  function asNobody(args: readonly string[]): Promise<Outcome> {
    const script = 'mount --bind "$1" "$2" && cd / && shift 2 && exec "$@"';
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const command = [process.execPath, `${mountPoint}/packages/cli/bin/silostat.js`, ...args];
    return run('unshare', ['--mount', 'sh', '-c', script, 'sh', checkout, mountPoint, ...nobody, ...command]);
  }
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
