import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { ComputeSystemSummary, FollowedSample } from 'silostat';
import { followComputeSystems, listComputeSystems, openComputeSystem } from 'silostat';
import { mustRun } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { skipReason } from '../../support/requirements.ts';
import { startRootless } from '../../support/rootless-podman.ts';
import { Undo } from '../../support/undo.ts';

const skip = skipReason({ cgroup: 2, tools: ['systemd-run', 'podman', 'runc', 'setpriv'] });

async function listed(named: string): Promise<ComputeSystemSummary[]> {
  return (await listComputeSystems({ all: true })).filter(({ Id, Names }) => Id === named || Names.includes(named));
}

describe("systemd's units, on cgroup v2 alone", { skip, timeout: 60_000 }, () => {
  const undo = new Undo();
  const unit = `silostat-test-${process.pid}`;
  after(() => undo[Symbol.dispose]());

  test('a service and a scope are listed once each, as what they are', async () => {
    undo.add(() => mustRun('systemctl', ['stop', `${unit}.service`, `${unit}.scope`]));
    mustRun('systemd-run', [`--unit=${unit}.service`, 'sleep', '300']);
    mustRun('sh', ['-c', `systemd-run --scope --unit=${unit}.scope sleep 300 >/dev/null 2>&1 </dev/null &`]);
    await until('the scope is there', async () => (await listed(`${unit}.scope`)).length > 0, 30_000);
    for (const name of [`${unit}.service`, `${unit}.scope`]) {
      const found = await listed(name);
      assert.deepEqual(
        found.map(({ Id, Names, Owner, SystemType, ProcessCount }) => [Id, Names, Owner, SystemType, ProcessCount]),
        [[`/system.slice/${name}`, [name], 'systemd', 'Service', 1]],
      );
      using system = await openComputeSystem(name);
      const { ProcessList } = await system.properties(['ProcessList']);
      assert.deepEqual(
        ProcessList?.map(({ ImageName }) => ImageName),
        ['sleep'],
      );
    }
  });

  test('a service that comes and goes is followed to its end, with its totals', async () => {
    using follower = await followComputeSystems({ all: true, intervalMs: 600_000 });
    await follower.sample();
    const ended: FollowedSample[] = [];
    const name = `${unit}-short.service`;
    follower.on('ended', (sample) => {
      if (sample.summary.Names.includes(name)) ended.push(sample);
    });
    mustRun('systemd-run', [`--unit=${name}`, 'sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1']);
    await until('its end is told', () => ended.length > 0, 30_000);
    const [{ properties, totals } = {}, ...more] = ended;
    assert.equal(more.length, 0);
    assert.ok((properties?.Statistics?.Memory?.MemoryUsageCommitBytes ?? 0) > 0, JSON.stringify(properties));
    if (totals === undefined) return;
    const cpu = totals.Statistics?.Processor?.TotalRuntime100ns ?? 0;
    assert.ok(cpu >= (properties?.Statistics?.Processor?.TotalRuntime100ns ?? 0) && cpu > 0, `${cpu}`);
  });
});

describe('a container of a user’s own Podman', { skip, timeout: 110_000 }, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  test('is listed once, with owner, name and image, though none of it is root’s', async () => {
    const name = `silostat-test-${process.pid}-rootless`;
    const id = startRootless(undo, name);
    assert.match(id, /^[0-9a-f]{64}$/);
    const found = await listed(id);
    assert.deepEqual(
      found.map(({ Owner, Names, Image, State, ProcessCount }) => [Owner, Names, Image, State, ProcessCount]),
      [['podman', [name], 'localhost/silostat-test:1', 'Running', 1]],
    );
    assert.match(found[0]?.CgroupPath ?? '', new RegExp(`/libpod-${id}$`));
    using system = await openComputeSystem(name);
    assert.equal(system.id, id);
    const { Statistics } = await system.properties(['Statistics']);
    assert.ok((Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes ?? 0) > 0);
  });
});
