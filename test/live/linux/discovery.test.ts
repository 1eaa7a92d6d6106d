import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
      Absent: { Image: 'runc knows no images', Labels: 'runc has annotations, and no labels' },
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

describe('containers as engines lay them out, made by runc', { skip }, () => {
  const undo = new Undo();
  const top = `/silostat-test-${process.pid}-kube`;
  const id = (letters: string): string => process.pid.toString(16).padStart(64, letters);
  const slice = `kubepods-burstable-pod${podUid.replaceAll('-', '_')}.slice`;
  const pod = { Name: 'cart-0', Namespace: 'shop', Uid: podUid };
  const kubernetes = {
    'io.kubernetes.cri.sandbox-name': pod.Name,
    'io.kubernetes.cri.sandbox-namespace': pod.Namespace,
    'io.kubernetes.cri.sandbox-uid': pod.Uid,
    'io.kubernetes.cri.image-name': 'shop/cart:2',
  };
  let engine: RuncEngine;

  before(() => {
    engine = new RuncEngine(undo);
  });
  after(() => undo[Symbol.dispose]());

  /** Starts one, and writes its bundle where containerd has that of a task. */
  async function start(cgroupsPath: string, namespace: string, annotations: object): Promise<RuncContainer> {
    writeTask(undo, namespace, cgroupsPath.slice(-70).match(/[0-9a-f]{64}/)?.[0] ?? '', annotations);
    return engine.start({ cgroupsPath });
  }

  it('in pods, by the cgroupfs driver and by the systemd driver', async () => {
    const [fs, systemd] = [id('a1'), id('b2')];
    await start(`${top}/kubepods/burstable/pod${podUid}/${fs}`, 'k8s.io', {
      ...kubernetes,
      'io.kubernetes.cri.container-name': 'cart',
    });
    await start(`${top}/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-${systemd}.scope`, 'k8s.io', {
      ...kubernetes,
      'io.kubernetes.cri.container-name': 'pay',
    });
    for (const [each, name] of [
      [fs, 'cart'],
      [systemd, 'pay'],
    ] as const) {
      const { Owner, Names, Image, Pod, ProcessCount } = (await listed(each, true)) ?? {};
      assert.deepEqual([Owner, Names?.[0], Image, Pod, ProcessCount], ['containerd', name, 'shop/cart:2', pod, 1]);
      using opened = await openComputeSystem(each);
      assert.ok(opened.names.includes(name));
    }
  });

  it('of nerdctl, by the state folder: its name, and why there is no image', async () => {
    const nerd = id('c3');
    const annotations = { 'nerdctl/name': `shop-${process.pid}`, 'nerdctl/namespace': 'default' };
    await start(`${top}/system.slice/nerdctl-${nerd}.scope`, 'default', annotations);
    const { Owner, Names, Image, Absent } = (await listed(nerd)) ?? {};
    assert.deepEqual([Owner, Names?.[0], Image], ['containerd', `shop-${process.pid}`, undefined]);
    assert.match(Absent?.['Image'] ?? '', /database/);
    using opened = await openComputeSystem(`shop-${process.pid}`);
    assert.equal(opened.id, nerd);
  });

  it('in a container: each is its own, and counted in the one around it', async () => {
    const [outer, inner] = [id('d4'), id('e5')];
    const around = `${top}/docker/${outer}`;
    const one = await engine.start({ cgroupsPath: around });
    const two = await engine.start({ cgroupsPath: `${around}/docker/${inner}` });
    await two.workload.fork(2);
    assert.deepEqual(
      [(await listed(outer))?.ProcessCount, (await listed(inner))?.ProcessCount, (await listed(inner))?.Owner],
      [4, 3, 'docker'],
    );
    using system = await openComputeSystem(outer);
    const { ProcessList } = await system.properties(['ProcessList']);
    const pids = ProcessList?.map(({ ProcessId }) => ProcessId) ?? [];
    assert.ok(pids.includes(one.pid) && pids.includes(two.pid) && pids.length === 4, pids.join());
  });
});

/** The OCI bundle of a containerd task, with these annotations. */
function writeTask(undo: Undo, namespace: string, id: string, annotations: object): void {
  const tasks = '/run/containerd/io.containerd.runtime.v2.task';
  const made = mkdirSync(`${tasks}/${namespace}/${id}`, { recursive: true });
  if (made !== undefined) undo.add(() => rmSync(made, { recursive: true }));
  writeFileSync(`${tasks}/${namespace}/${id}/config.json`, JSON.stringify({ ociVersion: '1.0.2', annotations }));
}

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
    const enough = performance.now() + 30_000;
    try {
      for (let lists = 0; lists < 200 && !isOver && performance.now() < enough; lists++) {
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
