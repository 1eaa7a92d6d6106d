import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { cgroupFolder, cgroupMounts, removeEmptyCgroup } from '../../support/cgroup-files.ts';
import { checkout, silostatBin } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run, silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testPrefix } from '../../support/sweep.ts';
import { Undo } from '../../support/undo.ts';
import { memberPaths } from '../../support/whole-document.ts';

const skip = skipReason({ tools: ['runc', 'busybox', 'gcc', 'unshare', 'setpriv'] });
/** Without cpuset: nothing may join a new cgroup there that was not given processors. */
const mounts = [...new Set([...cgroupMounts()].filter(([name]) => name !== 'cpuset').map(([, mount]) => mount))];
const types = ['--types', 'Statistics,ProcessList,Limits,Linux'];

/** Only mounts of the new namespace are made and changed; the first line keeps them from the host. */
const isolated = 'set -e; mount --make-rprivate /';

interface Explained {
  Properties: {
    Statistics?: { Memory?: Record<string, number> };
    ProcessList?: { ProcessId: number }[];
    Linux?: { Network?: { Namespace: string } };
  };
  Report: {
    Types: Record<
      string,
      {
        Absent?: Record<string, { Code: string; Message: string }>;
        Complete?: boolean;
        Processes?: { Listed: number; Denied: number };
      }
    >;
  };
}

describe('with fewer rights or a smaller view', { skip, timeout: 120_000 }, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let folder: string;
  let full: Explained;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
    folder = cgroupFolder(container.cgroups, 'pids') ?? cgroupFolder(container.cgroups, '') ?? '';
    full = explained(await silostat(['inspect', folder, '--json', '--explain', ...types]));
  });
  after(() => undo[Symbol.dispose]());

  test('an unprivileged user reads all of it, and whose network it has', async () => {
    const nobody = explained(await asNobody());
    assertExplained(nobody, full);
    assert.equal(nobody.Properties.ProcessList?.length, 3);
    assert.deepEqual(memberPaths(nobody.Properties), memberPaths(full.Properties));
  });

  test('an unprivileged user: a figure whose file is closed to it is absent with ERR_ACCESS_DENIED, the rest is there', async () => {
    const v1 = cgroupFolder(container.cgroups, 'memory');
    const file = v1 === undefined ? `${folder}/memory.current` : `${v1}/memory.usage_in_bytes`;
    chmodSync(file, 0o600);
    const nobody = explained(await asNobody().finally(() => chmodSync(file, 0o644)));
    const { Absent } = nobody.Report.Types['Statistics'] ?? {};
    assert.equal(Absent?.['Memory.MemoryUsageCommitBytes']?.Code, 'ERR_ACCESS_DENIED', JSON.stringify(Absent));
    assert.equal(nobody.Properties.Statistics?.Memory?.['MemoryUsageCommitBytes'], undefined);
    assert.ok((memory(nobody) ?? 0) > 0);
  });

  test('where /proc hides the processes of others (hidepid) they are told as refused, never as none', async () => {
    const nobody = explained(await asNobody('mount -t proc -o hidepid=2 proc /proc'));
    const { Complete, Processes } = nobody.Report.Types['ProcessList'] ?? {};
    // Their ids stand in the cgroup; nothing else of them is known.
    const ids = full.Properties.ProcessList?.map(({ ProcessId }) => ({ ProcessId }));
    assert.deepEqual(nobody.Properties.ProcessList, ids);
    assert.deepEqual([Complete, Processes?.Listed, Processes?.Denied], [false, 3, 3]);
    assert.equal(nobody.Report.Types['Linux']?.Absent?.['Network']?.Code, 'ERR_ACCESS_DENIED');
    // The cgroup's own figures need no process; where v1 has it at another path, only a member's /proc file says so.
    assertExplained(nobody, full);
    assert.ok(nobody.Properties.Statistics !== undefined && 'Processor' in nobody.Properties.Statistics);
  });

  test("a network of its own is told from the host's", async () => {
    assert.equal(full.Properties.Linux?.Network?.Namespace, 'own');
    const { cgroups } = await new RuncEngine(undo).start({ hostNetwork: true });
    const path = cgroups.get('pids') ?? cgroups.get('') ?? '';
    const { Linux } = explained(await silostat(['inspect', path, '--json', '--explain', ...types])).Properties;
    assert.deepEqual(Linux?.Network, { Namespace: 'host' });
  });

  test('on read-only cgroup mounts nothing is missing', async () => {
    // Binds of our own: only they are read-only, the hierarchies behind them stay as they are.
    const binds = mounts.map((mount) => `mount --bind ${mount} ${mount}; mount -o remount,bind,ro ${mount}`);
    const cannot = `if mkdir ${folder}/x 2>/dev/null; then exit 99; fi`;
    const script = [isolated, ...binds, cannot, 'exec "$@"'].join('\n');
    const command = [process.execPath, silostatBin, 'inspect', folder, '--json', '--explain', ...types];
    const seen = explained(await run('unshare', ['--mount', 'sh', '-c', script, 'sh', ...command]));
    assert.deepEqual(memberPaths(seen.Properties), memberPaths(full.Properties));
    assert.ok(!/\bro\b/.test(optionsOfHost()), 'the mounts of the host are as they were');
  });

  test('inside a container that sees the mounts of the host', async () => {
    const inside = explained(await insideContainer('exec "$@"', folder));
    assertExplained(inside, full);
    // Its processes are in another pid namespace: nothing here has a pid for them.
    assert.deepEqual(inside.Properties.ProcessList ?? [], []);
    assert.equal(
      Math.abs((memory(inside) ?? Number.NaN) - (memory(full) ?? Number.NaN)) < 1024 * 1024,
      true,
      `${memory(inside)}, ${memory(full)}`,
    );
  });

  test('inside a container that has its own mounts: a child of it is found', async () => {
    const fresh = mounts.map((mount) => {
      const name = [...cgroupMounts()].filter(([, at]) => at === mount).map(([controller]) => controller);
      const type = name.includes('')
        ? 'cgroup2'
        : `cgroup -o ${name
            .map((one) => one.replace('name=', 'none,name='))
            .filter(isController)
            .join(',')}`;
      return `mkdir -p ${mount}; mount -t ${type} cgroup ${mount}`;
    });
    const script = [
      'mount -t tmpfs tmpfs /sys/fs/cgroup',
      ...fresh,
      ...mounts.map((mount) => `mkdir ${mount}/child`),
      'exec "$@"',
    ].join('\n');
    const inside = explained(await insideContainer(script, '/child'));
    assert.deepEqual(inside.Properties.ProcessList, []);
    assert.ok((memory(inside) ?? -1) >= 0);
  });

  test('inside a container without cgroup mounts: an empty list, and a reason for what cannot be opened', async () => {
    const hide = 'mount -t tmpfs tmpfs /sys/fs/cgroup\nexec "$@"';
    const list = await insideContainer(hide, undefined);
    assert.deepEqual([list.code, list.stdout.trim()], [0, '[]'], list.stderr);
  });

  /** In a mount namespace of its own, in which the checkout lies where everybody may read it. */
  function asNobody(change = ''): Promise<Outcome> {
    const place = `${scratchFolder(undo)}/checkout`;
    mkdirSync(place);
    const script = [isolated, change, `mount --bind ${checkout} ${place}; cd /`, 'exec "$@"'].join('\n');
    const user = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath];
    const inspect = ['inspect', folder, '--json', '--explain', ...types];
    const command = [...user, `${place}/packages/cli/bin/silostat.js`, ...inspect];
    return run('unshare', ['--mount', 'sh', '-c', script, 'sh', ...command]);
  }

  /** In cgroups of our own, and in cgroup, pid and mount namespaces of its own, below a /proc of its own. */
  async function insideContainer(script: string, reference: string | undefined): Promise<Outcome> {
    const own = `/${testPrefix}-${process.pid}-inside`;
    undo.add(() => removeEmptyCgroup(own));
    const enter = mounts.map((mount) => `mkdir -p ${mount}${own}; echo 0 >${mount}${own}/cgroup.procs`);
    const unshare = ['unshare', '--mount', '--cgroup', '--pid', '--fork', '--mount-proc', 'sh', '-c'];
    const command =
      reference === undefined ? ['ls', '--all', '--json'] : ['inspect', reference, '--json', '--explain', ...types];
    const all = [...unshare, `${isolated}\n${script}`, 'sh', process.execPath, silostatBin, ...command];
    return run('sh', ['-c', ['set -e', ...enter, 'exec "$@"'].join('\n'), 'sh', ...all]);
  }
});

const isController = (name: string): boolean => !['rw', 'ro', 'noprefix', 'xattr', 'clone_children'].includes(name);

function explained({ code, stdout, stderr }: Outcome): Explained {
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

function memory({ Properties }: Explained): number | undefined {
  return Properties.Statistics?.Memory?.['MemoryUsagePrivateWorkingSetBytes'];
}

/** What the host can read and this one cannot is absent with a reason. */
function assertExplained(seen: Explained, full: Explained): void {
  const reasons = Object.entries(seen.Report.Types).flatMap(([type, { Absent = {} }]) =>
    Object.keys(Absent).map((path) => (path === '' ? type : `${type}.${path}`)),
  );
  const here = memberPaths({ ...seen.Properties, ProcessList: [] });
  const all = [...memberPaths({ ...full.Properties, ProcessList: [] })];
  // A section goes with its members, and each of those has a reason.
  const isSection = (path: string): boolean => all.some((other) => other.startsWith(`${path}.`));
  const missing = all.filter((path) => !here.has(path) && !isSection(path));
  const unexplained = missing.filter(
    (path) => !reasons.some((reason) => path === reason || path.startsWith(`${reason}.`)),
  );
  assert.deepEqual(unexplained, []);
}

function optionsOfHost(): string {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line));
  return lines.map((line) => line.split(' ')[5]).join();
}
