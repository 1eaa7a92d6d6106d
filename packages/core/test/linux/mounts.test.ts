import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LinuxHost } from '../../dist/linux/host.js';
import type { Hierarchy } from '../../dist/linux/mounts.js';
import { directoryOf, pathOfDirectory, recentHierarchies } from '../../dist/linux/mounts.js';
import { fixture, hierarchiesIn, makeTree, mountLine } from './tree.ts';

function mounted(mountinfo: string) {
  using tree = makeTree({ 'proc/self/mountinfo': mountinfo });
  const { v1, v2, byController } = hierarchiesIn(tree.root);
  const strip = (hierarchy: Hierarchy) => ({ ...hierarchy, mountPoint: hierarchy.mountPoint.slice(tree.root.length) });
  return { v1: v1.map(strip), v2: v2 && strip(v2), controllers: [...byController.keys()] };
}

const at = (version: 1 | 2, mountPoint: string, controllers: string[] = [], root = '/'): Hierarchy => ({
  version,
  controllers,
  mountPoint,
  root,
});

describe('the hierarchies of a host', () => {
  it('v2 alone', () => {
    assert.deepEqual(mounted(mountLine('/sys/fs/cgroup')), {
      v1: [],
      v2: at(2, '/sys/fs/cgroup'),
      controllers: [],
    });
  });
  it('v1, controllers that share a mount, and one by name', () => {
    const text =
      mountLine('/sys/fs/cgroup/cpu,cpuacct', 'cpu,cpuacct') +
      mountLine('/sys/fs/cgroup/systemd', 'xattr,release_agent=/a,name=systemd');
    assert.deepEqual(mounted(text), {
      v1: [at(1, '/sys/fs/cgroup/cpu,cpuacct', ['cpu', 'cpuacct']), at(1, '/sys/fs/cgroup/systemd', ['name=systemd'])],
      v2: undefined,
      controllers: ['cpu', 'cpuacct', 'name=systemd'],
    });
  });
  it('both', () => {
    const { v1, v2 } = mounted(mountLine('/sys/fs/cgroup/memory', 'memory') + mountLine('/sys/fs/cgroup/unified'));
    assert.deepEqual([v1.length, v2?.mountPoint], [1, '/sys/fs/cgroup/unified']);
  });
  it('the mount that shows most, where one is mounted several times', () => {
    const part = mountLine('/part', '', '/docker/a');
    const whole = mountLine('/whole', '', '/');
    const above = mountLine('/above', '', '/../..');
    assert.equal(mounted(part + whole).v2?.mountPoint, '/whole');
    assert.equal(mounted(whole + part).v2?.mountPoint, '/whole');
    assert.equal(mounted(whole + above + part).v2?.mountPoint, '/above');
    assert.equal(mounted(whole + mountLine('/second')).v2?.mountPoint, '/whole');
  });
  it('not what another mount hides', () => {
    const hidden = `${mountLine('/sys/fs/cgroup')}34 23 0:29 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n`;
    assert.equal(mounted(hidden + mountLine('/elsewhere')).v2?.mountPoint, '/elsewhere');
  });
  it('none is an error that says what to do', () => {
    assert.throws(() => mounted('34 23 0:29 / /tmp rw - tmpfs tmpfs rw\n'), {
      code: 'ERR_UNSUPPORTED',
      message: /none is mounted; mount cgroup2/,
    });
  });
});

describe('the directory of a cgroup', () => {
  const whole = at(2, '/m');
  it('lies below the mount', () => {
    assert.equal(directoryOf(whole, '/'), '/m');
    assert.equal(directoryOf(whole, '/docker/a'), '/m/docker/a');
    assert.equal(directoryOf(whole, '/a...b/..c'), '/m/a...b/..c');
  });
  it('counts from the part that is mounted', () => {
    const part = at(1, '/m', ['memory'], '/docker/a');
    assert.equal(directoryOf(part, '/docker/a'), '/m');
    assert.equal(directoryOf(part, '/docker/a/b'), '/m/b');
    for (const path of ['/', '/docker', '/docker/ab', '/docker/b']) assert.equal(directoryOf(part, path), undefined);
  });
  it('in a cgroup namespace may lie beside our own', () => {
    const above = at(2, '/m', [], '/../..');
    assert.equal(directoryOf(above, '/../../system.slice/x'), '/m/system.slice/x');
    assert.equal(directoryOf(above, '/../..'), '/m');
    for (const path of ['/', '/own', '/../sibling', '/../../../x']) assert.equal(directoryOf(above, path), undefined);
    assert.equal(directoryOf(whole, '/../sibling'), undefined);
  });
  it('never lies outside, and is none for what is no path', () => {
    for (const path of ['', 'a', '/a/..', '/a/../..', '/a/../../b', '/./a', '/a/.', '//a', '/a//b', '/a/', '/a\0b']) {
      assert.equal(directoryOf(whole, path), undefined, JSON.stringify(path));
    }
  });
});

describe('the hierarchies of a moment ago', () => {
  const rootsOf = (tree: { root: string }) => ({ procRoot: `${tree.root}/proc`, fsRoot: tree.root });

  it('are those that were found last, in the same place', () => {
    using tree = makeTree({ 'proc/self/mountinfo': mountLine('/sys/fs/cgroup') });
    using other = makeTree({ 'proc/self/mountinfo': mountLine('/sys/fs/cgroup') });
    assert.equal(recentHierarchies(rootsOf(tree)), undefined);
    const found = hierarchiesIn(tree.root);
    assert.equal(recentHierarchies(rootsOf(tree)), found);
    assert.equal(recentHierarchies(rootsOf(other)), undefined);
  });

  it('are looked for anew where a container is not found in them', async () => {
    const cgroup = { 'cgroup.procs': '', 'cpu.stat': 'usage_usec 1\nuser_usec 1\nsystem_usec 0\n' };
    const files = Object.entries(cgroup).map(([name, text]) => [`sys/fs/cgroup/unified/lab/${name}`, text]);
    using tree = makeTree({ 'proc/self/mountinfo': mountLine('/sys/fs/cgroup'), ...Object.fromEntries(files) });
    const host = new LinuxHost(rootsOf(tree));
    await assert.rejects(host.open('/lab'), { code: 'ERR_NOT_FOUND' });
    tree.write('proc/self/mountinfo', mountLine('/sys/fs/cgroup/unified'));
    (await host.open('/lab')).close();
  });
});

describe('the cgroup of a directory', () => {
  const hierarchies = hierarchiesIn(fixture('v1-runc'));
  const root = fixture('v1-runc');
  const pathOf = (directory: string) => pathOfDirectory(hierarchies, directory)?.path;
  it('is what stands in /proc/PID/cgroup', () => {
    assert.equal(pathOf(`${root}/sys/fs/cgroup/memory/a/b`), '/a/b');
    assert.equal(pathOf(`${root}/sys/fs/cgroup/memory`), '/');
    assert.deepEqual(pathOfDirectory(hierarchies, `${root}/sys/fs/cgroup/cpu,cpuacct/x`)?.hierarchy.controllers, [
      'cpu',
      'cpuacct',
    ]);
  });
  it('is none outside the mounts', () => {
    for (const below of [
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/memoryx/a',
      '/etc',
      '/sys/fs/cgroup/memory/../../x',
      '/sys/fs/cgroup/memory//a',
      '/sys/fs/cgroup/memory/a/',
    ]) {
      assert.equal(pathOf(`${root}${below}`), undefined, below);
    }
  });
});
