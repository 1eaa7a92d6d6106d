/** Rules 7 and 9: what Statistics is made of, and what its processes did. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessTally, Reason } from '../dist/index.js';
import { isTallyComplete } from '../dist/report.js';
import { ScriptedService } from './scripted/service.ts';
import { failure, stage, thrownBy } from './scripted/system.ts';

const privateWorkingSet = 'Memory.MemoryUsagePrivateWorkingSetBytes';
const everyone: ProcessTally = { listed: 15, read: 15, gone: 0, denied: 0, reused: 0, unreadable: 0 };

function resident(tally: Partial<ProcessTally>, values: number | undefined = 2048) {
  return { values, sources: { [privateWorkingSet]: 'r' }, processes: { ...everyone, ...tally } };
}

describe('rule 7: Statistics', () => {
  it('rule 7: the clock is read first, then memory, processor, storage, private working set', async () => {
    const { system, job, clock } = stage();
    const expected = new Date(clock.wallMs).toISOString();
    job.onAsked = () => clock.advance(10);
    const { Statistics } = await system.properties(['Statistics']);
    assert.deepEqual(job.asked.slice(0, 4), ['memory', 'processor', 'storage', 'privateWorkingSet']);
    assert.equal(Statistics?.Timestamp, expected);
  });

  it('rule 7: all sections make one document, each figure with its source', async () => {
    const { properties, report } = await stage().system.query(['Statistics']);
    assert.deepEqual(properties.Statistics, {
      Timestamp: '2024-05-06T07:08:09.123Z',
      Processor: { TotalRuntime100ns: 30, RuntimeUser100ns: 20, RuntimeKernel100ns: 10 },
      Memory: {
        MemoryUsageCommitBytes: 4096,
        MemoryUsageCommitPeakBytes: 8192,
        MemoryUsagePrivateWorkingSetBytes: 2048,
      },
      Storage: { ReadCountNormalized: 1, ReadSizeBytes: 512, WriteCountNormalized: 2, WriteSizeBytes: 1024 },
    });
    assert.deepEqual(report.types.Statistics?.sources, {
      'Memory.MemoryUsageCommitBytes': 'm1',
      'Memory.MemoryUsageCommitPeakBytes': 'm2',
      Processor: 'p',
      Storage: 's',
      [privateWorkingSet]: 'r',
    });
  });

  it('rule 7: sources follow when a reader finds another one', async () => {
    const { system, job } = stage();
    await system.query(['Statistics']);
    job.processorReading = { ...job.processorReading, sources: { Processor: 'p2' } };
    const { report } = await system.query(['Statistics']);
    assert.equal(report.types.Statistics?.sources['Processor'], 'p2');
    assert.equal(report.types.Statistics?.sources['Storage'], 's');
  });

  for (const question of ['memory', 'processor', 'privateWorkingSet'] as const) {
    it(`rule 7: without ${question} Statistics is a leftover, and the others are read all the same`, async () => {
      const service = new ScriptedService({ Statistics: { Memory: { MemoryUsageCommitBytes: 5 } } });
      const { system, job } = stage({ service });
      job.failures[question] = failure('ERR_ACCESS_DENIED', 'no');
      const { report } = await system.query(['Statistics']);
      assert.deepEqual(service.calls[0]?.types, ['Statistics']);
      assert.deepEqual(job.asked.slice(0, 4), ['memory', 'processor', 'storage', 'privateWorkingSet']);
      assert.equal(report.types.Statistics?.fallback?.code, 'ERR_ACCESS_DENIED');
    });
  }

  it('rule 7: Storage that is switched off (1168) is left out with its reason, and is no leftover', async () => {
    const service = new ScriptedService();
    const { system, job } = stage({ service });
    const reason: Reason = { code: 'ERR_UNSUPPORTED', message: 'I/O attribution is switched off' };
    job.storageReading = { values: undefined, sources: {}, absent: { Storage: reason } };
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(service.calls.length, 0);
    assert.equal('Storage' in (properties.Statistics ?? {}), false);
    assert.equal(report.types.Statistics?.absent['Storage'], reason);
    assert.deepEqual([report.types.Statistics?.complete, report.types.Statistics?.fallback], [true, undefined]);
  });

  it('rule 7: Storage that fails otherwise is no leftover either, yet something is missing then', async () => {
    const service = new ScriptedService();
    const { system, job } = stage({ service });
    job.failures.storage = failure('ERR_PARSE');
    const { properties, report } = await system.query(['Statistics']);
    assert.deepEqual([service.calls.length, properties.Statistics?.Storage], [0, undefined]);
    assert.deepEqual(
      [report.types.Statistics?.absent['Storage']?.code, report.types.Statistics?.complete],
      ['ERR_PARSE', false],
    );
  });

  it('rule 7: processes that have exited or whose pid was reused leave nothing out', async () => {
    const service = new ScriptedService();
    const { system, job } = stage({ service });
    job.residentReading = resident({ read: 10, gone: 3, reused: 2 });
    const { report } = await system.query(['Statistics']);
    assert.equal(service.calls.length, 0);
    assert.deepEqual([report.types.Statistics?.complete, report.types.Statistics?.lowerBounds], [true, []]);
    assert.deepEqual(report.types.Statistics?.processes, job.residentReading.processes);
  });

  for (const [what, tally, code] of [
    ['denies us', { read: 14, denied: 1 }, 'ERR_ACCESS_DENIED'],
    ['gives no figure', { read: 14, unreadable: 1 }, 'ERR_UNSUPPORTED'],
  ] as const) {
    it(`rule 7: a process that ${what}: a lower bound, so the service is asked, and its figure is taken`, async () => {
      const service = new ScriptedService({
        Statistics: { Memory: { MemoryUsagePrivateWorkingSetBytes: 9999, MemoryUsageCommitBytes: 1 } },
      });
      const { system, job } = stage({ service });
      job.residentReading = resident(tally);
      const { properties, report } = await system.query(['Statistics']);
      assert.deepEqual(properties.Statistics?.Memory, {
        MemoryUsageCommitBytes: 4096,
        MemoryUsageCommitPeakBytes: 8192,
        MemoryUsagePrivateWorkingSetBytes: 9999,
      });
      const entry = report.types.Statistics;
      assert.deepEqual([entry?.answeredBy, entry?.complete, entry?.lowerBounds], ['kernel', true, []]);
      assert.deepEqual([entry?.sources[privateWorkingSet], entry?.fallback?.code], ['HCS', code]);
      assert.match(entry?.fallback?.message ?? '', /14 of 15 processes read: 1 /);
    });

    it(`rule 7: a process that ${what}, and nobody better to ask: the value is kept, with complete: false and the counts`, async () => {
      const { system, job } = stage();
      job.residentReading = resident(tally);
      const { properties, report } = await system.query(['Statistics']);
      assert.equal(properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes, 2048);
      const entry = report.types.Statistics;
      assert.deepEqual(
        [entry?.answeredBy, entry?.complete, entry?.lowerBounds],
        ['kernel', false, [privateWorkingSet]],
      );
      assert.deepEqual([entry?.processes?.read, entry?.processes?.listed], [14, 15]);
    });
  }

  it('rule 7: the value is kept also where the service was asked and failed, or did not know', async () => {
    for (const reply of ['fails', 'knows nothing', 'knows other figures'] as const) {
      const service = new ScriptedService(
        reply === 'knows other figures' ? { Statistics: { ContainerStartTime: '2024-01-01T00:00:00Z' } } : {},
      );
      if (reply === 'fails') service.failure = failure('ERR_TIMEOUT', 'too late');
      const { system, job } = stage({ service });
      job.residentReading = resident({ read: 14, denied: 1 });
      const { properties, report } = await system.query(['Statistics']);
      assert.equal(properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes, 2048);
      const entry = report.types.Statistics;
      assert.deepEqual(
        [entry?.answeredBy, entry?.complete, entry?.lowerBounds],
        ['kernel', false, [privateWorkingSet]],
      );
      if (reply === 'fails') assert.equal(entry?.serviceFailure?.code, 'ERR_TIMEOUT');
    }
  });

  it('rule 7: a lower bound is no answer for another type that the failing service was asked for', async () => {
    const service = new ScriptedService();
    service.failure = failure('ERR_TIMEOUT');
    const { system, job } = stage({ service });
    job.residentReading = resident({ read: 14, denied: 1 });
    const error = await thrownBy(system.query(['Statistics', 'Memory']));
    assert.equal(error, service.failure);
    assert.deepEqual(error.partial?.report.types.Statistics?.lowerBounds, [privateWorkingSet]);
  });

  it('rule 7: a failed section counts for more than a lower bound', async () => {
    const { system, job } = stage();
    job.residentReading = resident({ read: 14, denied: 1 });
    job.failures.memory = failure('ERR_PARSE');
    await assert.rejects(system.query(['Statistics']), { code: 'ERR_PARSE' });
  });
});

describe('rule 9: processes', () => {
  it('rule 9: gone and reused are no omission, denied and unreadable are', () => {
    assert.equal(isTallyComplete({ ...everyone, gone: 1, reused: 1 }), true);
    assert.equal(isTallyComplete({ ...everyone, denied: 1 }), false);
    assert.equal(isTallyComplete({ ...everyone, unreadable: 1 }), false);
  });

  it('rule 9: if no process could be read the member is absent, never 0', async () => {
    const reason: Reason = { code: 'ERR_UNSUPPORTED', message: 'no such class' };
    const { system, job } = stage();
    job.residentReading = {
      values: undefined,
      sources: {},
      absent: { [privateWorkingSet]: reason },
      processes: { ...everyone, read: 0, unreadable: 15 },
    };
    const { properties, report } = await system.query(['Statistics']);
    assert.equal('MemoryUsagePrivateWorkingSetBytes' in (properties.Statistics?.Memory ?? {}), false);
    const entry = report.types.Statistics;
    assert.deepEqual([entry?.absent[privateWorkingSet], entry?.lowerBounds, entry?.complete], [reason, [], false]);
  });

  it('rule 9: a list of processes that some did not let us read says so', async () => {
    const { system, job } = stage();
    job.listReading = { ...job.listReading, processes: { ...everyone, read: 14, denied: 1 } };
    const { report } = await system.query(['ProcessList']);
    assert.deepEqual([report.types.ProcessList?.complete, report.types.ProcessList?.processes?.denied], [false, 1]);
  });
});
