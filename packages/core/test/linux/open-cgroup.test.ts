import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '../../dist/job.js';
import type { CgroupReference } from '../../dist/linux/cgroup/cgroup.js';
import { openCgroupJobAccess } from '../../dist/linux/cgroup/cgroup.js';
import { ProcFs } from '../../dist/linux/process/proc.js';
import type { Tree } from './tree.ts';
import { cgroupLines, hierarchiesIn, makeTree, mountLine } from './tree.ts';

const v1Mounts = mountLine('/c/memory', 'memory') + mountLine('/c/cpuacct', 'cpuacct') + mountLine('/c/pids', 'pids');
const path = '/lab';
const lines = cgroupLines({ memory: path, cpuacct: path, pids: path, '': path });
const files = {
  'proc/self/mountinfo': v1Mounts,
  'proc/42/cgroup': lines,
  'c/memory/lab/cgroup.procs': '42\n',
  'c/memory/lab/memory.usage_in_bytes': '1\n',
  'c/memory/lab/memory.max_usage_in_bytes': '2\n',
  'c/cpuacct/lab/cgroup.procs': '42\n',
  'c/cpuacct/lab/cpuacct.usage': '100\n',
  'c/pids/lab/cgroup.procs': '42\n',
  'c/pids/lab/pids.current': '1\n',
  'c/pids/lab/pids.max': 'max\n',
};
const hybridFiles = {
  ...files,
  'proc/self/mountinfo': v1Mounts + mountLine('/c/unified'),
  'c/unified/lab/cgroup.procs': '42\n',
  'c/unified/lab/cgroup.events': 'populated 1\nfrozen 0\n',
  'c/unified/lab/cpu.stat': 'usage_usec 1\nuser_usec 1\nsystem_usec 0\n',
};

/** A proc at which something happens while a member is asked for its cgroups. */
class HookedProc extends ProcFs {
  onAsked: () => void = () => undefined;

  override cgroupsOf(pid: number): ReadonlyMap<string, string> {
    const answer = super.cgroupsOf(pid);
    this.onAsked();
    return answer;
  }
}

function referenceIn(tree: Tree, onAsked?: () => void): CgroupReference {
  const hierarchies = hierarchiesIn(tree.root);
  if (onAsked === undefined) return { hierarchies, path };
  const proc = new HookedProc(hierarchies.proc.root);
  proc.onAsked = onAsked;
  return { hierarchies: { ...hierarchies, proc }, path };
}

/** As an engine removes a container: its processes are gone first, then its directories, one after the other. */
function killAll(tree: Tree): void {
  for (const hierarchy of ['memory', 'cpuacct', 'pids']) tree.write(`c/${hierarchy}/lab/cgroup.procs`, '');
}

/** The job of a container, whose descriptors are closed before the tree goes: Windows removes no open file. */
function openedIn(tree: Tree): Disposable & { readonly job: Job } {
  const access = openCgroupJobAccess(referenceIn(tree));
  return { job: access.acquire(), [Symbol.dispose]: () => access.close() };
}

const gone = { code: 'ERR_NOT_FOUND', subject: path };

describe('a container that is being removed', () => {
  for (const removed of ['memory', 'cpuacct', 'pids']) {
    it(`is gone, and does not lack ${removed}`, () => {
      using tree = makeTree(files);
      killAll(tree);
      tree.remove(`c/${removed}/lab`);
      assert.throws(() => openCgroupJobAccess(referenceIn(tree)).acquire(), gone);
    });
    it(`is gone when ${removed} goes after a member was asked`, () => {
      using tree = makeTree(files);
      const reference = referenceIn(tree, () => {
        killAll(tree);
        tree.remove(`c/${removed}/lab`);
      });
      assert.throws(() => openCgroupJobAccess(reference).acquire(), gone);
    });
  }
  it('is gone when its primary directory goes meanwhile', () => {
    using tree = makeTree(files);
    const reference = referenceIn(tree, () => tree.remove('c/memory/lab'));
    assert.throws(() => openCgroupJobAccess(reference).acquire(), gone);
  });
  it('is gone where v2 says that it has no process', () => {
    using tree = makeTree(hybridFiles);
    tree.write('c/unified/lab/cgroup.events', 'populated 0\nfrozen 0\n');
    tree.write('c/unified/lab/cgroup.procs', '');
    tree.remove('c/memory/lab');
    assert.throws(() => openCgroupJobAccess(referenceIn(tree)).acquire(), gone);
  });
  it('is gone when a directory goes after it was opened', () => {
    using tree = makeTree(files);
    const access = openCgroupJobAccess(referenceIn(tree));
    const job = access.acquire();
    assert.deepEqual(job.memory().values, { MemoryUsageCommitBytes: 1, MemoryUsageCommitPeakBytes: 2 });
    killAll(tree);
    tree.remove('c/cpuacct/lab');
    assert.throws(() => job.processor(), { ...gone, message: /removed/ });
    assert.throws(() => access.acquire(), gone);
    access.close();
  });
  it('is gone when a directory is another one by then', () => {
    using tree = makeTree(files);
    const access = openCgroupJobAccess(referenceIn(tree));
    const job = access.acquire();
    job.memory();
    // The old one is kept under another name, so that the new one has another inode.
    tree.rename('c/cpuacct/lab', 'c/cpuacct/old');
    for (const name of ['usage', 'usage_user', 'usage_sys']) tree.write(`c/cpuacct/lab/cpuacct.${name}`, '900\n');
    assert.throws(() => job.processor(), gone);
    access.close();
  });
});

describe('a container that lacks something', () => {
  it('is read without a controller that has no directory for it, as long as it has processes', () => {
    using tree = makeTree(files);
    tree.remove('c/memory/lab');
    using opened = openedIn(tree);
    const { job } = opened;
    assert.equal(job.memory().values, undefined);
    assert.match(job.memory().absent?.['Memory.MemoryUsageCommitBytes']?.message ?? '', /no directory .*memory\/lab/);
    assert.deepEqual(job.processor().values, { TotalRuntime100ns: 1 });
  });
  it('the same where v2 knows of its processes', () => {
    using tree = makeTree(hybridFiles);
    tree.remove('c/memory/lab');
    using opened = openedIn(tree);
    const { job } = opened;
    assert.equal(job.kind, 'cgroup v1 + v2');
    assert.equal(job.memory().values, undefined);
    assert.deepEqual(job.linux?.().values, { PidsCurrent: 1, PidsLimit: null });
  });
  it('is read whole when the directory appears while a member is asked', () => {
    using tree = makeTree(files);
    tree.rename('c/memory/lab', 'c/memory/soon');
    const reference = referenceIn(tree, () => tree.rename('c/memory/soon', 'c/memory/lab'));
    const access = openCgroupJobAccess(reference);
    assert.deepEqual(access.acquire().memory().values, { MemoryUsageCommitBytes: 1, MemoryUsageCommitPeakBytes: 2 });
    access.close();
  });
  it('is read without a file that this kernel does not have', () => {
    using tree = makeTree(files);
    tree.remove('c/memory/lab/memory.max_usage_in_bytes');
    using opened = openedIn(tree);
    const { values, absent } = opened.job.memory();
    assert.deepEqual(values, { MemoryUsageCommitBytes: 1 });
    assert.deepEqual(Object.keys(absent ?? {}), ['Memory.MemoryUsageCommitPeakBytes']);
  });
  it('without any process is read where it has all its directories', () => {
    using tree = makeTree(files);
    killAll(tree);
    using opened = openedIn(tree);
    const { job } = opened;
    assert.deepEqual(job.processList().values, []);
    assert.deepEqual(job.processor().values, { TotalRuntime100ns: 1 });
  });
  it('without any process is read where it is known that there are no more', () => {
    using tree = makeTree(files);
    killAll(tree);
    tree.remove('c/memory/lab');
    const enginePaths = new Map([
      ['cpuacct', path],
      ['pids', path],
    ]);
    const access = openCgroupJobAccess({ ...referenceIn(tree), enginePaths, hasAllPaths: true });
    assert.match(
      access.acquire().memory().absent?.['Memory.MemoryUsageCommitBytes']?.message ?? '',
      /no cgroup was made/,
    );
  });
});

describe('a container whose cgroups its runtime wrote down', () => {
  const enginePaths = new Map([['memory', '/somewhere/lab']]);
  const moved = {
    ...files,
    'proc/42/cgroup': cgroupLines({ memory: '/somewhere/lab', cpuacct: path, pids: path }),
    'c/memory/somewhere/lab/memory.usage_in_bytes': '5\n',
    'c/memory/somewhere/lab/memory.max_usage_in_bytes': '6\n',
  };
  const written = (tree: Tree, onAsked: () => void): CgroupReference => ({
    ...referenceIn(tree, onAsked),
    enginePaths,
    isWrittenDown: true,
  });
  const fail = () => assert.fail('a process was asked');

  it('is read there, and no process is asked', () => {
    using tree = makeTree(moved);
    const access = openCgroupJobAccess(written(tree, fail));
    assert.deepEqual(access.acquire().memory().values, { MemoryUsageCommitBytes: 5, MemoryUsageCommitPeakBytes: 6 });
    access.close();
  });
  it('is where its processes are, where not all is there that was written down', () => {
    using tree = makeTree(moved);
    tree.rename('c/memory/somewhere', 'c/memory/elsewhere');
    tree.write('proc/42/cgroup', cgroupLines({ memory: '/elsewhere/lab', cpuacct: path, pids: path }));
    let asked = 0;
    const access = openCgroupJobAccess(written(tree, () => asked++));
    assert.deepEqual(access.acquire().memory().values, { MemoryUsageCommitBytes: 5, MemoryUsageCommitPeakBytes: 6 });
    assert.ok(asked > 0);
    access.close();
  });
  it('is gone when it is being removed', () => {
    using tree = makeTree(moved);
    killAll(tree);
    tree.remove('c/pids/lab');
    assert.throws(() => openCgroupJobAccess(written(tree, fail)).acquire(), gone);
  });
  it('is not what else lies at a mount that shows another part of the hierarchy', () => {
    using tree = makeTree({ 'proc/self/mountinfo': mountLine('/c', '', '/docker'), 'c/cgroup.procs': '42\n' });
    assert.throws(() => openCgroupJobAccess({ ...referenceIn(tree), isWrittenDown: true }).acquire(), gone);
  });
});

describe('a malformed file', () => {
  it('fails its question alone, and names itself', () => {
    using tree = makeTree(files);
    tree.write('c/memory/lab/memory.usage_in_bytes', 'x\n');
    using opened = openedIn(tree);
    const { job } = opened;
    const subject = `${tree.root}/c/memory/lab/memory.usage_in_bytes`;
    assert.throws(() => job.memory(), { code: 'ERR_PARSE', subject });
    assert.deepEqual(job.processor().values, { TotalRuntime100ns: 1 });
  });
});
