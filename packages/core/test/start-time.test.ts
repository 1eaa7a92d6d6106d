/** Rule 8: when a container started, and since when it has been running. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { estimatedStart, recordedStart, startingNow, uptime100ns } from '../dist/start-time.js';
import { ScriptedClock } from './scripted/clock.ts';
import type { ScriptedJob } from './scripted/job.ts';
import { ScriptedService } from './scripted/service.ts';
import { failure, stage } from './scripted/system.ts';

const at = (text: string): bigint => BigInt(Date.parse(text)) * 10_000n;
const startMembers = ['ContainerStartTime', 'Uptime100ns'];
const second = 10_000_000;

describe('rule 8: start time', () => {
  it('rule 8: what we started: the clock at that moment; uptime is monotonic', async () => {
    const clock = new ScriptedClock();
    const { system } = stage({ clock, startTime: startingNow('silostat', clock) });
    clock.advance(2000);
    clock.wallMs -= 3_600_000;
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:08:09.1230000Z');
    assert.equal(properties.Statistics?.Uptime100ns, 2 * second);
    const entry = report.types.Statistics;
    assert.deepEqual([entry?.sources['ContainerStartTime'], entry?.sources['Uptime100ns']], ['silostat', 'silostat']);
    assert.deepEqual(entry?.estimated, []);
  });

  it('rule 8: the engine’s record; the processes are not looked at', async () => {
    const startTime = recordedStart('2024-05-06T07:08:00.123456789Z', 'state.json');
    assert.ok(startTime);
    const { system, job } = stage({ startTime });
    job.oldest = 1n;
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:08:00.1234567Z');
    assert.equal(properties.Statistics?.Uptime100ns, 89_995_433);
    assert.equal(report.types.Statistics?.sources['ContainerStartTime'], 'state.json');
    assert.equal(job.asked.includes('oldestProcess'), false);
  });

  it('rule 8: uptime is of the moment of the Timestamp', async () => {
    const startTime = recordedStart('2024-05-06T07:08:09.000Z', 'state.json');
    assert.ok(startTime);
    const { system, job, clock } = stage({ startTime });
    job.onAsked = () => clock.advance(1000);
    const { Statistics } = await system.properties(['Statistics']);
    assert.deepEqual([Statistics?.Timestamp, Statistics?.Uptime100ns], ['2024-05-06T07:08:09.123Z', 1_230_000]);
  });

  it('rule 8: else the oldest process at first sight, marked as an estimate, and kept', async () => {
    const { system, job, clock } = stage();
    job.oldest = at('2024-05-06T07:00:00Z');
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:00:00.0000000Z');
    assert.deepEqual(report.types.Statistics?.estimated, startMembers);
    assert.match(report.types.Statistics?.sources['ContainerStartTime'] ?? '', /oldest process/);
    assert.equal(report.types.Statistics?.complete, true);

    job.oldest = at('2024-05-06T07:08:00Z');
    clock.advance(1000);
    const later = await system.query(['Statistics']);
    assert.equal(later.properties.Statistics?.ContainerStartTime, '2024-05-06T07:00:00.0000000Z');
    assert.equal(later.properties.Statistics?.Uptime100ns, (properties.Statistics?.Uptime100ns ?? 0) + second);
    assert.deepEqual(later.report.types.Statistics?.estimated, startMembers);
    assert.equal(job.asked.filter((question) => question === 'oldestProcess').length, 1);
  });

  it('rule 8: it is estimated as soon as there is a process', async () => {
    const { system, job } = stage();
    assert.equal((await system.properties(['Statistics'])).Statistics?.ContainerStartTime, undefined);
    job.oldest = at('2024-05-06T07:00:00Z');
    assert.ok((await system.properties(['Statistics'])).Statistics?.ContainerStartTime);
  });

  it('rule 8: unknown: both absent, with the reason', async () => {
    const { properties, report } = await stage().system.query(['Statistics']);
    for (const member of startMembers) {
      assert.equal(member in (properties.Statistics ?? {}), false);
      assert.equal(report.types.Statistics?.absent[member]?.code, 'ERR_UNSUPPORTED');
    }
  });

  it('rule 8: a process that does not tell costs the start time alone', async () => {
    const { system, job } = stage();
    job.failures.oldestProcess = failure('ERR_ACCESS_DENIED');
    const { properties, report } = await system.query(['Statistics']);
    assert.ok(properties.Statistics?.Processor);
    for (const member of startMembers) assert.equal(report.types.Statistics?.absent[member]?.code, 'ERR_ACCESS_DENIED');
  });

  it('rule 8: a record in an answer that was needed anyway replaces an estimate, as it is spelled, and is kept', async () => {
    const service = new ScriptedService({
      Statistics: { ContainerStartTime: '2024-05-06T06:59:59.5Z', Uptime100ns: 77, Processor: {} },
    });
    const { system, job } = stage({ service });
    job.oldest = at('2024-05-06T07:00:00Z');
    await system.query(['Statistics']);
    assert.equal(service.calls.length, 0);

    job.failures.processor = failure('ERR_PARSE');
    const { properties, report } = await system.query(['Statistics']);
    assert.deepEqual(
      [properties.Statistics?.ContainerStartTime, properties.Statistics?.Uptime100ns],
      ['2024-05-06T06:59:59.5Z', 77],
    );
    assert.deepEqual(report.types.Statistics?.estimated, []);
    assert.equal(report.types.Statistics?.sources['ContainerStartTime'], 'HCS');

    delete job.failures.processor;
    const later = await system.query(['Statistics']);
    assert.equal(service.calls.length, 1);
    assert.equal(later.properties.Statistics?.ContainerStartTime, '2024-05-06T06:59:59.5Z');
    assert.equal(later.properties.Statistics?.Uptime100ns, 4_896_230_000);
    assert.deepEqual(later.report.types.Statistics?.estimated, []);
    assert.equal(later.report.types.Statistics?.sources['ContainerStartTime'], 'HCS');
  });

  it('rule 8: a record of our own is not replaced, also where the job cannot be opened', async () => {
    const service = new ScriptedService({ Statistics: { ContainerStartTime: '2001-01-01T00:00:00Z', Uptime100ns: 5 } });
    const startTime = recordedStart('2024-05-06T07:08:00Z', 'state.json');
    assert.ok(startTime);
    const { system, access } = stage({ service, startTime });
    access.failure = failure('ERR_ACCESS_DENIED');
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:08:00.0000000Z');
    assert.equal(properties.Statistics?.Uptime100ns, 91_230_000);
    assert.deepEqual(
      [report.types.Statistics?.answeredBy, report.types.Statistics?.sources['ContainerStartTime']],
      ['service', 'state.json'],
    );
  });

  for (const zero of [
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00.0000000Z',
    '1601-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
  ]) {
    it(`rule 8: never ${zero}, whoever writes it`, async () => {
      assert.equal(recordedStart(zero, 'state.json'), undefined);
      const service = new ScriptedService({ Statistics: { Timestamp: 't', ContainerStartTime: zero, Uptime100ns: 1 } });
      const { system, access } = stage({ service });
      access.failure = failure('ERR_ACCESS_DENIED');
      const { properties, report } = await system.query(['Statistics']);
      assert.deepEqual(properties.Statistics, { Timestamp: 't' });
      for (const member of startMembers) assert.ok(report.types.Statistics?.absent[member]);
    });
  }

  it('rule 8: never the zero time of a process either', () => {
    assert.equal(estimatedStart(0n), undefined);
    assert.equal(estimatedStart(-116444736000000000n), undefined);
  });

  it('rule 8: never negative, with a clock that was set back', () => {
    const anyTime = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(anyTime, anyTime, fc.bigInt(0n, 10n ** 18n), (started, now, passedNs) => {
        const clock = new ScriptedClock(new Date(started).toISOString());
        const ours = startingNow('us', clock);
        const recorded = recordedStart(new Date(started).toISOString(), 'engine');
        const moment = { unixMs: now, monotonicNs: clock.ns + passedNs };
        assert.equal(uptime100ns(ours, moment), Number(passedNs / 100n));
        if (recorded !== undefined) assert.equal(uptime100ns(recorded, moment), Math.max(0, now - started) * 10_000);
      }),
    );
  });

  for (const [what, restart] of [
    ['another object', (job: ScriptedJob) => Object.assign(job.marks, { object: '78' })],
    ['another birth', (job: ScriptedJob) => Object.assign(job.marks, { birth: '2' })],
    [
      'less processor time',
      (job: ScriptedJob) =>
        Object.assign(job, { processorReading: { values: { TotalRuntime100ns: 29 }, sources: {} } }),
    ],
  ] as const) {
    it(`rule 8: of a container that was restarted under its id (${what}) an earlier record tells nothing`, async () => {
      const startTime = recordedStart('2024-05-06T07:00:00Z', 'state.json');
      assert.ok(startTime);
      const { system, job } = stage({ startTime });
      job.marks = { object: '77', birth: '1' };
      job.oldest = at('2024-05-06T07:08:00Z');
      for (const before of [1, 2]) {
        const { properties } = await system.query(['Statistics'], { identity: true });
        assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:00:00.0000000Z', `query ${before}`);
      }
      restart(job);
      const { properties, report, identity } = await system.query(['Statistics'], { identity: true });
      assert.deepEqual(identity, job.marks);
      assert.equal(properties.Statistics?.ContainerStartTime, '2024-05-06T07:08:00.0000000Z');
      assert.equal(properties.Statistics?.Uptime100ns, 91_230_000);
      assert.deepEqual(report.types.Statistics?.estimated, startMembers);
    });
  }

  it('rule 11: who cannot be identified has answered all the same', async () => {
    const { system, job } = stage();
    job.failures.identity = failure('ERR_ACCESS_DENIED');
    const result = await system.query(['Statistics'], { identity: true });
    assert.ok(result.properties.Statistics?.Memory);
    assert.equal('identity' in result, false);
  });

  it('rule 8: the service is never called for the start time alone', async () => {
    const service = new ScriptedService({ Statistics: { ContainerStartTime: '2024-01-01T00:00:00Z' } });
    const { properties } = await stage({ service }).system.query(['Statistics']);
    assert.deepEqual([service.calls.length, properties.Statistics?.ContainerStartTime], [0, undefined]);
  });
});
