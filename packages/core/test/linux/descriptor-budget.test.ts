import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgroupDirectory } from '../../dist/linux/cgroup/cgroup-directory.js';
import { DescriptorBudget, descriptorBudget } from '../../dist/linux/descriptor-budget.js';
import { KernelFile, scratchBytes } from '../../dist/linux/read.js';
import { hierarchiesIn, makeTree, mountLine } from './tree.ts';

/** Keeps some descriptors of a budget. */
class Holder {
  kept = 0;
  readonly #budget: DescriptorBudget;

  constructor(budget: DescriptorBudget) {
    this.#budget = budget;
  }

  read(descriptors: number): void {
    this.#budget.use(this);
    while (this.kept < descriptors) {
      this.#budget.makeRoom();
      this.#budget.opened();
      this.kept++;
    }
  }

  letGo(): void {
    for (; this.kept > 0; this.kept--) this.#budget.closed();
  }
}

describe('the descriptor budget', () => {
  it('is half of the limit, and lets go of what was used least recently', () => {
    const budget = new DescriptorBudget(() => 12);
    const [a, b, c] = [new Holder(budget), new Holder(budget), new Holder(budget)];
    a.read(2);
    b.read(2);
    a.read(2);
    c.read(2);
    assert.deepEqual([a.kept, b.kept, c.kept], [2, 2, 2]);
    const d = new Holder(budget);
    d.read(2);
    assert.deepEqual([a.kept, b.kept, c.kept, d.kept, budget.open], [2, 0, 2, 2, 6]);
    b.read(2);
    assert.deepEqual([a.kept, b.kept, c.kept, d.kept, budget.open], [0, 2, 2, 2, 6]);
  });

  it('never takes from the one that is being read, whatever it needs', () => {
    const budget = new DescriptorBudget(() => 4);
    const [a, b] = [new Holder(budget), new Holder(budget)];
    a.read(2);
    b.read(9);
    assert.deepEqual([a.kept, b.kept], [0, 9]);
    assert.equal(budget.letGoMost(), false);
    a.read(1);
    assert.deepEqual([a.kept, b.kept], [1, 0]);
  });

  it('lets go of all others when there are no more to be had', () => {
    const budget = new DescriptorBudget(() => 100);
    const [a, b] = [new Holder(budget), new Holder(budget)];
    a.read(5);
    b.read(5);
    assert.equal(budget.letGoMost(), true);
    assert.deepEqual([a.kept, b.kept], [0, 5]);
  });

  it('forgets who is closed', () => {
    const budget = new DescriptorBudget(() => 4);
    const [a, b] = [new Holder(budget), new Holder(budget)];
    a.read(2);
    budget.forget(a);
    b.read(3);
    assert.equal(a.kept, 2);
  });
});

describe('a figure file that was let go', () => {
  const files = {
    '/proc/self/mountinfo': mountLine('/sys/fs/cgroup'),
    '/sys/fs/cgroup/lab/pids.current': '1\n',
  };
  const open = (root: string): { directory: CgroupDirectory; file: KernelFile } => {
    const hierarchy = hierarchiesIn(root).v2;
    assert.ok(hierarchy !== undefined);
    const directory = new CgroupDirectory(hierarchy, '/lab', `${root}/sys/fs/cgroup/lab`);
    const [file] = directory.openFiles([{ file: 'pids.current', whyMissing: 'none' }]);
    assert.ok(file instanceof KernelFile);
    return { directory, file };
  };
  const textOf = (file: KernelFile) => Buffer.from(scratchBytes().subarray(0, file.read())).toString('latin1');

  it('is opened again when it is read, and counted', () => {
    using tree = makeTree(files);
    const before = descriptorBudget.open;
    const { directory, file } = open(tree.root);
    assert.equal(descriptorBudget.open, before + 1);
    directory.letGo();
    assert.equal(descriptorBudget.open, before);
    tree.write('/sys/fs/cgroup/lab/pids.current', '22\n');
    assert.deepEqual([textOf(file), textOf(file), descriptorBudget.open], ['22\n', '22\n', before + 1]);
    directory.letGo();
    directory.close();
    directory.letGo();
    assert.equal(descriptorBudget.open, before);
    assert.throws(() => file.read());
  });

  it('of a cgroup that has gone is not found, also if there is a new one of its name', () => {
    using tree = makeTree(files);
    const before = descriptorBudget.open;
    const { directory, file } = open(tree.root);
    directory.letGo();
    tree.rename('/sys/fs/cgroup/lab', '/away');
    assert.throws(() => file.read(), { code: 'ERR_NOT_FOUND' });
    tree.write('/sys/fs/cgroup/lab/pids.current', '3\n');
    assert.throws(() => file.read(), { code: 'ERR_NOT_FOUND' });
    directory.close();
    assert.equal(descriptorBudget.open, before);
  });
});
