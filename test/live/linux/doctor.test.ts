import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { cgroupFolder, cgroupMounts } from '../../support/cgroup-files.ts';
import { checkout, silostatBin } from '../../support/checkout.ts';
import { run, silostat } from '../../support/command.ts';
import type { RunThere } from '../../support/doctor-verdicts.ts';
import { assertTrue, verdictsOf } from '../../support/doctor-verdicts.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

const mounts = [...new Set(cgroupMounts().values())];

describe('silostat doctor tells the truth', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'setpriv', 'unshare'] }),
}, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let subject: { path: string; id: string; processCount: number };
  let mountPoint: string;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(2);
    const path = cgroupFolder(container.cgroups, 'pids') ?? cgroupFolder(container.cgroups, '') ?? '';
    subject = { path, id: container.id, processCount: 3 };
    mountPoint = `${scratchFolder(undo)}/checkout`;
    mkdirSync(mountPoint);
  });
  after(() => undo[Symbol.dispose]());

  test('as root on this host', async () => {
    const verdicts = await verdictsOf(silostat);
    await assertTrue(verdicts, silostat, subject);
    const { memory, processes, jobs, engines } = verdicts;
    assert.deepEqual([memory, processes, jobs, engines], ['yes', 'yes', 'yes', 'yes']);
  });

  test('as an unprivileged user', async () => {
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const script = 'mount --make-rprivate / && mount --bind "$1" "$2" && cd / && shift 2 && exec "$@"';
    const there: RunThere = (args) => {
      const command = [...nobody, process.execPath, `${mountPoint}/packages/cli/bin/silostat.js`, ...args];
      return run('unshare', ['--mount', 'sh', '-c', script, 'sh', checkout, mountPoint, ...command]);
    };
    const verdicts = await verdictsOf(there);
    await assertTrue(verdicts, there, subject);
    assert.equal(verdicts['jobs'], 'partly');
    assert.notEqual(verdicts['engines'], 'yes');
  });

  /** Namespaces of its own, as a container has them; `prepare` changes mounts that are its own. */
  const inside =
    (prepare: readonly string[]): RunThere =>
    (args) => {
      const script = ['set -e', 'mount --make-rprivate /', ...prepare, 'exec "$@"'].join('\n');
      const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', '--cgroup'];
      return run('unshare', [...namespaces, 'sh', '-c', script, 'sh', process.execPath, silostatBin, ...args]);
    };

  test("inside a container that sees the host's hierarchies, read-only", async () => {
    const there = inside(mounts.map((mount) => `mount --bind ${mount} ${mount}; mount -o remount,bind,ro ${mount}`));
    const verdicts = await verdictsOf(there);
    assert.deepEqual([verdicts['processes'], verdicts['jobs']], ['partly', 'partly']);
    await assertTrue(verdicts, there, subject);
  });

  test('inside a container without cgroup mounts: exit 1, and nothing can be read', async () => {
    const there = inside(['mount -t tmpfs tmpfs /sys/fs/cgroup']);
    const { code, stdout } = await there(['doctor', '--json']);
    assert.equal(code, 1);
    assert.deepEqual(
      JSON.parse(stdout).Capabilities.map(({ Name, State }: Record<string, string>) => [Name, State]),
      [['cgroups', 'no']],
    );
    assert.equal((await there(['inspect', subject.path])).code, 1);
  });
});
