import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { FollowedRound, FollowedSample, Follower, Sample } from 'silostat';
import { followComputeSystems, openComputeSystem, Sampler } from 'silostat';
import { cgroupMounts } from '../../support/cgroup-files.ts';
import { run } from '../../support/command.ts';
import { Crowd } from '../../support/crowd.ts';
import { until } from '../../support/deadline.ts';
import { libraryScript } from '../../support/node-script.ts';
import { skipReason } from '../../support/requirements.ts';
import { Undo } from '../../support/undo.ts';

const skip = skipReason({ tools: ['gcc'] });
/** Only version 2 tells of the end of the last process. */
const hasVersion2 = cgroupMounts().has('');

function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What a follower says of one crowd, and whatever failed. */
class Witness {
  readonly found = new Map<string, number>();
  readonly ended = new Map<string, FollowedSample>();
  readonly failures: string[] = [];
  readonly follower: Follower;
  readonly #path: string;
  #rounds: Promise<void> | undefined;

  constructor(follower: Follower, { path }: Crowd, undo: Undo) {
    this.follower = follower;
    undo.add(() => follower.close());
    this.#path = `${path}/`;
    follower.on('found', ({ Id, CgroupPath }) => {
      if (this.#isOf(CgroupPath)) this.found.set(Id, (this.found.get(Id) ?? 0) + 1);
    });
    follower.on('ended', (sample) => {
      const { Id, CgroupPath } = sample.summary;
      if (this.#isOf(CgroupPath)) this.ended.set(Id, sample);
    });
  }

  /** Takes rounds until it is closed; hands those on that are told to. */
  watch(): void {
    this.#rounds = (async () => {
      for await (const round of this.follower.rounds()) this.#judge(round);
    })();
  }

  async close(): Promise<void> {
    this.follower.close();
    await this.#rounds;
  }

  get followed(): number {
    return this.follower.systems.filter(({ summary }) => this.#isOf(summary.CgroupPath)).length;
  }

  #judge({ samples }: FollowedRound): void {
    for (const { summary, state, error, rates } of samples) {
      if (!this.#isOf(summary.CgroupPath)) continue;
      if (state === 'failed' || state === 'late') this.failures.push(`${summary.Id} ${state}: ${error}`);
      if (Object.values(rates ?? {}).some((rate) => rate < 0)) this.failures.push(`${summary.Id}: a negative rate`);
    }
  }

  #isOf(path: string | undefined): boolean {
    return path?.startsWith(this.#path) === true;
  }
}

describe('1,000 containers that live for 100 ms', { skip, timeout: 180_000 }, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  test('within 30 s: each is found once, and ends with its last values, or with why there are none', async (context) => {
    // What Node opens once and for good, for the first child and the first watch.
    await churn(5);
    const before = descriptorCount();
    const { witness, seconds } = await churn(1000);
    assert.ok(seconds < 30, `it took ${seconds} s`);
    assert.deepEqual(witness.failures, []);
    assert.deepEqual([witness.found.size, [...new Set(witness.found.values())]], [1000, [1]]);
    const samples = [...witness.ended.values()];
    const unread = samples.filter(({ properties }) => properties === undefined);
    for (const { error } of unread) assert.match(String(error), /before its first reading/);
    const totals = samples.filter((sample) => sample.totals !== undefined);
    context.diagnostic(`${seconds.toFixed(1)} s, ${unread.length} never read, ${totals.length} with totals`);
    assert.equal(witness.followed, 0);
    await until('no descriptor is left', () => descriptorCount() === before);
  });

  /** So many containers come and go while rounds are taken. */
  async function churn(count: number): Promise<{ witness: Witness; seconds: number }> {
    const crowd = new Crowd(undo, { count, together: 12, milliseconds: 100 });
    const witness = new Witness(await followComputeSystems({ intervalMs: 1000 }), crowd, undo);
    witness.watch();
    const began = performance.now();
    await crowd.start();
    await crowd.end();
    const seconds = (performance.now() - began) / 1000;
    await until('all have ended', () => witness.ended.size === count);
    await witness.close();
    return { witness, seconds };
  }

  test('between two rounds: their last values are of their life, their totals of after it', async () => {
    const crowd = new Crowd(undo, { count: 5, together: 5, milliseconds: 2000, lingerMs: 400 });
    const witness = new Witness(await followComputeSystems({ intervalMs: 600_000 }), crowd, undo);
    await witness.follower.sample();
    await crowd.start();
    await crowd.end();
    await until('all have ended', () => witness.ended.size === 5);
    const { samples, found } = await witness.follower.sample();
    await witness.close();
    const ids = [0, 1, 2, 3, 4].map((number) => crowd.id(number));
    assert.deepEqual(
      found.map(({ Id }) => Id).filter((id) => ids.includes(id)),
      ids,
    );
    for (const id of ids) {
      const [sample, ...more] = samples.filter(({ summary }) => summary.Id === id);
      assert.deepEqual([sample?.state, more.length], ['ended', 0]);
      const { properties, totals } = sample ?? {};
      assert.ok((properties?.Statistics?.Memory?.MemoryUsageCommitBytes ?? 0) > 0, 'in use while it lived');
      if (!hasVersion2) continue;
      // Each process worked for 40 ms, of which the last reading while it lived saw a part at most.
      assert.ok((totals?.Statistics?.Processor?.TotalRuntime100ns ?? 0) >= 300_000, JSON.stringify(totals));
      assert.ok((totals?.Statistics?.Memory?.MemoryUsageCommitPeakBytes ?? 0) > 0);
    }
  });

  test('the kernel drops events: nobody is missed, and nobody stays who has gone', async (context) => {
    const crowd = new Crowd(undo, { count: 1, together: 1, milliseconds: 0 });
    const [folder] = crowd.folders;
    const id = 'f'.repeat(64);
    const witness = new Witness(await followComputeSystems({ intervalMs: 600_000 }), crowd, undo);
    await witness.follower.sample();
    for (const change of [mkdirSync, rmdirSync]) {
      const began = performance.now();
      // In one turn: until its end this process hears of nothing, and of the last change it never will.
      overflow(`${folder}/x`);
      change(`${folder}/${id}`);
      context.diagnostic(`overflown in ${(performance.now() - began).toFixed(0)} ms`);
      const told = change === mkdirSync ? witness.found : witness.ended;
      await until(`${change.name} is noticed`, () => told.has(id));
    }
    await witness.close();
  });
});

/** Fills the queue of events, and goes on. */
function overflow(folder: string): void {
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  for (let events = 0; events < most + 100; events += 2) {
    mkdirSync(folder);
    rmdirSync(folder);
  }
}

describe('a container that is made again under the same name between two readings', { skip, timeout: 60_000 }, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  const cpuOf = ({ properties }: Sample): number | undefined => properties?.Statistics?.Processor?.TotalRuntime100ns;

  /** The old one ended with its last values, the new one begins without a rate. */
  function assertTwo(before: Sample | undefined, after: readonly Sample[]): void {
    assert.ok(before !== undefined && cpuOf(before) !== undefined);
    const [old, now, ...more] = after;
    assert.deepEqual([old?.state, now?.state, more.length], ['ended', 'read', 0]);
    assert.ok(old !== undefined && now !== undefined);
    assert.equal(cpuOf(old), cpuOf(before));
    assert.deepEqual([old.identity, old.rates], [before.identity, undefined]);
    assert.notEqual(now.identity?.object, old.identity?.object);
    assert.equal(now.rates, undefined);
  }

  test('is two, to a sampler of one opened system', async () => {
    const crowd = new Crowd(undo, { count: 1, together: 1, milliseconds: 0 });
    await crowd.start();
    using system = await openComputeSystem(`${crowd.path}/${crowd.id(0)}`);
    using sampler = new Sampler();
    sampler.add(system);
    const [before] = (await sampler.sample()).samples;
    await crowd.end();
    await crowd.start();
    assertTwo(before, (await sampler.sample()).samples);
    await crowd.end();
  });

  test('is two, to a follower: each with a system of its own', async () => {
    const crowd = new Crowd(undo, { count: 1, together: 1, milliseconds: 0 });
    await crowd.start();
    const { follower, found } = new Witness(await followComputeSystems(), crowd, undo);
    const ours = async (): Promise<FollowedSample[]> =>
      (await follower.sample()).samples.filter(({ summary }) => summary.Id === crowd.id(0));
    const [before] = await ours();
    await crowd.end();
    await crowd.start();
    await until('it is found again', () => found.get(crowd.id(0)) === 2);
    const after = await ours();
    assertTwo(before, after);
    assert.notEqual(after[0]?.system, after[1]?.system);
    follower.close();
    await crowd.end();
  });
});

describe('500 containers, and 256 descriptors', { skip, timeout: 180_000 }, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  test('are sampled without an error, and each has its own figures', async (context) => {
    const crowd = new Crowd(undo, { count: 500, together: 500, milliseconds: 0 });
    await crowd.start();
    const script = libraryScript(`
      const fs = await import('node:fs');
      const follower = await silostat.followComputeSystems({ types: ['Statistics', 'ProcessList', 'Linux'] });
      const seen = [];
      for (let round = 0; round < 3; round++) {
        const { samples } = await follower.sample();
        const ours = samples.filter(({ summary }) => summary.CgroupPath.startsWith('${crowd.path}/'));
        const descriptors = fs.readdirSync('/proc/self/fd').length;
        const figures = ours.map(({ summary, state, error, properties, rates }) => [
          summary.Id, state, String(error), properties?.ProcessList?.map(({ ProcessId }) => ProcessId) ?? [],
          properties?.Statistics?.Memory?.MemoryUsageCommitBytes ?? -1, rates?.processors ?? -1]);
        seen.push({ descriptors, figures });
      }
      follower.close();
      console.log(JSON.stringify({ seen, left: fs.readdirSync('/proc/self/fd').length }));`);
    const args = ['-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, ...script];
    const { code, stdout, stderr } = await run('sh', args, { deadlineMs: 120_000 });
    assert.deepEqual([code, stderr], [0, '']);
    const { seen, left }: Sampled = JSON.parse(stdout);
    const folder = crowd.folders[0] ?? '';
    assert.equal(seen.length, 3);
    for (const [round, { descriptors, figures }] of seen.entries()) {
      context.diagnostic(`${descriptors} descriptors`);
      assert.ok(descriptors < 180 && descriptors > 100, `${descriptors} descriptors`);
      assert.equal(figures.length, 500);
      for (const [id, state, error, pids, memory, processors] of figures) {
        assert.deepEqual([state, error], ['read', 'undefined'], id);
        assert.deepEqual(pids.map(String), [readFileSync(`${folder}/${id}/cgroup.procs`, 'utf8').trim()], id);
        assert.ok(memory > 0, id);
        assert.equal(processors, round === 0 ? -1 : 0, `${id} rests`);
      }
    }
    assert.ok(left < 60, `${left} descriptors are left`);
    await crowd.end();
  });
});

interface Sampled {
  seen: { descriptors: number; figures: [string, string, string, number[], number, number][] }[];
  left: number;
}
