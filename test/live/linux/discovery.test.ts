import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { ComputeSystemSummary } from 'silostat';
import { listComputeSystems, openComputeSystem } from 'silostat';
import { cgroupFolder, cgroupMounts, removeEmptyCgroup } from '../../support/cgroup-files.ts';
import { mustRun } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

const skip = skipReason({ tools: ['runc', 'busybox'] });
const podUid = '6b5fd1b5-8c5a-4d0e-9d3c-0a1b2c3d4e5f';

async function listed(id: string, all = false): Promise<ComputeSystemSummary | undefined> {
  const matches = (await listComputeSystems({ all })).filter(({ Id, Names }) => Id === id || Names.includes(id));
  assert.ok(matches.length <= 1, `${id} is listed ${matches.length} times`);
  return matches[0];
}

describe('containers that runc made', { skip }, () => {
  const undo = new Undo();
  const kubeId = process.pid.toString(16).padStart(64, 'ab');
  let plain: RuncContainer;
  let kube: RuncContainer;
  let begun: number;

  before(async () => {
    const engine = new RuncEngine(undo);
    begun = Date.now();
    plain = await engine.start();
    const cgroupsPath = `/silostat-test-${process.pid}/kubepods/burstable/pod${podUid}/${kubeId}`;
    kube = await engine.start({ cgroupsPath });
  });
  after(() => undo.run());

  it('are listed once, though v1 has them at two paths', async () => {
    const summary = await listed(plain.id, true);
    assert.ok(summary !== undefined);
    const { StartTime, ...rest } = summary;
    assert.deepEqual(rest, {
      Id: plain.id,
      Names: [],
      SystemType: 'Container',
      RuntimeOsType: 'Linux',
      Owner: 'runc',
      State: 'Running',
      ProcessCount: 1,
      CgroupPath: plain.cgroups.get('') ?? plain.cgroups.get('cpu'),
    });
    const started = Date.parse(StartTime ?? '');
    assert.ok(started >= begun - 1000 && started <= Date.now() + 1000, StartTime);
  });

  it('are what their cgroup path says, and have the pod that it tells', async () => {
    const summary = await listed(kube.id);
    assert.deepEqual([summary?.Id, summary?.Names, summary?.Pod], [kubeId, [kube.id], { Uid: podUid }]);
    assert.equal(summary?.Owner, 'runc');
  });

  it('are found by every reference', async () => {
    const folders = [...cgroupMounts().keys()].map((controller) => cgroupFolder(plain.cgroups, controller));
    const paths = [...new Set(plain.cgroups.values())].filter((path) => path.endsWith(plain.id));
    for (const reference of [plain.id, ...paths, ...folders]) {
      if (reference === undefined || !reference.endsWith(plain.id)) continue;
      using system = await openComputeSystem(reference);
      assert.deepEqual([system.id, system.identity.Owner], [plain.id, 'runc'], reference);
      const { ProcessList } = await system.properties(['ProcessList']);
      assert.deepEqual(
        ProcessList?.map(({ ProcessId }) => ProcessId),
        [plain.pid],
        reference,
      );
    }
    using byName = await openComputeSystem(kube.id);
    using byPrefix = await openComputeSystem(kubeId.slice(0, -1));
    assert.deepEqual([byName.id, byPrefix.id], [kubeId, kubeId]);
  });

  it('share a prefix: then they are the candidates', async () => {
    const prefix = plain.id.slice(0, plain.id.lastIndexOf('-') + 1);
    await assert.rejects(openComputeSystem(prefix), {
      code: 'ERR_AMBIGUOUS',
      candidates: [kubeId, plain.id].toSorted(),
    });
  });

  it('are paused when their cgroup is frozen', async () => {
    mustRun('runc', ['pause', plain.id]);
    try {
      assert.equal((await listed(plain.id))?.State, 'Paused');
    } finally {
      mustRun('runc', ['resume', plain.id]);
    }
    assert.equal((await listed(plain.id))?.State, 'Running');
  });

  it('are gone when they are removed', async () => {
    await plain.remove();
    assert.equal(await listed(plain.id, true), undefined);
    await assert.rejects(openComputeSystem(plain.id), { code: 'ERR_NOT_FOUND' });
  });
});

describe('a list', { skip }, () => {
  it('leaves out what vanishes while it is made', { timeout: 120_000 }, async () => {
    const top = `/silostat-test-${process.pid}-churn`;
    const folders = [...new Set(cgroupMounts().values())].slice(0, 3).map((mount) => `${mount}${top}/docker`);
    const script = `i=0; while [ $i -lt 3000 ]; do i=$((i+1))
      for f in ${folders.join(' ')}; do mkdir -p $f/${'ab'.repeat(32)}/x; done
      for f in ${folders.join(' ')}; do rmdir $f/${'ab'.repeat(32)}/x $f/${'ab'.repeat(32)}; done; done`;
    const churn = spawn('nice', ['sh', '-c', script], { stdio: 'inherit' });
    let isOver = false;
    const over = once(churn, 'exit').then(() => (isOver = true));
    let seen = 0;
    try {
      for (let lists = 0; lists < 200 && !isOver; lists++) {
        seen += (await listComputeSystems({ all: true })).filter(({ CgroupPath }) =>
          CgroupPath?.startsWith(top),
        ).length;
        await new Promise(setImmediate);
      }
    } finally {
      churn.kill('SIGKILL');
      await over;
      removeEmptyCgroup(top);
    }
    assert.ok(seen > 0, 'it came and went between the lists only');
  });
});
