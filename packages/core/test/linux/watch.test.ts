import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartWatch } from '../../dist/follower.js';
import { LinuxHost } from '../../dist/linux/host.js';
import type { FoundSystem, SystemWatch } from '../../dist/system-watch.js';
import type { Tree } from './tree.ts';
import { makeTree, mountLine } from './tree.ts';

const ids = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64)) as [string, string, string, string];
const [first, second, third, inner] = ids;
const letters = new Map(ids.map((id) => [id, id.slice(0, 1)]));
const v2 = '/sys/fs/cgroup/unified';
const v1 = '/sys/fs/cgroup/memory';

/** A host's watch, and what it says: "found a", ... */
class Watched {
  readonly tree: Tree;
  readonly said: string[] = [];
  /** When the last one was said. */
  saidAt = 0;
  readonly filled: string[] = [];
  readonly found = new Map<string, FoundSystem>();
  readonly #watch: SystemWatch;

  static async of(tree: Tree, all = false): Promise<Watched> {
    const host = new LinuxHost({ procRoot: `${tree.root}/proc`, fsRoot: tree.root });
    return new Watched(tree, await host.watch({ all }));
  }

  private constructor(tree: Tree, start: StartWatch) {
    this.tree = tree;
    const note = (what: string) => (found: FoundSystem) => {
      const { Id } = found.summary;
      this.found.set(Id, found);
      this.said.push(`${what} ${letters.get(Id) ?? Id}`);
      this.saidAt = performance.now();
    };
    this.#watch = start({
      found: note('found'),
      ended: note('ended'),
      passed: note('passed'),
      emptied: note('emptied'),
      // Said of all that begins to live; told where it is what a test is about.
      filled: ({ summary }) => this.filled.push(summary.Id),
    });
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  /** Waits for so many messages; says what has been said since the last time. */
  async hear(count: number): Promise<string[]> {
    const end = performance.now() + 10_000;
    while (this.said.length < count && performance.now() < end) await sleep(5);
    return this.said.splice(0);
  }

  close(): void {
    this.#watch.close();
    for (const { system } of this.found.values()) system.close();
  }
}

function cgroup(tree: Tree, path: string, pids = '7\n'): void {
  tree.write(`${path}/cgroup.procs`, pids);
  tree.write(`${path}/cgroup.events`, `populated ${pids === '' ? 0 : 1}\nfrozen 0\n`);
}

describe('a watch of cgroups', {
  skip: process.platform === 'linux' ? false : 'needs inotify',
  timeout: 60_000,
}, () => {
  let tree: Tree;
  let watched: Watched;

  beforeEach(async () => {
    tree = makeTree({
      '/proc/self/mountinfo': mountLine(v2) + mountLine(v1, 'memory'),
      [`${v2}/system.slice/`]: '',
      [`${v1}/`]: '',
    });
    watched = await Watched.of(tree);
  });
  afterEach(() => {
    watched.close();
    tree[Symbol.dispose]();
  });

  it('finds at the first look what has processes, and the rest when it has some', async () => {
    cgroup(tree, `${v2}/docker/${first}`);
    cgroup(tree, `${v2}/docker/${second}`, '');
    cgroup(tree, `${v2}/docker/${third}`, '');
    await watched.look();
    assert.deepEqual(await watched.hear(1), ['found a']);
    cgroup(tree, `${v2}/docker/${second}`);
    assert.deepEqual(await watched.hear(1), ['found b']);
    assert.deepEqual(watched.filled, [second]);
    tree.write(`${v2}/docker/${third}/cgroup.procs`, '8\n');
    await watched.look();
    assert.deepEqual(await watched.hear(1), ['found c']);
    tree.remove(`${v2}/docker/${third}`);
    assert.deepEqual(await watched.hear(1), ['ended c']);
  });

  it('is told of what comes and goes, wherever, without a look', async () => {
    await watched.look();
    cgroup(tree, `${v2}/some/new/parent/docker-${first}.scope`);
    assert.deepEqual(await watched.hear(1), ['found a']);
    assert.equal(watched.found.get(first)?.summary.CgroupPath, `/some/new/parent/docker-${first}.scope`);
    cgroup(tree, `${v2}/some/new/parent/docker-${first}.scope/deep/docker/${inner}`);
    assert.deepEqual(await watched.hear(1), ['found d']);
    tree.remove(`${v2}/some`);
    assert.deepEqual((await watched.hear(2)).sort(), ['ended a', 'ended d']);
  });

  it('brings together the hierarchies of one container: it ends with the last', async () => {
    await watched.look();
    for (const mount of [v1, v2]) cgroup(tree, `${mount}/docker/${first}`);
    assert.deepEqual(await watched.hear(1), ['found a']);
    tree.remove(`${v2}/docker/${first}`);
    await sleep(100);
    assert.deepEqual(await watched.hear(0), []);
    tree.remove(`${v1}/docker/${first}`);
    assert.deepEqual(await watched.hear(1), ['ended a']);
  });

  it('takes one that is made again for another, also while the old one is being removed', async () => {
    await watched.look();
    for (const mount of [v1, v2]) cgroup(tree, `${mount}/docker/${first}`);
    await watched.hear(1);
    const old = watched.found.get(first)?.system;
    tree.rename(`${v2}/docker/${first}`, '/away');
    cgroup(tree, `${v2}/docker/${first}`);
    assert.deepEqual(await watched.hear(1), ['found a']);
    assert.notEqual(watched.found.get(first)?.system, old);
    tree.rename(`${v1}/docker/${first}`, '/away-too');
    assert.deepEqual(await watched.hear(1), ['ended a']);
    await assert.rejects(async () => old?.query(['Statistics']), { code: 'ERR_NOT_FOUND' });
  });

  it('sees two incarnations although they are at the same place when it comes to look', async () => {
    await watched.look();
    cgroup(tree, `${v2}/docker/${first}`);
    await watched.hear(1);
    tree.rename(`${v2}/docker/${first}`, '/away');
    cgroup(tree, `${v2}/docker/${first}`);
    assert.deepEqual(await watched.hear(2), ['ended a', 'found a']);
  });

  it('tells of one that has gone before anybody could look at it', async () => {
    tree.write(`${v2}/docker/`);
    await watched.look();
    // In one turn: the kernel has two events, and there is nothing to see.
    tree.write(`${v2}/docker/${first}/`);
    tree.remove(`${v2}/docker/${first}`);
    assert.deepEqual(await watched.hear(1), ['passed a']);
    await sleep(50);
    assert.deepEqual(await watched.hear(0), []);
    cgroup(tree, `${v2}/docker/${first}`);
    assert.deepEqual(await watched.hear(1), ['found a']);
  });

  it('tells when the last process has ended', async () => {
    await watched.look();
    cgroup(tree, `${v2}/docker/${first}`);
    await watched.hear(1);
    tree.write(`${v2}/docker/${first}/cgroup.events`, 'populated 0\nfrozen 0\n');
    assert.deepEqual(await watched.hear(1), ['emptied a']);
  });

  it('finds what a runtime writes down only later, and what it makes anew', async () => {
    await watched.look();
    cgroup(tree, `${v2}/my/own`);
    tree.write('/run/runc/own/');
    await sleep(150);
    assert.deepEqual(await watched.hear(0), []);
    const state = { created: '2026-11-24T03:20:17Z', cgroup_paths: { '': `${v2}/my/own` } };
    tree.write('/run/runc/own/state.json', JSON.stringify(state));
    await watched.look();
    assert.deepEqual(await watched.hear(1), ['found own']);
    assert.equal(watched.found.get('own')?.summary.StartTime, '2026-11-24T03:20:17.0000000Z');
    tree.remove('/run/runc/own');
    tree.remove(`${v2}/my/own`);
    assert.deepEqual(await watched.hear(1), ['ended own']);
    const anew = { created: '2026-11-24T04:00:00Z', cgroup_paths: { '': `${v2}/my/own` } };
    tree.write('/run/runc/own/state.json', JSON.stringify(anew));
    cgroup(tree, `${v2}/my/own`);
    assert.deepEqual(await watched.hear(1), ['found own'], 'without a look');
    assert.equal(watched.found.get('own')?.summary.StartTime, '2026-11-24T04:00:00.0000000Z');
  });

  it('tells of what a runtime writes down later although nothing else happens in this program', async () => {
    await watched.look();
    cgroup(tree, `${v2}/my/own`);
    await sleep(30);
    const began = performance.now();
    const state = { created: '2026-11-24T03:20:17Z', cgroup_paths: { '': `${v2}/my/own` } };
    tree.write('/run/runc/own/state.json', JSON.stringify(state));
    await sleep(2500);
    assert.deepEqual(watched.said, ['found own']);
    assert.ok(watched.saidAt - began < 1500, `${watched.saidAt - began} ms`);
  });

  it('has units only where they are asked for, and none of a container', async () => {
    cgroup(tree, `${v2}/system.slice/ssh.service`);
    cgroup(tree, `${v2}/docker/${first}`);
    cgroup(tree, `${v2}/docker/${first}/init.scope`);
    await watched.look();
    assert.deepEqual(await watched.hear(1), ['found a']);
    const other = await Watched.of(tree, true);
    await other.look();
    assert.deepEqual((await other.hear(2)).sort(), ['found /system.slice/ssh.service', 'found a']);
    other.close();
  });

  it('says nothing when it is closed', async () => {
    await watched.look();
    watched.close();
    cgroup(tree, `${v2}/docker/${first}`);
    await watched.look();
    await sleep(100);
    assert.deepEqual(await watched.hear(0), []);
  });
});
