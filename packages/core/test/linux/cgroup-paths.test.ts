import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CgroupReference } from '../../dist/linux/cgroup/cgroup.js';
import { resolveCgroupPaths } from '../../dist/linux/cgroup/cgroup.js';
import { cgroupLines, hierarchiesIn, makeTree, mountLine } from './tree.ts';

const mounts =
  mountLine('/c/memory', 'memory') +
  mountLine('/c/cpuacct', 'cpuacct') +
  mountLine('/c/pids', 'pids') +
  mountLine('/c/unified');

type Found = Partial<Record<'' | 'memory' | 'cpuacct' | 'pids', string>>;
type Options = Omit<CgroupReference, 'hierarchies' | 'path'>;

/** Where a cgroup is found in a tree of files: by controller, v2 by the empty name; reasons in brackets. */
function resolve(files: Readonly<Record<string, string>>, path: string, options: Options = {}) {
  using tree = makeTree({ 'proc/self/mountinfo': mounts, ...files });
  const { primary, paths, reasons } = resolveCgroupPaths({ hierarchies: hierarchiesIn(tree.root), path, ...options });
  const name = (controllers: readonly string[]) => (controllers[0] ?? '') as keyof Found;
  const found: Found = {};
  for (const [{ controllers }, itsPath] of paths) found[name(controllers)] = itsPath;
  for (const [{ controllers }, reason] of reasons) found[name(controllers)] = `(${reason.message})`;
  return { primary: name(primary.controllers), found };
}

const everywhere = (path: string) => ({ '': path, memory: path, cpuacct: path, pids: path });
const procs = (hierarchy: string, path: string, pids = '') => ({ [`c/${hierarchy}${path}/cgroup.procs`]: pids });
const member = (paths: Readonly<Record<string, string>>) => ({ 'proc/42/cgroup': cgroupLines(paths) });
const inAll = (path: string, pids = '') => ({
  ...procs('memory', path, pids),
  ...procs('cpuacct', path, pids),
  ...procs('pids', path, pids),
  ...procs('unified', path, pids),
});

describe('where a cgroup lies in each hierarchy', () => {
  it('at the same path, as a member says', () => {
    const files = { ...inAll('/docker/a', '42\n'), ...member(everywhere('/docker/a')) };
    assert.deepEqual(resolve(files, '/docker/a'), { primary: '', found: everywhere('/docker/a') });
  });
  it('at another path, as a member says', () => {
    const paths = { ...everywhere('/lab'), memory: '/caller/lab' };
    const files = {
      ...inAll('/lab', '42\n'),
      ...procs('memory', '/caller/lab', '42\n'),
      ...member(paths),
    };
    assert.deepEqual(resolve(files, '/lab').found, paths);
    assert.deepEqual(resolve(files, '/caller/lab'), { primary: 'memory', found: paths });
  });
  it('where its members are nested, each as deep as it is there', () => {
    const files = {
      ...inAll('/docker/a'),
      ...procs('unified', '/docker/a/init.scope', '42\n'),
      ...procs('memory', '/caller/a/x/init.scope', '42\n'),
      ...member({
        '': '/docker/a/init.scope',
        memory: '/caller/a/x/init.scope',
        cpuacct: '/docker/a',
        pids: '/docker/a/x',
      }),
    };
    assert.deepEqual(resolve(files, '/docker/a').found, { ...everywhere('/docker/a'), memory: '/caller/a' });
  });
  it('not where its processes are in a cgroup of somebody else', () => {
    const files = {
      ...procs('memory', '/docker/a', '42\n'),
      ...procs('unified', '/'),
      ...member({ '': '/', memory: '/docker/a', cpuacct: '/docker', pids: '/user.slice' }),
    };
    assert.deepEqual(resolve(files, '/docker/a'), {
      primary: 'memory',
      found: {
        '': '(it has no cgroup of its own for cgroup v2: its processes are in /)',
        memory: '/docker/a',
        cpuacct: '(it has no cgroup of its own for cpuacct: its processes are in /docker)',
        pids: '(it has no cgroup of its own for pids: its processes are in /user.slice)',
      },
    });
  });
  it('where it has a directory, though the member is still on its way in', () => {
    const files = { ...inAll('/docker/a', '42\n'), ...member({ ...everywhere('/docker/a'), pids: '/', '': '/' }) };
    assert.deepEqual(resolve(files, '/docker/a').found, everywhere('/docker/a'));
  });
  it("where the engine says, if the member's path does not contradict", () => {
    const enginePaths = new Map([['memory', '/caller/lab']]);
    const running = {
      ...inAll('/lab', '42\n'),
      ...member({ ...everywhere('/lab'), memory: '/caller/lab/inner/lab' }),
    };
    assert.equal(resolve(running, '/lab', { enginePaths }).found.memory, '/caller/lab');
    assert.equal(resolve(running, '/lab').found.memory, '/caller/lab/inner/lab');
  });
  it("where the engine says, also below a cgroup of the container's own name", () => {
    const files = { ...inAll('/lab', '42\n'), ...member({ ...everywhere('/lab'), memory: '/lab/lab' }) };
    for (const path of ['/lab/lab', '/lab']) {
      assert.equal(resolve(files, '/lab', { enginePaths: new Map([['memory', path]]) }).found.memory, path);
    }
  });
  it('at the path that is asked for, where that is below what the engine made', () => {
    const files = { ...inAll('/lab/inner', '42\n'), ...member(everywhere('/lab/inner')) };
    const enginePaths = new Map(Object.entries(everywhere('/lab')));
    assert.deepEqual(resolve(files, '/lab/inner', { enginePaths }).found, everywhere('/lab/inner'));
  });
  it('asks the next process when one has gone, or is another one by now', () => {
    const files = {
      ...inAll('/docker/a', '40\n41\n42\n'),
      'proc/41/cgroup': cgroupLines(everywhere('/elsewhere')),
      ...member({ ...everywhere('/docker/a'), memory: '/m/a' }),
    };
    assert.equal(resolve(files, '/docker/a').found.memory, '/m/a');
  });
  it('without a member: at the same path, else where the engine says, else at the same path though it is not there', () => {
    const files = { ...procs('cpuacct', '/lab'), ...procs('unified', '/lab') };
    const enginePaths = new Map([
      ['memory', '/caller/lab'],
      ['cpuacct', '/wrong'],
    ]);
    assert.deepEqual(resolve(files, '/lab', { enginePaths }).found, { ...everywhere('/lab'), memory: '/caller/lab' });
    assert.deepEqual(resolve(files, '/lab').found, everywhere('/lab'));
  });
  it('nowhere else, where all its paths are known', () => {
    const files = { ...procs('cpuacct', '/lab') };
    const { found } = resolve(files, '/lab', { enginePaths: new Map([['cpuacct', '/lab']]), hasAllPaths: true });
    assert.equal(found.cpuacct, '/lab');
    assert.equal(found.memory, '(no cgroup was made for it in memory)');
  });
  it('at the top of a cgroup namespace', () => {
    const files = { ...inAll('', '42\n'), ...member(everywhere('/')) };
    assert.deepEqual(resolve(files, '/').found, everywhere('/'));
  });
  it('nowhere is ERR_NOT_FOUND', () => {
    for (const path of ['/none', '/../x', '/a/../b', 'lab']) {
      assert.throws(() => resolve(inAll('/lab'), path), { code: 'ERR_NOT_FOUND', subject: path });
    }
  });
});
