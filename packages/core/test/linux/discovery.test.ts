import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ComputeSystemSummary } from '../../dist/index.js';
import { LinuxHost } from '../../dist/linux/host.js';
import { makeTree, mountLine } from './tree.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../test/fixtures/linux/${name}`, import.meta.url));
const hostAt = (root: string) => new LinuxHost({ procRoot: `${root}/proc`, fsRoot: root });

const docker = 'd0c4e5a1'.repeat(8);
const inner = '1a2b3c4d'.repeat(8);
const ended = 'dead0000'.repeat(8);
const podman = '90dba7e5'.repeat(8);
const cri = 'c41c41c4'.repeat(8);
const sandbox = '5a4db0c5'.repeat(8);
const crio = 'c410c410'.repeat(8);
const uid = '6b5fd1b5-8c5a-4d0e-9d3c-0a1b2c3d4e5f';

function pick(summaries: readonly ComputeSystemSummary[], id: string): ComputeSystemSummary {
  const matches = summaries.filter((summary) => summary.Id === id);
  assert.equal(matches.length, 1, `${id} is listed ${matches.length} times`);
  return matches[0] as ComputeSystemSummary;
}

describe('what is opened by its path', () => {
  for (const tree of ['hybrid-engines', 'hybrid-docker', 'v2-docker', 'v2-systemd', 'v1-docker']) {
    it(`is who the list says: ${tree}`, async () => {
      const host = hostAt(fixture(tree));
      const listed = await host.list({ all: true });
      assert.ok(listed.length > 0);
      for (const { Id, SystemType, Owner, Names, CgroupPath = '' } of listed) {
        using system = await host.open(CgroupPath);
        const { identity, names } = system;
        const opened = [identity.Id, identity.SystemType, identity.Owner, names];
        assert.deepEqual(opened, [Id, SystemType, Owner, Names], CgroupPath);
      }
    });
  }
});

describe('a container of which the runtime wrote down some cgroups alone', () => {
  it('has the others where its processes say', async () => {
    const claim = { cgroup_paths: { pids: '/c/pids/web' } };
    using tree = makeTree({
      'proc/self/mountinfo': mountLine('/c/pids', 'pids') + mountLine('/c/memory', 'memory'),
      'proc/42/cgroup': '1:memory:/other/web\n2:pids:/web\n',
      'c/pids/web/cgroup.procs': '42\n',
      'c/memory/web/memory.usage_in_bytes': '1\n',
      'c/memory/other/web/memory.usage_in_bytes': '2\n',
      'run/runc/web/state.json': JSON.stringify(claim),
    });
    using system = await hostAt(tree.root).open('/web');
    const { Statistics } = await system.properties(['Statistics']);
    assert.equal(Statistics?.Memory?.MemoryUsageCommitBytes, 2);
  });
});

describe('a state of the same name that claims another cgroup', () => {
  it('is passed over for the one that claims this one', async () => {
    const claim = (path: string) => JSON.stringify({ cgroup_paths: { '': `/sys/fs/cgroup${path}` } });
    using tree = makeTree({
      '/proc/self/mountinfo': mountLine('/sys/fs/cgroup'),
      '/sys/fs/cgroup/a/web/cgroup.procs': '',
      '/sys/fs/cgroup/b/web/cgroup.procs': '',
      '/run/runc/web/state.json': claim('/a/web'),
      '/run/runc/other/state.json': claim('/b/web'),
    });
    const host = hostAt(tree.root);
    const ids = ['/a/web', '/b/web'].map(async (path) => {
      using system = await host.open(path);
      return [system.identity.Id, system.identity.Owner];
    });
    assert.deepEqual(await Promise.all(ids), [
      ['web', 'runc'],
      ['other', 'runc'],
    ]);
  });
});

describe('a host with v1 and v2 side by side, and every engine', () => {
  const host = hostAt(fixture('hybrid-engines'));
  let running: ComputeSystemSummary[];
  before(async () => {
    running = await host.list({});
  });

  it('lists each running container and each job once', () => {
    assert.deepEqual(
      running.map((summary) => `${summary.Owner} ${summary.Id}`).sort(),
      [
        `containerd ${cri}`,
        `cri-o ${crio}`,
        `docker ${docker}`,
        `docker ${inner}`,
        `podman ${podman}`,
        ` ${sandbox}`,
        'containerd job',
        'crun lab-crun',
        'runc web',
        'silostat build-7',
      ].sort(),
    );
  });

  it("knows what Docker's files tell", () => {
    assert.deepEqual(pick(running, docker), {
      Id: docker,
      Names: ['shop'],
      SystemType: 'Container',
      RuntimeOsType: 'Linux',
      Owner: 'docker',
      State: 'Running',
      Image: 'shop/web:1',
      Labels: { app: 'shop' },
      // Two of its own, one of the container in it.
      ProcessCount: 3,
      StartTime: '2026-11-24T03:40:05.2904142Z',
      CgroupPath: `/docker/${docker}`,
    });
  });

  it('lists a container in a container as one of its own', () => {
    const { Owner, ProcessCount, CgroupPath, Names } = pick(running, inner);
    assert.deepEqual(
      { Owner, ProcessCount, CgroupPath, Names },
      { Owner: 'docker', ProcessCount: 1, CgroupPath: `/docker/${docker}/docker/${inner}`, Names: [] },
    );
  });

  it("finds the containers of runc and crun by the runtimes' states, at different paths on v1 too", () => {
    const web = pick(running, 'web');
    assert.deepEqual([web.Owner, web.CgroupPath, web.StartTime], ['runc', '/web', '2026-11-24T03:20:17.5082730Z']);
    const crun = pick(running, 'lab-crun');
    assert.deepEqual(
      [crun.Owner, crun.CgroupPath, crun.StartTime],
      ['crun', '/lab-crun', '2026-11-24T03:24:27.8166760Z'],
    );
  });

  it('has names, images and pods of Podman, CRI-O and containerd', () => {
    const stored = pick(running, podman);
    assert.deepEqual([stored.Names, stored.Image], [['cache'], 'localhost/lab/cache:1']);
    assert.equal(stored.StartTime, '2026-11-24T03:25:16.9000000Z');
    const pod = { Uid: uid, Name: 'cart-0', Namespace: 'shop' };
    const kube = pick(running, cri);
    assert.deepEqual([kube.Names, kube.Image, kube.Pod], [['cart'], 'shop/cart:2', pod]);
    assert.equal(kube.StartTime, '2026-11-24T03:30:00.0000000Z');
    const pay = pick(running, crio);
    assert.deepEqual([pay.Names, pay.Image, pay.Pod], [['pay'], 'shop/pay:3', { ...pod, Name: 'pay-1' }]);
    assert.equal(pay.StartTime, '2026-11-24T03:31:00.0000000Z');
    // Nobody has a record of this one: the path tells its pod, and nothing tells its engine.
    assert.deepEqual(pick(running, sandbox).Pod, { Uid: uid });
  });

  it('sees what is frozen, and what has no process', () => {
    assert.equal(pick(running, 'job').State, 'Paused');
    assert.deepEqual([pick(running, 'build-7').State, pick(running, 'build-7').ProcessCount], ['Stopped', 0]);
  });

  it('adds ended containers, units and other leaf cgroups with processes', async () => {
    const known = new Set(running.map((summary) => summary.Id));
    const added = (await host.list({ all: true })).filter((summary) => !known.has(summary.Id));
    assert.deepEqual(
      added.map(({ Id, SystemType, Owner, State, Names }) => ({ Id, SystemType, Owner, State, Names })),
      [
        { Id: '/batch/night', SystemType: 'Cgroup', Owner: '', State: 'Running', Names: [] },
        { Id: '/libpod_parent/conmon', SystemType: 'Cgroup', Owner: '', State: 'Running', Names: [] },
        // Not /shared/leaf: its process is in the service, by another path.
        { Id: '/shared/own', SystemType: 'Cgroup', Owner: '', State: 'Running', Names: [] },
        {
          Id: '/system.slice/ssh.service',
          SystemType: 'Service',
          Owner: 'systemd',
          State: 'Running',
          Names: ['ssh.service'],
        },
        { Id: ended, SystemType: 'Container', Owner: 'docker', State: 'Stopped', Names: [] },
      ],
    );
  });
});

describe('a host with v2 and systemd', () => {
  const host = hostAt(fixture('v2-systemd'));

  it('lists scopes, with the processes of their sub-cgroups, and no monitor', async () => {
    const all = await host.list({ all: true });
    assert.deepEqual(
      all.map(({ Id, Owner, State, ProcessCount }) => [Id, Owner, State, ProcessCount]),
      [
        ['/machine.slice/libpod-conmon-'.concat(podman, '.scope'), 'systemd', 'Running', 1],
        ['/system.slice/ssh.service', 'systemd', 'Running', 1],
        ['/user.slice/user-1000.slice/user@1000.service', 'systemd', 'Running', 1],
        ['/user.slice/user-1000.slice/user@1000.service/app.slice/note.service', 'systemd', 'Running', 1],
        [podman, 'podman', 'Running', 1],
        // With its units: these are a part of it, not the host's.
        [docker, 'docker', 'Paused', 2],
        ['tool', 'crun', 'Running', 1],
      ],
    );
    assert.equal(pick(all, 'tool').CgroupPath, '/system.slice/my-tool.scope');
    assert.deepEqual(
      (await host.list({})).map(({ Id }) => Id),
      [podman, docker, 'tool'],
    );
  });
});

describe('LXC and CRI-O, as they lay out their cgroups', () => {
  it('are listed by container: no monitor is one', async () => {
    const inPod = `/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`;
    const bundle = `/run/containers/storage/overlay-containers/${crio}/userdata/config.json`;
    const annotations = {
      'io.kubernetes.container.name': 'pay',
      'io.kubernetes.pod.name': 'pay-1',
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.cri-o.ImageName': 'shop/pay:3',
    };
    const processes = ['/lxc.payload.box', '/lxc.monitor.box', '/lxc/old', `${inPod}/crio-${crio}.scope/container`];
    const procs = [...processes, `/crio-conmon-${crio}.scope`, `${inPod}/crio-${crio}.scope`, inPod];
    using tree = makeTree({
      '/proc/self/mountinfo': mountLine('/sys/fs/cgroup'),
      ...Object.fromEntries(
        procs.map((path) => [`/sys/fs/cgroup${path}/cgroup.procs`, processes.includes(path) ? '7\n' : '']),
      ),
      [bundle]: JSON.stringify({ annotations }),
      '/var/lib/containers/storage/overlay-containers/': '',
    });
    const all = await hostAt(tree.root).list({});
    assert.deepEqual(
      all.map(({ Id, Owner, Names, Image, ProcessCount }) => [Id, Owner, Names, Image, ProcessCount]),
      [
        ['box', 'lxc', [], undefined, 1],
        [crio, 'cri-o', ['pay'], 'shop/pay:3', 1],
        ['old', 'lxc', [], undefined, 1],
      ],
    );
    assert.deepEqual(pick(all, crio).Pod, { Uid: uid, Name: 'pay-1', Namespace: 'shop' });
    assert.match(pick(all, 'box').Absent?.['Image'] ?? '', /LXC/);
  });
});

describe('references', () => {
  const host = hostAt(fixture('hybrid-engines'));
  const open = async (reference: string) => {
    using system = await host.open(reference);
    return { ...system.identity, names: system.names };
  };

  it('are a path, an id, a name or a prefix', async () => {
    const shop = {
      Id: docker,
      SystemType: 'Container',
      RuntimeOsType: 'Linux',
      Owner: 'docker',
      names: ['shop'],
    };
    for (const reference of [`/docker/${docker}`, docker, 'shop', 'd0c', 'sho']) {
      assert.deepEqual(await open(reference), shop, reference);
    }
    assert.equal((await open('web')).Owner, 'runc');
    assert.equal((await open('/web')).Id, 'web');
    assert.equal((await open('/caller/web')).Id, 'web');
    assert.equal((await open('ssh.service')).Id, '/system.slice/ssh.service');
    assert.equal((await open('/system.slice/ssh.service')).SystemType, 'Service');
    assert.equal((await open(`/docker/${docker}/docker`)).Id, `/docker/${docker}/docker`);
  });

  it('may be a directory below a cgroup mount', { skip: process.platform === 'win32' && 'a POSIX path' }, async () => {
    const mounts = `${fixture('hybrid-engines')}/sys/fs/cgroup`;
    assert.equal((await open(`${mounts}/memory/docker/${docker}`)).Id, docker);
    assert.equal((await open(`${mounts}/memory/caller/web`)).Id, 'web');
    await assert.rejects(open(`${mounts}/memory`), { code: 'ERR_INVALID_ARGUMENT' });
    await assert.rejects(open(`${mounts}/memory/none`), { code: 'ERR_NOT_FOUND' });
  });

  it('of nothing, or of two, are errors that help', async () => {
    await assert.rejects(open('/docker/none'), { code: 'ERR_NOT_FOUND', message: /is called so/ });
    await assert.rejects(open('nothing-such'), { code: 'ERR_NOT_FOUND', message: /is called so/ });
    const pods = { code: 'ERR_AMBIGUOUS', candidates: [crio, cri] };
    await assert.rejects(open('c41'), pods);
    await assert.rejects(open('../..'), { code: 'ERR_INVALID_ARGUMENT' });
  });
});

describe('what strangers write', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'silostat-discovery-'));
    cpSync(fixture('v2-systemd'), root, { recursive: true });
  });
  after(() => rmSync(root, { recursive: true }));

  function put(path: string, content: string): void {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  it('in one state file is no other container’s affair', async () => {
    const list = `/var/lib/docker/containers/${docker}/config.v2.json`;
    for (const content of [
      '',
      '[',
      '[]',
      '{"Name": 1, "Config": [], "State": "x"}',
      '{"Name": {"a": 1}}',
      '"x"',
      'null',
    ]) {
      put(list, content);
      put('/var/lib/containers/storage/overlay-containers/containers.json', content);
      const found = await hostAt(root).list({});
      assert.deepEqual(
        found.map(({ Id, Names }) => [Id, Names]),
        [
          [podman, []],
          [docker, []],
          ['tool', []],
        ],
        content,
      );
    }
    put(list, '{"Name": "/kept"}');
    assert.deepEqual(pick(await hostAt(root).list({}), docker).Names, ['kept']);
  });

  it('is kept as data, whatever its characters', async () => {
    const name = '\u001b]0;owned\u0007\r\n\u202e"';
    put(`/var/lib/docker/containers/${docker}/config.v2.json`, JSON.stringify({ Name: `/${name}` }));
    assert.deepEqual(pick(await hostAt(root).list({}), docker).Names, [name]);
  });

  it('makes nobody start in year 1', async () => {
    const state = { StartedAt: '0001-01-01T00:00:00Z' };
    put(`/var/lib/docker/containers/${docker}/config.v2.json`, JSON.stringify({ Name: '/x', State: state }));
    assert.equal(pick(await hostAt(root).list({}), docker).StartTime, undefined);
  });

  it('of cgroup names is listed as it is', {
    skip: process.platform === 'win32' ? 'names that Windows lacks' : false,
  }, async () => {
    const uid_ = uid.replaceAll('-', '_');
    put(
      `/sys/fs/cgroup/system.slice/containerd.service/kubepods-pod${uid_}.slice:cri-containerd:${cri}/cgroup.procs`,
      '5\n',
    );
    put('/sys/fs/cgroup/lxc/\u001b[31mred\\x2d é/cgroup.procs', '6\n');
    const found = await hostAt(root).list({});
    assert.deepEqual([pick(found, cri).Owner, pick(found, cri).Pod], ['containerd', { Uid: uid }]);
    assert.equal(pick(found, '\u001b[31mred\\x2d é').Owner, 'lxc');
  });

  it('makes a cgroup its own only if it is a user’s own', async () => {
    const unit = '/sys/fs/cgroup/system.slice/ssh.service';
    const state = { created: '2026-11-24T03:24:27Z', cgroup_paths: { '': unit } };
    put('/run/user/1000/runc/mine/state.json', JSON.stringify(state));
    const isRoot = process.getuid?.() === 0;
    // Files of ours in a tree of ours: believed, as root's are.
    assert.equal(pick(await hostAt(root).list({}), 'mine').Owner, 'runc');
    if (!isRoot) return;
    const { chownSync } = await import('node:fs');
    chownSync(`${root}/run/user/1000/runc/mine/state.json`, 1000, 1000);
    assert.ok((await hostAt(root).list({})).every(({ Id }) => Id !== 'mine'));
    chownSync(`${root}${unit}`, 1000, 1000);
    assert.equal(pick(await hostAt(root).list({}), 'mine').CgroupPath, '/system.slice/ssh.service');
  });
});
