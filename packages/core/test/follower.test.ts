import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ComputeSystemSummary, type FollowedRound, Follower } from '../dist/index.js';
import type { FoundSystem, WatchListener } from '../dist/system-watch.js';
import { ListingWatch } from '../dist/system-watch.js';
import { ScriptedClock, settle } from './scripted/clock.ts';
import type { ScriptedAccess } from './scripted/job.ts';
import { failure, identity, stage } from './scripted/system.ts';

interface Member extends FoundSystem {
  access: ScriptedAccess;
}

function member(Id: string): Member {
  const { system, access } = stage({ identity: { ...identity, Id } });
  return { system, access, summary: { ...identity, Id, Names: [], State: 'Running' } };
}

/** A follower whose watch is the test. `atLook` is done when it looks. */
function following(): {
  follower: Follower;
  tell: WatchListener;
  clock: ScriptedClock;
  onLook: (act: () => void) => void;
  said: string[];
} {
  const clock = new ScriptedClock();
  let tell: WatchListener | undefined;
  let act = (): void => undefined;
  const look = async (): Promise<void> => act();
  const follower = new Follower({ clock }, (listener) => {
    tell = listener;
    return { look, close: () => said.push('watch closed') };
  });
  const said: string[] = [];
  follower.on('found', ({ Id }) => said.push(`found ${Id}`));
  follower.on('ended', ({ summary, properties }) =>
    said.push(`ended ${summary.Id} at ${properties?.Statistics?.Processor?.TotalRuntime100ns}`),
  );
  assert.ok(tell !== undefined);
  return {
    follower,
    tell,
    clock,
    said,
    onLook: (next): void => {
      act = () => {
        act = (): void => undefined;
        next();
      };
    },
  };
}

/** Until it has been read between rounds. */
async function readOf({ access }: Member): Promise<void> {
  const { acquired } = access;
  const end = performance.now() + 10_000;
  while (access.acquired === acquired && performance.now() < end) await sleep(5);
  assert.equal(access.acquired, acquired + 1);
  await settle();
}

function use(access: ScriptedAccess, TotalRuntime100ns: number, MemoryUsageCommitBytes = 4096): void {
  access.job.processorReading = { values: { TotalRuntime100ns }, sources: {} };
  access.job.memoryReading = { values: { MemoryUsageCommitBytes }, sources: {} };
}

function states({ samples }: FollowedRound): string[] {
  return samples.map(({ summary, state }) => `${summary.Id} ${state}`);
}

describe('Follower', () => {
  it('reads what the first look finds, once, and says what is new', async () => {
    const { follower, tell, onLook, said } = following();
    const web = member('web');
    onLook(() => tell.found(web));
    const round = await follower.sample();
    assert.deepEqual([states(round), round.found, said], [['web read'], [web.summary], ['found web']]);
    assert.equal(web.access.job.asked.filter((question) => question === 'memory').length, 1);
    assert.deepEqual((await follower.sample()).found, []);
  });

  it('reads at once what is found between rounds, so that it has last values if it is gone by the next', async () => {
    const { follower, tell, said } = following();
    await follower.sample();
    const job = member('job');
    use(job.access, 7);
    tell.found(job);
    await readOf(job);
    tell.ended(job);
    assert.deepEqual(said, ['found job', 'ended job at 7']);
    const round = await follower.sample();
    assert.deepEqual([states(round), round.found], [['job ended'], [job.summary]]);
    assert.equal(round.samples[0]?.properties?.Statistics?.Processor?.TotalRuntime100ns, 7);
    assert.deepEqual([(await follower.sample()).samples, follower.systems, job.access.closed], [[], [], 1]);
  });

  it('says so when it was gone before it could be read', async () => {
    const { follower, tell } = following();
    const job = member('job');
    tell.passed(job);
    const [sample] = (await follower.sample()).samples;
    assert.deepEqual([sample?.state, sample?.properties], ['ended', undefined]);
    assert.match(String(sample?.error), /before its first reading/);
  });

  it('has totals of after the last process, beside the values of before', async () => {
    const { follower, tell } = following();
    const job = member('job');
    use(job.access, 7, 9000);
    tell.found(job);
    await readOf(job);
    use(job.access, 8, 0);
    tell.emptied(job);
    await settle();
    await follower.sample();
    tell.ended(job);
    const [sample] = (await follower.sample()).samples;
    const { properties, totals } = sample ?? {};
    assert.deepEqual(
      [properties, totals].map((document) => [
        document?.Statistics?.Processor?.TotalRuntime100ns,
        document?.Statistics?.Memory?.MemoryUsageCommitBytes,
      ]),
      [
        [7, 9000],
        [8, 0],
      ],
    );
  });

  it('has no totals of what was filled again', async () => {
    const { follower, tell } = following();
    const job = member('job');
    tell.found(job);
    await readOf(job);
    tell.emptied(job);
    tell.filled(job);
    await settle();
    tell.ended(job);
    const [sample] = (await follower.sample()).samples;
    assert.deepEqual([sample?.state, sample?.totals], ['ended', undefined]);
  });

  it('tells an end once, whoever saw it first, and closes the system', async () => {
    const { follower, tell, said } = following();
    const web = member('web');
    tell.found(web);
    await follower.sample();
    web.access.failure = failure('ERR_NOT_FOUND');
    assert.deepEqual(states(await follower.sample()), ['web ended']);
    tell.ended(web);
    assert.deepEqual((await follower.sample()).samples, []);
    assert.deepEqual([said, web.access.closed], [['found web', 'ended web at 30'], 1]);
  });

  it('gives rates from the first reading on, unless that was but a moment ago', async () => {
    const { follower, tell, clock } = following();
    const [early, late] = [member('early'), member('late')];
    use(early.access, 0);
    tell.found(early);
    await readOf(early);
    clock.advance(500);
    use(late.access, 0);
    tell.found(late);
    await readOf(late);
    clock.advance(3);
    for (const { access } of [early, late]) use(access, 10_000_000);
    const { samples } = await follower.sample();
    assert.deepEqual(
      samples.map(({ rates }) => rates?.processors),
      [1 / 0.503, undefined],
    );
    clock.advance(1000);
    for (const { access } of [early, late]) use(access, 20_000_000);
    assert.deepEqual(
      (await follower.sample()).samples.map(({ rates }) => rates?.processors),
      [1, 1],
    );
  });

  it('lets go of everything when it is closed', async () => {
    const { follower, tell, said } = following();
    const web = member('web');
    tell.found(web);
    const rounds = follower.rounds();
    assert.equal((await rounds.next()).done, false);
    follower.close();
    follower.close();
    assert.equal((await rounds.next()).done, true);
    await assert.rejects(follower.sample(), { code: 'ERR_CLOSED' });
    assert.deepEqual([web.access.closed, said.at(-1)], [1, 'watch closed']);
  });
});

describe('ListingWatch', () => {
  it('tells what came and went between two lists, and tries again what could not be opened', async () => {
    let there = ['a', 'b'];
    let isShut = true;
    const said: string[] = [];
    const summary = (Id: string): ComputeSystemSummary => ({ ...member(Id).summary, JobName: `\\${Id}` });
    const host = {
      list: async () => there.map(summary),
      open: async (reference: string) => {
        if (reference === '\\b' && isShut) throw failure('ERR_ACCESS_DENIED');
        return member(reference).system;
      },
    };
    const note =
      (what: string) =>
      ({ summary: { Id } }: FoundSystem) =>
        said.push(`${what} ${Id}`);
    const listener = {
      found: note('found'),
      ended: note('ended'),
      emptied: note('emptied'),
      filled: note('filled'),
      passed: note('passed'),
    };
    const watch = new ListingWatch(host, listener);
    await watch.look();
    isShut = false;
    await watch.look();
    there = ['b', 'c'];
    await watch.look();
    assert.deepEqual(said, ['found a', 'found b', 'ended a', 'found c']);
  });
});
