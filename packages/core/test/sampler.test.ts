import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { type ComputeSystem, isSilostatError, type Sample, Sampler, type SamplerOptions } from '../dist/index.js';
import { ScriptedClock, settle } from './scripted/clock.ts';
import type { ScriptedAccess } from './scripted/job.ts';
import { ScriptedService } from './scripted/service.ts';
import { failure, identity, stage } from './scripted/system.ts';

/** A sampler and its clock; intervals of a second. */
function sampling(options: SamplerOptions = {}): { sampler: Sampler; clock: ScriptedClock } {
  const clock = new ScriptedClock();
  return { sampler: new Sampler({ clock, ...options }), clock };
}

function useProcessor(access: ScriptedAccess, TotalRuntime100ns: number): void {
  access.job.processorReading = { values: { TotalRuntime100ns }, sources: {} };
}

function states(samples: readonly Sample[]): string[] {
  return samples.map(({ system, state }) => `${system.id} ${state}`);
}

function codeOf(sample: Sample | undefined): string | undefined {
  return isSilostatError(sample?.error) ? sample.error.code : undefined;
}

/** A round of which a service holds up a part: it ends when patience does. */
async function impatientRound(sampler: Sampler, clock: ScriptedClock): Promise<readonly Sample[]> {
  const round = sampler.sample();
  await settle();
  clock.advance(250);
  return (await round).samples;
}

function slow(id: string): { system: ComputeSystem; service: ScriptedService; answerNow: () => void } {
  const service = new ScriptedService({ Statistics: { Processor: { TotalRuntime100ns: 0 } } });
  let answerNow = (): void => undefined;
  service.gate = new Promise((resolve) => {
    answerNow = resolve;
  });
  const { system, access } = stage({ service, identity: { ...identity, Id: id } });
  access.failure = failure('ERR_ACCESS_DENIED');
  return { system, service, answerNow };
}

describe('Sampler: readings and rates', () => {
  it('gives properties with the first round, and rates from the second on', async () => {
    const { sampler, clock } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    useProcessor(access, 0);
    const [first] = (await sampler.sample()).samples;
    assert.equal(first?.state, 'read');
    assert.equal(first?.system, system);
    assert.equal(first?.properties?.Statistics?.Processor?.TotalRuntime100ns, 0);
    assert.equal(first?.rates, undefined);
    clock.advance(1000);
    useProcessor(access, 5_000_000);
    const [second] = (await sampler.sample()).samples;
    assert.equal(second?.rates?.processors, 0.5);
    assert.equal(second?.report?.types.Statistics?.answeredBy, 'kernel');
    assert.deepEqual(second?.identity, { object: '77', birth: '1' });
  });

  it('divides by the time that was really between the readings, whatever the wall clock says', async () => {
    const { sampler, clock } = sampling({ intervalMs: 1000 });
    const { system, access } = stage();
    sampler.add(system);
    useProcessor(access, 0);
    await sampler.sample();
    clock.advance(4000);
    clock.wallMs -= 3_600_000;
    useProcessor(access, 10_000_000);
    assert.equal((await sampler.sample()).samples[0]?.rates?.processors, 0.25);
  });

  it('takes the middle of the call as the moment where the service answered', async () => {
    const { sampler, clock } = sampling({ patienceMs: 60_000 });
    const { system, service, answerNow } = slow('far');
    sampler.add(system);
    const first = sampler.sample();
    await settle();
    clock.advance(200);
    answerNow();
    await first;
    clock.advance(900);
    service.answer = { document: { Id: 'far', Statistics: { Processor: { TotalRuntime100ns: 10_000_000 } } } };
    assert.equal((await sampler.sample()).samples[0]?.rates?.processors, 1);
  });

  it('asks for the types it was told, with Statistics as the default', async () => {
    const { system } = stage();
    const { sampler } = sampling({ types: ['ProcessList', 'Limits'] });
    sampler.add(system);
    assert.deepEqual(Object.keys((await sampler.sample()).samples[0]?.properties ?? {}).slice(4), [
      'ProcessList',
      'Limits',
    ]);
    const { sampler: other } = sampling();
    other.add(system);
    assert.deepEqual(Object.keys((await other.sample()).samples[0]?.properties ?? {}).slice(4), ['Statistics']);
  });

  it('keeps the order in which systems were added, adds none twice, and forgets removed ones', async () => {
    const { sampler } = sampling();
    const [a, b] = ['b', 'a'].map((Id) => stage({ identity: { ...identity, Id } }).system) as [
      ComputeSystem,
      ComputeSystem,
    ];
    for (const system of [a, b, a]) sampler.add(system);
    assert.deepEqual(states((await sampler.sample()).samples), ['b read', 'a read']);
    assert.deepEqual(sampler.systems, [a, b]);
    sampler.remove(a);
    assert.deepEqual(states((await sampler.sample()).samples), ['a read']);
  });

  it('has no word on systems that were added or removed while the round was under way', async () => {
    const { sampler, clock } = sampling();
    const { system } = slow('slow');
    const removed = stage().system;
    sampler.add(system);
    sampler.add(removed);
    const round = impatientRound(sampler, clock);
    sampler.add(stage({ identity: { ...identity, Id: 'new' } }).system);
    sampler.remove(removed);
    assert.deepEqual(states(await round), ['slow late']);
  });
});

describe('Sampler: rule 11, identity', () => {
  async function afterChange(change: (access: ScriptedAccess) => void): Promise<readonly Sample[]> {
    const { sampler, clock } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    useProcessor(access, 100);
    await sampler.sample();
    clock.advance(1000);
    useProcessor(access, 200);
    await sampler.sample();
    clock.advance(1000);
    useProcessor(access, 300);
    change(access);
    return (await sampler.sample()).samples;
  }

  for (const [mark, marks] of [
    ['object', { object: '78', birth: '1' }],
    ['birth', { object: '77', birth: '2' }],
  ] as const) {
    it(`rule 11: another ${mark} is another container: no rate, and the old one's last values are handed out`, async () => {
      const [old, now, ...more] = await afterChange((access) => {
        access.job.marks = marks;
      });
      assert.deepEqual([old?.state, now?.state, more.length], ['ended', 'read', 0]);
      assert.equal(old?.properties?.Statistics?.Processor?.TotalRuntime100ns, 200);
      assert.deepEqual(old?.identity, { object: '77', birth: '1' });
      assert.equal(old?.rates, undefined);
      assert.equal(now?.properties?.Statistics?.Processor?.TotalRuntime100ns, 300);
      assert.deepEqual(now?.identity, marks);
      assert.equal(now?.rates, undefined);
    });
  }

  it('rule 11: a counter that goes backwards is another container, though the kernel marks are the same', async () => {
    const samples = await afterChange((access) => useProcessor(access, 199));
    assert.deepEqual(states(samples), ['web ended', 'web read']);
    assert.equal(samples[0]?.properties?.Statistics?.Processor?.TotalRuntime100ns, 200);
    assert.equal(samples[1]?.rates, undefined);
  });

  it('rule 11: a mark that is not known at the moment tells nothing, and is remembered', async () => {
    const { sampler, clock } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    const seen: string[][] = [];
    for (const marks of [{ object: '77' }, { object: '77', birth: '1' }, {}, { object: '77', birth: '2' }]) {
      access.job.marks = marks;
      seen.push(states((await sampler.sample()).samples));
      clock.advance(1000);
    }
    assert.deepEqual(seen, [['web read'], ['web read'], ['web read'], ['web ended', 'web read']]);
  });

  it('rule 11: without any identity (a VM, or a job that cannot be opened) readings go on', async () => {
    const { sampler, clock } = sampling();
    const service = new ScriptedService({ Statistics: { Processor: { TotalRuntime100ns: 7 } } });
    const denied = stage({ service });
    denied.access.failure = failure('ERR_ACCESS_DENIED');
    sampler.add(denied.system);
    await sampler.sample();
    clock.advance(1000);
    const [sample] = (await sampler.sample()).samples;
    assert.deepEqual([sample?.state, sample?.rates], ['read', { processors: 0 }]);
    assert.equal(sample?.identity?.object, undefined);
  });
});

describe('Sampler: containers that end', () => {
  it('hands out the last values once, then reads it no longer', async () => {
    const { sampler } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    await sampler.sample();
    access.failure = failure('ERR_NOT_FOUND');
    const [ended] = (await sampler.sample()).samples;
    assert.equal(ended?.state, 'ended');
    assert.equal(ended?.properties?.Statistics?.Memory?.MemoryUsageCommitBytes, 4096);
    assert.equal(codeOf(ended), 'ERR_NOT_FOUND');
    assert.equal(ended?.rates, undefined);
    assert.deepEqual(sampler.systems, []);
    assert.deepEqual((await sampler.sample()).samples, []);
  });

  it('tells of one that ended before it was ever read', async () => {
    const { sampler } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    access.failure = failure('ERR_NOT_FOUND');
    const [ended] = (await sampler.sample()).samples;
    assert.deepEqual([ended?.state, ended?.properties], ['ended', undefined]);
  });

  it('closes no system, and holds no job between rounds', async () => {
    const { sampler } = sampling();
    const { system, access } = stage();
    sampler.add(system);
    await sampler.sample();
    assert.ok(access.acquired > 0);
    assert.equal(access.released, access.acquired);
    sampler.stop();
    assert.equal(access.closed, 0);
  });
});

describe('Sampler: slow and broken systems', () => {
  it('reports a failing system with its error and its last values, and reads the others', async () => {
    const { sampler, clock } = sampling();
    const broken = stage({ identity: { ...identity, Id: 'broken' } });
    const { system, access } = stage();
    sampler.add(broken.system);
    sampler.add(system);
    await sampler.sample();
    clock.advance(1000);
    assert.equal((await sampler.sample()).samples[0]?.rates?.processors, 0);
    broken.job.failures.memory = failure('ERR_PARSE');
    clock.advance(1000);
    const { samples } = await sampler.sample();
    assert.deepEqual(states(samples), ['broken failed', 'web read']);
    assert.equal(codeOf(samples[0]), 'ERR_PARSE');
    assert.equal(samples[0]?.properties?.Statistics?.Memory?.MemoryUsageCommitBytes, 4096);
    assert.equal(samples[0]?.rates, undefined);
    assert.equal(access.released, access.acquired);

    delete broken.job.failures.memory;
    useProcessor(broken.access, 20_000_030);
    clock.advance(1000);
    sampler.add(broken.system);
    const [again] = (await sampler.sample()).samples;
    assert.deepEqual([again?.state, again?.error, again?.rates?.processors], ['read', undefined, 1]);
  });

  it('goes on without one that throws no proper error', async () => {
    const { sampler } = sampling();
    const broken = { id: 'broken', query: () => Promise.reject('no error at all') };
    sampler.add(broken as unknown as ComputeSystem);
    sampler.add(stage().system);
    assert.deepEqual(states((await sampler.sample()).samples), ['broken failed', 'web read']);
  });

  it('does not let others wait for a slow one longer than patience lasts', async () => {
    const { sampler, clock } = sampling();
    const { system, service } = slow('slow');
    sampler.add(system);
    sampler.add(stage().system);
    const samples = await impatientRound(sampler, clock);
    assert.deepEqual(states(samples), ['slow late', 'web read']);
    assert.equal(samples[0]?.skippedRounds, 0);
    assert.equal(samples[0]?.properties, undefined);
    assert.equal(service.calls.length, 1);
  });

  it('starts no second reading of a system while one is under way: it skips, says so, and waits for nothing', async () => {
    const { sampler, clock } = sampling();
    const { system, service, answerNow } = slow('slow');
    sampler.add(system);
    await impatientRound(sampler, clock);
    for (const skippedRounds of [1, 2]) {
      const [sample] = (await sampler.sample()).samples;
      assert.deepEqual([sample?.state, sample?.skippedRounds], ['late', skippedRounds]);
    }
    assert.equal(service.calls.length, 1);
    answerNow();
    await settle();
    const [sample] = (await sampler.sample()).samples;
    assert.deepEqual([sample?.state, sample?.skippedRounds, service.calls.length], ['read', undefined, 2]);
  });

  it('uses an answer that came late: for values, for rates, and for an end', async () => {
    const { sampler, clock } = sampling();
    const { system, service, answerNow } = slow('slow');
    sampler.add(system);
    await impatientRound(sampler, clock);
    clock.advance(250);
    answerNow();
    await settle();
    service.gate = new Promise(() => undefined);
    const [late] = await impatientRound(sampler, clock);
    assert.equal(late?.state, 'late');
    assert.equal(late?.properties?.Statistics?.Processor?.TotalRuntime100ns, 0);

    const other = slow('gone');
    other.service.failure = failure('ERR_NOT_FOUND');
    const { sampler: second, clock: time } = sampling();
    second.add(other.system);
    await impatientRound(second, time);
    other.answerNow();
    await settle();
    assert.deepEqual(states((await second.sample()).samples), ['gone ended']);
    assert.equal(other.service.calls.length, 1);
  });
});

describe('Sampler: time and its end', () => {
  it('gives a round at once and then one per interval, on a beat that does not drift', async () => {
    const { sampler, clock } = sampling({ intervalMs: 1000 });
    sampler.add(stage().system);
    const rounds = sampler.rounds();
    const startedAt = [(await rounds.next()).value?.startedAt.getTime()];
    for (const late of [0, 30, 2500]) {
      clock.advance(late);
      const next = rounds.next();
      await settle();
      const [wait] = clock.waits;
      clock.advance(Number((wait?.dueNs ?? 0n) - clock.ns) / 1e6);
      startedAt.push((await next).value?.startedAt.getTime());
    }
    const [first = 0] = startedAt;
    assert.deepEqual(
      startedAt.map((time) => (time ?? 0) - first),
      [0, 1000, 2000, 5000],
    );
    sampler.stop();
  });

  it('ends rounds() when it is stopped, also while it waits, and refuses further rounds', async () => {
    const { sampler, clock } = sampling();
    const rounds = sampler.rounds();
    await rounds.next();
    const next = rounds.next();
    await settle();
    assert.equal(clock.waits.size, 1);
    sampler.stop();
    assert.equal((await next).done, true);
    assert.equal(clock.waits.size, 0);
    await assert.rejects(sampler.sample(), { code: 'ERR_CLOSED' });
    sampler.stop();
  });

  it('stops when it is disposed of, ends a round that is under way, and aborts calls of the service', async () => {
    const { sampler, clock } = sampling();
    const { system, service } = slow('slow');
    sampler.add(system);
    const round = sampler.sample();
    await settle();
    sampler[Symbol.dispose]();
    assert.deepEqual(states((await round).samples), ['slow late']);
    assert.equal(service.calls[0]?.options?.signal?.aborted, true);
    assert.equal(clock.waits.size, 0);
  });

  it('leaves no wait behind when a round is over', async () => {
    const { sampler, clock } = sampling();
    sampler.add(stage().system);
    await sampler.sample();
    assert.equal(clock.waits.size, 0);
  });

  it('tells the clock whether to keep the process running', async () => {
    for (const unref of [false, true]) {
      const { sampler, clock } = sampling({ unref });
      const rounds = sampler.rounds();
      await rounds.next();
      void rounds.next();
      await settle();
      assert.deepEqual(
        [...clock.waits].map((wait) => wait.unref),
        [unref],
      );
      sampler.stop();
    }
  });

  it('with unref lets a real process end; without it the process goes on', () => {
    const script = (unref: boolean, intervalMs: number): string => `
      import { Sampler } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      let rounds = 0;
      const sampler = new Sampler({ intervalMs: ${intervalMs}, unref: ${unref} });
      process.on('exit', () => console.log(rounds));
      (async () => { for await (const _ of sampler.rounds()) if (++rounds === 3) sampler.stop(); })();`;
    const rounds = (unref: boolean, intervalMs: number): string =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script(unref, intervalMs)], {
        encoding: 'utf8',
        timeout: 30_000,
      }).stdout.trim();
    assert.equal(rounds(true, 3_600_000), '1');
    assert.equal(rounds(false, 5), '3');
  });

  it('refuses times and types that are none', () => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      assert.throws(() => new Sampler({ intervalMs: wrong }), { code: 'ERR_INVALID_ARGUMENT' });
      assert.throws(() => new Sampler({ patienceMs: wrong }), { code: 'ERR_INVALID_ARGUMENT' });
    }
    assert.throws(() => new Sampler({ types: ['Nonsense' as 'Statistics'] }), { code: 'ERR_INVALID_ARGUMENT' });
  });
});
