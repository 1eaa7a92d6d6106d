/**
 * The rules of `properties(types)`, by number; what is not here:
 *
 * | rule | where |
 * |---|---|
 * | 7, 9 Statistics and its processes | read-statistics.test.ts |
 * | 8 start time | start-time.test.ts |
 * | 10, 12 what is kept, and `close()` | closing.test.ts, sampler.test.ts |
 * | 11 identity | sampler.test.ts, rates.test.ts |
 * | the edge cases of merging two answers | merging-cases.test.ts |
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ComputeSystem, type PropertyType, type Reason } from '../dist/index.js';
import { ScriptedService } from './scripted/service.ts';
import { failure, identity, stage, thrownBy } from './scripted/system.ts';

const unknownTypes: unknown[] = [
  'Nonsense',
  'statistics',
  '',
  'toString',
  '__proto__',
  5n,
  null,
  undefined,
  {},
  Symbol('x'),
];

describe('rule 1: which types', () => {
  for (const unknown of unknownTypes) {
    it(`rule 1: ${typeof unknown} ${String(unknown)} is refused before anything is opened`, async () => {
      const service = new ScriptedService();
      const { system, access } = stage({ service });
      await assert.rejects(system.query(['Statistics', unknown as PropertyType]), { code: 'ERR_INVALID_ARGUMENT' });
      assert.deepEqual([access.acquired, service.calls.length], [0, 0]);
    });
  }

  it('rule 1: what is no array is refused as well', async () => {
    const { system, access } = stage();
    for (const types of ['Statistics', undefined, null, { length: 0 }]) {
      await assert.rejects(system.query(types as unknown as PropertyType[]), { code: 'ERR_INVALID_ARGUMENT' });
    }
    assert.equal(access.acquired, 0);
  });

  it('rule 1: the error names the type and those there are', async () => {
    await assert.rejects(
      stage().system.properties(['Bogus' as PropertyType]),
      /"Bogus".*Statistics.*ProcessList.*Limits/,
    );
  });

  it('rule 1: duplicates are folded, in the order of their first mention', async () => {
    const service = new ScriptedService({ Memory: {} });
    const { system, job } = stage({ service });
    const types: PropertyType[] = ['Memory', 'ProcessList', 'Memory', 'Statistics', 'ProcessList'];
    const { report } = await system.query(types);
    assert.deepEqual(Object.keys(report.types), ['Memory', 'ProcessList', 'Statistics']);
    assert.equal(job.asked.filter((question) => question === 'processList').length, 1);
    assert.deepEqual(service.calls[0]?.types, ['Memory']);
  });

  it('rule 1: no types gives the identity only; neither the job nor the service is asked', async () => {
    const service = new ScriptedService();
    const { system, access } = stage({ service });
    const { properties, report } = await system.query([]);
    assert.deepEqual(properties, identity);
    assert.deepEqual([access.acquired, service.calls.length, report.types], [0, 0, {}]);
  });
});

describe('rule 2: not a container', () => {
  const machine = { Id: 'vm', SystemType: 'VirtualMachine', RuntimeOsType: 'Windows', Owner: 'x' };

  it('rule 2: of a VM the service answers all', async () => {
    const service = new ScriptedService({ Id: 'vm', Statistics: { Timestamp: 't' }, Memory: { a: 1 } });
    const system = new ComputeSystem({ identity: machine, service });
    const { properties, report } = await system.query(['Statistics', 'Memory']);
    assert.deepEqual(service.calls[0]?.types, ['Statistics', 'Memory']);
    assert.deepEqual(properties, { ...machine, State: 'Running', Statistics: { Timestamp: 't' }, Memory: { a: 1 } });
    assert.deepEqual([report.types.Statistics?.answeredBy, report.types.Memory?.answeredBy], ['service', 'service']);
    assert.deepEqual(report.types.Statistics?.sources, { Timestamp: 'HCS' });
    assert.equal(report.kernel, undefined);
    assert.equal(report.notOpened, undefined);
  });

  it('rule 2: of a VM nobody answers our own types', async () => {
    const service = new ScriptedService({ Memory: {} });
    const system = new ComputeSystem({ identity: machine, service });
    const { report } = await system.query(['Memory', 'Limits']);
    assert.equal(report.types.Limits?.fallback?.code, 'ERR_UNSUPPORTED');
    const error = await thrownBy(system.query(['Limits']));
    assert.deepEqual(
      [error.code, error.reason, 'partial' in error],
      ['ERR_UNSUPPORTED', 'the kernel has no answer to Limits', false],
    );
  });
});

describe('rule 3: a container, kernel first', () => {
  it('rule 3: a result starts with Id, SystemType, RuntimeOsType and Owner as they were spelled at open', async () => {
    const { system } = stage({
      service: new ScriptedService({ Id: 'WEB', Owner: 'other', ProcessorTopology: 1 } as object),
    });
    for (const types of [[], ['Statistics'], ['Memory', 'Statistics']] as PropertyType[][]) {
      const properties = await system.properties(types);
      assert.deepEqual(Object.entries(properties).slice(0, 4), Object.entries(identity));
    }
    assert.equal(system.id, identity.Id);
  });

  it('rule 3: the job is opened once for all types, asked for each, and let go', async () => {
    const { system, access, job } = stage();
    const { properties, report } = await system.query(['ProcessList', 'Limits', 'Faults', 'Linux', 'Statistics']);
    assert.deepEqual([access.acquired, access.released], [1, 1]);
    assert.deepEqual(Object.keys(properties).slice(4), ['ProcessList', 'Limits', 'Faults', 'Linux', 'Statistics']);
    assert.deepEqual(job.asked.slice(0, 4), ['processList', 'limits', 'faults', 'linux']);
    assert.equal(report.kernel, 'scripted job');
    for (const entry of Object.values(report.types))
      assert.deepEqual([entry.answeredBy, entry.complete], ['kernel', true]);
    assert.deepEqual(report.types.Limits?.sources, { MemoryBytes: 'x' });
  });

  it('rule 3: the job is not opened for types that are not the kernel’s', async () => {
    const { system, access } = stage({ service: new ScriptedService({ Memory: {}, SystemGUID: 'g' }) });
    await system.query(['Memory', 'SystemGUID', 'SharedMemoryRegion', 'GuestConnection']);
    assert.equal(access.acquired, 0);
  });

  it('rule 3: a type that fails goes to the leftovers with its reason; the others stay', async () => {
    const service = new ScriptedService({ ProcessList: [{ ProcessId: 1 }] });
    const { system, job } = stage({ service });
    job.failures.processList = failure('ERR_PARSE', 'garbage');
    const { properties, report } = await system.query(['Statistics', 'ProcessList']);
    assert.deepEqual(service.calls[0]?.types, ['ProcessList']);
    assert.deepEqual(properties.ProcessList, [{ ProcessId: 1 }]);
    assert.equal(report.types.Statistics?.answeredBy, 'kernel');
    assert.deepEqual(report.types.ProcessList?.answeredBy, 'service');
    assert.deepEqual(report.types.ProcessList?.sources, { '': 'HCS' });
    assert.equal(report.types.ProcessList?.fallback?.code, 'ERR_PARSE');
    assert.match(report.types.ProcessList?.fallback?.message ?? '', /garbage/);
  });

  it('rule 3: a type that this kind of job does not have, or has no value for, is a leftover too', async () => {
    const { system, job } = stage();
    const reason: Reason = { code: 'ERR_UNSUPPORTED', message: 'no such controller' };
    job.faultsReading = { values: undefined, sources: {}, absent: { PageFaultCount: reason } };
    Object.defineProperty(job, 'linux', { value: undefined });
    const { properties, report } = await system.query(['Statistics', 'Faults', 'Linux']);
    assert.deepEqual(Object.keys(properties).slice(4), ['Statistics']);
    assert.equal(report.types.Faults?.fallback, reason);
    assert.deepEqual(report.types.Faults?.absent, { PageFaultCount: reason });
    assert.deepEqual([report.types.Faults?.answeredBy, report.types.Faults?.complete], [undefined, false]);
    assert.match(report.types.Linux?.fallback?.message ?? '', /scripted job has no Linux/);
  });
});

describe('rule 4: the service fills in', () => {
  it('rule 4: nothing left over, no call of the service', async () => {
    const service = new ScriptedService();
    const { system } = stage({ service });
    await system.query(['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux']);
    assert.equal(service.calls.length, 0);
  });

  it('rule 4: one call for all leftovers', async () => {
    const service = new ScriptedService({ Memory: {}, SystemGUID: 'g' });
    const { system, job } = stage({ service });
    job.failures.processList = failure('ERR_ACCESS_DENIED');
    await system.query(['Memory', 'Statistics', 'ProcessList', 'SystemGUID']);
    assert.deepEqual(
      service.calls.map(({ id, types }) => [id, types]),
      [['web', ['Memory', 'ProcessList', 'SystemGUID']]],
    );
  });

  it('rule 4: the kernel’s members win, the service fills the missing ones', async () => {
    const service = new ScriptedService({
      Statistics: {
        Timestamp: '1999-01-01T00:00:00Z',
        Memory: { MemoryUsageCommitBytes: 1, MemoryUsageCommitPeakBytes: 2, MemoryUsagePrivateWorkingSetBytes: 3 },
        Processor: { TotalRuntime100ns: 4, RuntimeUser100ns: 5 },
        Storage: { ReadSizeBytes: 6 },
      },
    });
    const { system, job } = stage({ service });
    job.failures.processor = failure('ERR_PARSE');
    job.memoryReading = { values: { MemoryUsageCommitBytes: 0 }, sources: { 'Memory.MemoryUsageCommitBytes': 'm' } };
    const { properties, report } = await system.query(['Statistics']);
    assert.deepEqual(properties.Statistics, {
      Timestamp: '2024-05-06T07:08:09.123Z',
      Memory: { MemoryUsageCommitBytes: 0, MemoryUsageCommitPeakBytes: 2, MemoryUsagePrivateWorkingSetBytes: 2048 },
      Processor: { TotalRuntime100ns: 4, RuntimeUser100ns: 5 },
      Storage: job.storageReading.values,
    });
    const entry = report.types.Statistics;
    assert.equal(entry?.answeredBy, 'service');
    assert.deepEqual(entry?.sources, {
      'Memory.MemoryUsageCommitBytes': 'm',
      'Memory.MemoryUsageCommitPeakBytes': 'HCS',
      'Memory.MemoryUsagePrivateWorkingSetBytes': 'r',
      'Processor.TotalRuntime100ns': 'HCS',
      'Processor.RuntimeUser100ns': 'HCS',
      Storage: 's',
    });
    assert.equal(entry?.absent['Processor'], undefined);
    assert.equal(properties.State, 'Running');
  });

  it('rule 4: our own types are never sent to the service, whether the kernel knows them or not', async () => {
    const service = new ScriptedService({ Memory: {} });
    const { system, job } = stage({ service });
    for (const question of ['limits', 'faults', 'linux'] as const) job.failures[question] = failure('ERR_PARSE');
    await system.query(['Limits', 'Memory', 'Faults', 'Linux']);
    assert.deepEqual(service.calls[0]?.types, ['Memory']);
    await assert.rejects(system.query(['Limits', 'Faults', 'Linux']), { code: 'ERR_PARSE' });
    assert.equal(service.calls.length, 1);
  });

  it('rule 4: without a service, what the kernel cannot answer is absent with ERR_UNSUPPORTED', async () => {
    const { properties, report } = await stage().system.query(['Statistics', 'Memory', 'ProcessorTopology']);
    assert.deepEqual(Object.keys(properties).slice(4), ['Statistics']);
    for (const type of ['Memory', 'ProcessorTopology'] as const) {
      const entry = report.types[type];
      assert.deepEqual(
        [entry?.answeredBy, entry?.complete, entry?.fallback?.code],
        [undefined, false, 'ERR_UNSUPPORTED'],
      );
      assert.equal(entry?.serviceFailure, undefined);
    }
  });

  it('rule 4: the call throws if no type at all was answered', async () => {
    const { system, job } = stage();
    await assert.rejects(system.query(['Memory', 'SystemGUID']), {
      code: 'ERR_UNSUPPORTED',
      message: /Memory, SystemGUID of "web".*no compute service/,
    });
    job.failures.processList = failure('ERR_PARSE', 'garbage');
    await assert.rejects(system.query(['Memory', 'ProcessList']), { code: 'ERR_PARSE', message: /garbage/ });
  });

  it('rule 4: a type that the service leaves out of its answer is absent, and the report says so', async () => {
    const { system } = stage({ service: new ScriptedService() });
    const { report } = await system.query(['Statistics', 'CpuGroup']);
    assert.equal(report.types.CpuGroup?.answeredBy, undefined);
    assert.match(report.types.CpuGroup?.serviceFailure?.message ?? '', /HCS left CpuGroup out/);
    await assert.rejects(system.query(['CpuGroup']), { code: 'ERR_UNSUPPORTED', message: /HCS left CpuGroup out/ });
  });

  it('rule 4: members whose name is not their type’s are found', async () => {
    const service = new ScriptedService({ SharedMemoryRegionInfo: [1], GuestConnectionInfo: { a: 1 } });
    const { report } = await stage({ service }).system.query(['SharedMemoryRegion', 'GuestConnection']);
    assert.equal(report.types.SharedMemoryRegion?.answeredBy, 'service');
    assert.equal(report.types.GuestConnection?.answeredBy, 'service');
  });

  it('rule 4: what the service wrote and could not be taken over is absent with its reason', async () => {
    const service = new ScriptedService({ Statistics: { Processor: {} } });
    const reason: Reason = { code: 'ERR_PARSE', message: '18446744073709551615 is above 2^53' };
    service.answer = {
      ...service.answer,
      absent: { 'Statistics.Processor.TotalRuntime100ns': reason, 'Memory.x': reason },
    };
    const { system, access } = stage({ service });
    access.failure = failure('ERR_ACCESS_DENIED');
    const { report } = await system.query(['Statistics']);
    assert.deepEqual(report.types.Statistics?.absent, { 'Processor.TotalRuntime100ns': reason });
    assert.equal(report.types.Statistics?.complete, false);
  });
});

describe('rule 5: the job cannot be opened', () => {
  for (const code of ['ERR_NOT_FOUND', 'ERR_ACCESS_DENIED'] as const) {
    it(`rule 5: ${code}: all types are leftovers, and the report says why, once`, async () => {
      const service = new ScriptedService({ Statistics: { Timestamp: 't' }, ProcessList: [] });
      const { system, access } = stage({ service });
      access.failure = failure(code, 'not SYSTEM');
      const { properties, report } = await system.query(['Statistics', 'ProcessList', 'Limits']);
      assert.deepEqual(service.calls[0]?.types, ['Statistics', 'ProcessList']);
      assert.deepEqual([properties.Statistics, properties.ProcessList], [{ Timestamp: 't' }, []]);
      assert.equal(report.notOpened?.code, code);
      assert.equal(JSON.stringify(report).split('not SYSTEM').length, 2);
      assert.equal(report.kernel, undefined);
      assert.equal(report.types.Limits?.answeredBy, undefined);
    });
  }

  it('rule 5: without a service the reason is thrown', async () => {
    const { system, access } = stage();
    access.failure = failure('ERR_ACCESS_DENIED', 'not root');
    await assert.rejects(system.query(['ProcessList', 'Memory']), access.failure as Error);
  });

  it('rule 5: a job that goes in mid-query never gives part of a document', async () => {
    for (const question of [
      'memory',
      'processor',
      'storage',
      'privateWorkingSet',
      'oldestProcess',
      'processList',
    ] as const) {
      const { system, access, job } = stage();
      job.failures[question] = failure('ERR_NOT_FOUND', 'gone');
      const error = await thrownBy(system.query(['Limits', 'Statistics', 'ProcessList']));
      assert.deepEqual([error.code, 'partial' in error], ['ERR_NOT_FOUND', false]);
      assert.deepEqual([access.acquired, access.released], [1, 1]);
    }
  });

  it('rule 5: of a job that goes in mid-query the service alone is heard', async () => {
    const service = new ScriptedService({ Statistics: { Processor: { TotalRuntime100ns: 9 } } });
    const { system, job } = stage({ service });
    job.failures.storage = failure('ERR_NOT_FOUND');
    const { properties, report } = await system.query(['Limits', 'Statistics']);
    assert.deepEqual(properties.Statistics, { Processor: { TotalRuntime100ns: 9 } });
    assert.equal(properties.Limits, undefined);
    assert.equal(report.notOpened?.code, 'ERR_NOT_FOUND');
  });
});

describe('rule 6: the service fails too', () => {
  it('rule 6: its error is thrown, and carries the types that the kernel answered', async () => {
    const service = new ScriptedService();
    service.failure = failure('ERR_SERVICE', 'stopped');
    const { system } = stage({ service });
    const error = await thrownBy(system.query(['Statistics', 'Memory']));
    assert.equal(error, service.failure);
    const { partial } = error;
    assert.equal(partial?.properties.Statistics?.Processor?.TotalRuntime100ns, 30);
    assert.deepEqual(Object.keys(partial?.properties ?? {}).slice(4), ['Statistics']);
    assert.equal(partial?.report.types.Statistics?.complete, true);
    assert.equal(partial?.report.types.Memory?.serviceFailure?.code, 'ERR_SERVICE');
  });

  it('rule 6: it carries the sections that were read of a type that was not, marked as no answer', async () => {
    for (const service of [new ScriptedService(), undefined]) {
      const { system, job } = stage(service === undefined ? {} : { service });
      if (service !== undefined) service.failure = failure('ERR_TIMEOUT');
      job.failures.processor = failure('ERR_PARSE');
      const error = await thrownBy(system.query(['Statistics']));
      assert.equal(error.code, service === undefined ? 'ERR_PARSE' : 'ERR_TIMEOUT');
      assert.equal(error.partial?.properties.Statistics?.Memory?.MemoryUsageCommitBytes, 4096);
      assert.equal(error.partial?.properties.Statistics?.Processor, undefined);
      const entry = error.partial?.report.types.Statistics;
      assert.deepEqual(
        [entry?.answeredBy, entry?.complete, entry?.absent['Processor']?.code],
        [undefined, false, 'ERR_PARSE'],
      );
      assert.equal(entry?.sources['Memory.MemoryUsageCommitBytes'], 'm1');
    }
  });

  it('rule 6: a type that is no answer is not passed for one where the query succeeds', async () => {
    const { system, job } = stage();
    job.failures.processor = failure('ERR_PARSE');
    const { properties, report } = await system.query(['Statistics', 'ProcessList']);
    assert.equal(properties.Statistics, undefined);
    assert.deepEqual(report.types.Statistics?.sources, {});
    assert.equal(report.types.Statistics?.fallback?.code, 'ERR_PARSE');
  });

  it('rule 6: nothing answered, nothing carried', async () => {
    const service = new ScriptedService();
    service.failure = failure('ERR_SERVICE');
    const { system, access } = stage({ service });
    access.failure = failure('ERR_ACCESS_DENIED');
    const error = await thrownBy(system.query(['Statistics', 'ProcessList']));
    assert.deepEqual([error.code, 'partial' in error], ['ERR_SERVICE', false]);
  });

  it('rule 6: what is no SilostatError becomes one, with its cause', async () => {
    const service = new ScriptedService();
    service.failure = new TypeError('bad answer');
    const { system } = stage({ service });
    const error = await thrownBy(system.query(['Memory', 'Limits']));
    assert.deepEqual([error.name, error.code, error.cause], ['SilostatError', 'ERR_SERVICE', service.failure]);
    assert.match(error.message, /ask HCS for "web": bad answer/);
    assert.ok(error.partial?.properties.Limits);
  });
});

describe('AbortSignal', () => {
  it('is passed on to the service', async () => {
    const service = new ScriptedService({ Memory: {} });
    const { system } = stage({ service });
    const { signal } = new AbortController();
    await system.query(['Memory'], { signal });
    assert.equal(service.calls[0]?.options?.signal, signal);
    await system.properties(['Memory'], { signal });
    assert.equal(service.calls[1]?.options?.signal, signal);
  });

  it('gives the caller his own reason back', async () => {
    const service = new ScriptedService();
    service.failure = new Error('enough');
    const { system } = stage({ service });
    await assert.rejects(system.query(['Memory'], { signal: AbortSignal.abort() }), service.failure as Error);
  });

  it('does not stand in the way of what the kernel answers', async () => {
    const { properties } = await stage().system.query(['Statistics'], { signal: AbortSignal.abort() });
    assert.ok(properties.Statistics);
  });
});

describe('the report', () => {
  it('has when it began, how long it took, and how long each type took', async () => {
    const { system, clock } = stage();
    const { report } = await system.query(['Statistics', 'ProcessList']);
    assert.deepEqual(report.startedAt, new Date(clock.wallMs));
    const parts = (report.types.Statistics?.durationMs ?? -1) + (report.types.ProcessList?.durationMs ?? -1);
    assert.ok(parts > 0 && report.durationMs >= parts);
  });
});
