/**
 * The edge cases of asking two sides and merging what they say, as other implementations met them (left), and our answer.
 *
 * | case | our answer | tested |
 * |---|---|---|
 * | no types; no types and no way to open the silo | the identity; nobody is asked | below |
 * | duplicates of Statistics; duplicates when failing | one reading; the service is asked once for it | below |
 * | only foreign types | the job is not opened | below |
 * | VM, its Statistics included; hypervisor-isolated container | the service answers all | properties-rules.test.ts, rule 2 |
 * | silo cannot be opened | the service answers; the reason is in the report | properties-rules.test.ts, rule 5 |
 * | one of the queries fails | the service is asked, our sections win; Storage leaves only itself out | below |
 * | HCS then fails too | its error, carrying what we have | properties-rules.test.ts, rule 6 |
 * | OpenProcess fails; pid reused; process exits meanwhile | counted, each as what it is | read-statistics.test.ts, rules 7 and 9 |
 * | closed System | ERR_CLOSED, whoever would answer | below, and closing.test.ts |
 * | opened or not-started System; created but not started container | start and uptime absent, never year 1 | below, and start-time.test.ts |
 * | container stopping | the service's own code goes through | below |
 * | clock changes | uptime of what we started is monotonic, never negative | start-time.test.ts |
 * | zero values | a measured 0 is written | below |
 * | case of id | as it was given at open, on both sides | below |
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ComputeSystem, type Properties, type PropertyType } from '../dist/index.js';
import { ScriptedService } from './scripted/service.ts';
import { failure, identity, stage, thrownBy } from './scripted/system.ts';

describe('2.10: no types, duplicates, foreign types', () => {
  it('2.10: no types: the identity, also where the silo could not be opened', async () => {
    const service = new ScriptedService();
    const { system, access } = stage({ service });
    access.failure = failure('ERR_ACCESS_DENIED');
    const { properties, report } = await system.query([]);
    assert.deepEqual([properties, report.notOpened, service.calls.length], [identity, undefined, 0]);
  });

  it('2.10: no types, of a VM: the identity as well, and HCS is not asked', async () => {
    const service = new ScriptedService();
    const system = new ComputeSystem({ identity, service });
    assert.deepEqual(await system.properties([]), identity);
    assert.equal(service.calls.length, 0);
  });

  it('2.10: duplicates of Statistics: one reading', async () => {
    const { system, job } = stage();
    await system.query(['Statistics', 'Statistics']);
    assert.equal(job.asked.filter((question) => question === 'memory').length, 1);
  });

  it('2.10: duplicates when failing: the kernel is asked once, and HCS gets the type once', async () => {
    const service = new ScriptedService({ Statistics: {} });
    const { system, job } = stage({ service });
    job.failures.memory = failure('ERR_PARSE');
    await system.query(['Statistics', 'Statistics']);
    assert.deepEqual(service.calls[0]?.types, ['Statistics']);
    assert.equal(job.asked.filter((question) => question === 'memory').length, 1);
  });

  it('2.10: only foreign types: the silo is not opened for nothing', async () => {
    const { system, access } = stage({ service: new ScriptedService({ Memory: {} }) });
    access.failure = failure('ERR_ACCESS_DENIED');
    const { report } = await system.query(['Memory']);
    assert.deepEqual([access.acquired, report.notOpened], [0, undefined]);
  });
});

describe('2.10: one of the queries fails', () => {
  const theirs: Properties = {
    Id: 'web',
    Statistics: {
      Timestamp: '2024-05-06T07:08:10Z',
      Memory: { MemoryUsageCommitBytes: 1, MemoryUsageCommitPeakBytes: 1, MemoryUsagePrivateWorkingSetBytes: 1 },
      Processor: { TotalRuntime100ns: 1, RuntimeUser100ns: 1, RuntimeKernel100ns: 1 },
      Storage: { ReadCountNormalized: 1, ReadSizeBytes: 1, WriteCountNormalized: 1, WriteSizeBytes: 1 },
    },
  };

  for (const [question, lacking] of [
    ['memory', { Memory: { ...theirs.Statistics?.Memory, MemoryUsagePrivateWorkingSetBytes: 2048 } }],
    ['processor', { Processor: theirs.Statistics?.Processor }],
    [
      'privateWorkingSet',
      {
        Memory: {
          MemoryUsageCommitBytes: 4096,
          MemoryUsageCommitPeakBytes: 8192,
          MemoryUsagePrivateWorkingSetBytes: 1,
        },
      },
    ],
  ] as const) {
    it(`2.10: ${question}: HCS is asked for Statistics and gives that part; the rest stays ours`, async () => {
      const ours = await stage().system.properties(['Statistics']);
      const { system, job } = stage({ service: new ScriptedService(theirs) });
      job.failures[question] = failure('ERR_PARSE');
      const { properties, report } = await system.query(['Statistics']);
      assert.deepEqual(properties.Statistics, { ...ours.Statistics, ...lacking });
      assert.deepEqual([report.types.Statistics?.answeredBy, report.types.Statistics?.complete], ['service', true]);
    });
  }

  it('2.10: storage: only Storage is left out, and HCS is not asked', async () => {
    const service = new ScriptedService(theirs);
    const { system, job } = stage({ service });
    job.failures.storage = failure('ERR_PARSE');
    const { properties } = await system.query(['Statistics']);
    assert.deepEqual(Object.keys(properties.Statistics ?? {}), ['Timestamp', 'Processor', 'Memory']);
    assert.equal(service.calls.length, 0);
  });

  it('2.10: storage that is left out is filled in where HCS was asked for something else of Statistics', async () => {
    const { system, job } = stage({ service: new ScriptedService(theirs) });
    job.failures.storage = failure('ERR_PARSE');
    job.failures.memory = failure('ERR_PARSE');
    const { properties, report } = await system.query(['Statistics']);
    assert.equal(properties.Statistics?.Storage?.ReadSizeBytes, 1);
    assert.deepEqual(
      [report.types.Statistics?.absent['Storage'], report.types.Statistics?.complete],
      [undefined, true],
    );
  });
});

describe('2.10: closed, not started, stopping', () => {
  it('2.10: closed System: ERR_CLOSED, not ERR_NOT_FOUND, whether the kernel or HCS would answer', async () => {
    const { system } = stage({ service: new ScriptedService({ Memory: {} }) });
    system.close();
    for (const types of [['Statistics'], ['Memory'], ['Statistics', 'Memory']] as PropertyType[][]) {
      assert.equal((await thrownBy(system.query(types))).code, 'ERR_CLOSED');
    }
  });

  it('2.10: created but not started: the silo answers, without start time and uptime', async () => {
    const service = new ScriptedService();
    const { system, job } = stage({ service });
    job.processorReading = {
      values: { TotalRuntime100ns: 0, RuntimeUser100ns: 0, RuntimeKernel100ns: 0 },
      sources: {},
    };
    job.residentReading = {
      values: 0,
      sources: {},
      processes: { listed: 0, read: 0, gone: 0, denied: 0, reused: 0, unreadable: 0 },
    };
    const { properties, report } = await system.query(['Statistics']);
    assert.equal('Uptime100ns' in (properties.Statistics ?? {}), false);
    assert.equal('ContainerStartTime' in (properties.Statistics ?? {}), false);
    assert.deepEqual([report.types.Statistics?.complete, service.calls.length], [true, 0]);
  });

  it('2.10: container stopping: what HCS says goes through', async () => {
    for (const code of ['ERR_NOT_FOUND', 'ERR_ACCESS_DENIED', 'ERR_SERVICE'] as const) {
      const service = new ScriptedService();
      service.failure = failure(code);
      const { system, access } = stage({ service });
      access.failure = failure('ERR_NOT_FOUND', 'no silo');
      assert.equal(await thrownBy(system.query(['Statistics'])), service.failure);
    }
  });
});

describe('2.10: values and names', () => {
  it('2.10: zero values: a measured 0 is written, and what HCS says does not replace it', async () => {
    const service = new ScriptedService({
      Statistics: { Processor: { TotalRuntime100ns: 5 }, Storage: { ReadSizeBytes: 5 } },
    });
    const { system, job } = stage({ service });
    job.processorReading = { values: { TotalRuntime100ns: 0 }, sources: {} };
    job.storageReading = { values: { ReadSizeBytes: 0 }, sources: {} };
    job.failures.memory = failure('ERR_PARSE');
    const written = JSON.stringify(await system.properties(['Statistics']));
    assert.match(written, /"Processor":\{"TotalRuntime100ns":0\}/);
    assert.match(written, /"Storage":\{"ReadSizeBytes":0\}/);
  });

  it('2.10: case of id: as it was given at open, in the document and towards HCS, whatever HCS answers', async () => {
    const service = new ScriptedService({ Id: 'web-1', Memory: {} });
    const { system } = stage({ service, identity: { ...identity, Id: 'Web-1' } });
    assert.equal((await system.properties(['Memory'])).Id, 'Web-1');
    assert.equal(service.calls[0]?.id, 'Web-1');
  });

  it('6.3: Owner, SystemType and RuntimeOsType are spelled alike whether HCS was asked or not', async () => {
    const service = new ScriptedService({
      SystemType: 'container',
      RuntimeOsType: 'windows',
      Owner: 'docker',
      Memory: {},
    });
    const { system } = stage({ service });
    for (const types of [['Statistics'], ['Memory'], ['Statistics', 'Memory']] as PropertyType[][]) {
      const { SystemType, RuntimeOsType, Owner } = await system.properties(types);
      assert.deepEqual({ Id: identity.Id, SystemType, RuntimeOsType, Owner }, identity);
    }
  });

  it('what else HCS says of the container is passed on', async () => {
    const service = new ScriptedService({ Memory: {}, Name: 'n', RuntimeId: 'r', Stopped: false });
    const properties = await stage({ service }).system.properties(['Memory']);
    assert.deepEqual(properties, {
      ...identity,
      State: 'Running',
      Name: 'n',
      RuntimeId: 'r',
      Stopped: false,
      Memory: {},
    });
  });
});

describe('JSON.stringify(properties)', () => {
  /** Every member name of a document, at any depth. */
  function namesIn(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(namesIn);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, member]) => [name, ...namesIn(member)]);
  }

  it('has no other member names than those of HCS', async () => {
    const { system, job } = stage();
    job.oldest = 17_149_000_000_000_000n;
    const written = JSON.parse(JSON.stringify(await system.properties(['Statistics', 'ProcessList'])));
    assert.deepEqual(
      new Set(namesIn(written)),
      new Set([
        'Id',
        'SystemType',
        'RuntimeOsType',
        'Owner',
        'Statistics',
        'Timestamp',
        'ContainerStartTime',
        'Uptime100ns',
        'Processor',
        'TotalRuntime100ns',
        'RuntimeUser100ns',
        'RuntimeKernel100ns',
        'Memory',
        'MemoryUsageCommitBytes',
        'MemoryUsageCommitPeakBytes',
        'MemoryUsagePrivateWorkingSetBytes',
        'Storage',
        'ReadCountNormalized',
        'ReadSizeBytes',
        'WriteCountNormalized',
        'WriteSizeBytes',
        'ProcessList',
        'ProcessId',
        'ImageName',
      ]),
    );
  });

  it('has numbers and strings only: a BigInt or a Date would be refused or change its form', async () => {
    const { system, job } = stage();
    job.oldest = 17_149_000_000_000_000n;
    const properties = await system.properties(['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux']);
    assert.deepEqual(JSON.parse(JSON.stringify(properties)), properties);
  });
});
