import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { containerOfPath, containerWithPath, unitOfPath } from '../../dist/linux/containers/containers.js';

const id = '3f1c'.repeat(16);
const node = 'a0b1'.repeat(16);
const uid = '6b5fd1b5-8c5a-4d0e-9d3c-0a1b2c3d4e5f';
const uid_ = uid.replaceAll('-', '_');
const staticPod = '0f'.repeat(16);

/** path, owner, id, the container's own path ("" = all of it), pod uid */
type Row = readonly [path: string, owner: string, id: string, own?: string, podUid?: string];

const containers: readonly Row[] = [
  [`/docker/${id}`, 'docker', id],
  [`/docker/${id}/init.scope`, 'docker', id, `/docker/${id}`],
  [`/system.slice/docker-${id}.scope`, 'docker', id],
  [`/system.slice/docker-${id}.scope/container`, 'docker', id, `/system.slice/docker-${id}.scope`],
  [`/docker/${node}/docker/${id}`, 'docker', id],
  ['/system.slice/runc-web.scope', 'runc', 'web'],
  ['/user.slice/runc-a+b_c.d.scope', 'runc', 'a+b_c.d'],
  ['/system.slice/crun-web.scope/container', 'crun', 'web', '/system.slice/crun-web.scope'],
  ['/default/web', 'containerd', 'web'],
  [`/k8s.io/${id}`, 'containerd', id],
  ['/buildkit/x1y2', 'containerd', 'x1y2'],
  [`/system.slice/nerdctl-${id}.scope`, 'containerd', id],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid_}.slice/cri-containerd-${id}.scope`,
    'containerd',
    id,
    '',
    uid,
  ],
  [`/kubepods.slice/kubepods-pod${uid_}.slice/cri-containerd-${id}.scope`, 'containerd', id, '', uid],
  [
    `/system.slice/containerd.service/kubepods-besteffort-pod${uid_}.slice:cri-containerd:${id}`,
    'containerd',
    id,
    '',
    uid,
  ],
  [
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid_}.slice/crio-${id}.scope`,
    'cri-o',
    id,
    '',
    uid,
  ],
  [`/kubepods/besteffort/pod${uid}/crio-${id}`, 'cri-o', id, '', uid],
  [`/system.slice/kubepods-pod${uid_}.slice:crio:${id}`, 'cri-o', id, '', uid],
  [`/kubepods/burstable/pod${uid}/${id}`, '', id, '', uid],
  [`/kubepods/pod${uid}/${id}/init.scope`, '', id, `/kubepods/pod${uid}/${id}`, uid],
  [`/kubepods/burstable/pod${staticPod}/${id}`, '', id, '', staticPod],
  [`/docker/${node}/kubelet/kubepods/besteffort/pod${uid}/${id}`, '', id, '', uid],
  [
    `/docker/${node}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${uid_}.slice/cri-containerd-${id}.scope`,
    'containerd',
    id,
    '',
    uid,
  ],
  [`/libpod_parent/libpod-${id}`, 'podman', id],
  [`/machine.slice/libpod-${id}.scope`, 'podman', id],
  [`/machine.slice/libpod-${id}.scope/container`, 'podman', id, `/machine.slice/libpod-${id}.scope`],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
    'podman',
    id,
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`,
  ],
  [`/libpod_parent/${id}`, 'podman', id],
  [`/ecs/task/${'0a'.repeat(16)}-123456`, 'ecs', `${'0a'.repeat(16)}-123456`],
  ['/lxc/web', 'lxc', 'web'],
  ['/lxc.payload.web', 'lxc', 'web'],
  ['/lxc.payload.web/system.slice/ssh.service', 'lxc', 'web', '/lxc.payload.web'],
  ['/machine.slice/systemd-nspawn@deb.service', 'systemd-nspawn', 'deb'],
  ['/machine.slice/machine-deb.scope', 'systemd-machined', 'deb'],
  ['/silostat/build-7', 'silostat', 'build-7'],
  ['/system.slice/silostat-build-7.scope/job', 'silostat', 'build-7'],
  [`/docker/${id}/silostat/x`, 'silostat', 'x'],
  // Below a conmon in a node's container it still is the node's.
  [`/docker/${node}/libpod_parent/conmon`, 'docker', node, `/docker/${node}`],
];

const others: readonly string[] = [
  '/',
  '/init.scope',
  '/system.slice/ssh.service',
  '/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service',
  '/libpod_parent/conmon',
  `/machine.slice/libpod-conmon-${id}.scope`,
  `/kubepods.slice/kubepods-pod${uid_}.slice/crio-conmon-${id}.scope`,
  `/kubepods/besteffort/pod${uid}`,
  '/lxc.monitor.web',
  '/lxc/lxc.monitor.web',
  `/system.slice/run-docker-${id}.mount`,
  `/system.slice/docker-${id}.mount`,
  '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope',
  `/elsewhere/${id}`,
  `/docker/${id.slice(1)}`,
  `/docker/${id.toUpperCase()}`,
  '/a/default/web',
  '/default',
  '/default/',
  '/lxc/',
  '//lxc//',
  '/silostat',
  '/system.slice/silostat-build-7.scope',
  '/system.slice/silostat-build-7.scope/watcher',
];

describe('containerOfPath', () => {
  for (const [path, owner, expected, own, podUid] of containers) {
    it(`${owner || '(a pod)'}: ${path.replaceAll(id, '<id>').replaceAll(node, '<node>')}`, () => {
      const facts = { id: expected, owner, cgroupPath: own || path };
      assert.deepEqual(containerOfPath(path), podUid === undefined ? facts : { ...facts, podUid });
    });
  }

  for (const path of others) {
    it(`no container: ${path.replaceAll(id, '<id>')}`, () => assert.equal(containerOfPath(path), undefined));
  }

  it('takes any path, and gives a part of it', () => {
    const component = fc.oneof(
      fc.string({ minLength: 1 }).map((text) => text.replaceAll('/', '')),
      fc.constantFrom('docker', 'lxc', 'silostat', 'default', id, `crio-${id}`, 'a.slice:crio:', '..'),
    );
    fc.assert(
      fc.property(fc.array(component, { maxLength: 6 }), (components) => {
        const path = `/${components.join('/')}`;
        const facts = containerOfPath(path);
        if (facts === undefined) return;
        assert.ok(path === facts.cgroupPath || path.startsWith(`${facts.cgroupPath}/`));
        assert.ok(facts.cgroupPath.includes(facts.id) && facts.id !== '');
      }),
    );
  });
});

describe('containerWithPath', () => {
  it("is about the container's own cgroup only", () => {
    assert.equal(containerWithPath(`/docker/${id}`)?.id, id);
    assert.equal(containerWithPath(`/docker/${id}/init.scope`), undefined);
    assert.equal(containerWithPath(`/docker/${node}/docker/${id}`)?.id, id);
  });
});

describe('unitOfPath', () => {
  it('names services and scopes', () => {
    assert.equal(unitOfPath('/system.slice/ssh.service'), 'ssh.service');
    assert.equal(unitOfPath('/user.slice/user-0.slice/session-1.scope'), 'session-1.scope');
    for (const path of ['/system.slice', '/a.mount', '/x/y.slice:z:a.service', '/.service/x', '/service']) {
      assert.equal(unitOfPath(path), undefined, path);
    }
  });
});
