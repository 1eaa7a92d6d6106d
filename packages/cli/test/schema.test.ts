import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { validated } from './support/schema.ts';

interface Generator {
  schemas(): Record<string, object>;
  schemaText(schema: object): string;
}

const root = new URL('../../../', import.meta.url);
const generator = (await import(new URL('scripts/schemas.mjs', root).href)) as Generator;
const expected = generator.schemas();

describe('docs/schema', () => {
  it('has a file per output', () => {
    assert.deepEqual(readdirSync(new URL('docs/schema/', root)).sort(), Object.keys(expected).sort());
  });

  for (const [name, schema] of Object.entries(expected)) {
    it(`${name} is what the field catalogue makes of it; else run \`node scripts/schemas.mjs\``, () => {
      const text = readFileSync(new URL(`docs/schema/${name}`, root), 'utf8').replaceAll('\r\n', '\n');
      assert.equal(text, generator.schemaText(schema));
    });
  }
});

/** A virtual machine's document with all that HCS documents, and a container's with the kernel's figures. */
const machine = {
  Id: 'vm',
  SystemType: 'VirtualMachine',
  RuntimeOsType: '',
  Owner: 'Me',
  State: 'Running',
  RuntimeId: '00000000-0000-0000-0000-000000000000',
  Memory: {
    VirtualNodeCount: 1,
    VirtualMachineMemory: {
      AvailableMemory: 90,
      AvailableMemoryBuffer: -1,
      ReservedMemory: 0,
      AssignedMemory: 262144,
      SlpActive: false,
      BalancingEnabled: false,
      DmOperationInProgress: false,
    },
    VirtualNodes: [
      { VirtualNodeIndex: 0, PhysicalNodeNumber: 0, VirtualProcessorCount: 2, MemoryUsageInPages: 262144 },
    ],
  },
  SharedMemoryRegionInfo: [{ SectionName: 'x', GuestPhysicalAddress: 4096 }],
  GuestConnectionInfo: { SupportedSchemaVersions: [{ Major: 2, Minor: 1 }], ProtocolVersion: 4 },
  ICHeartbeatStatus: { IsEnabled: true, Reason: 'Enabled', State: 'OkApplicationsHealthy' },
  TerminateOnLastHandleClosed: true,
};
const container = {
  Id: 'web',
  Statistics: { Timestamp: '2026-01-02T03:04:05.6789012Z', Memory: { MemoryUsageCommitBytes: 4096 } },
  ProcessList: [{ ProcessId: 4, ImageName: 'a.exe', UserTime100ns: 1 }],
};

describe('the schema of a document', () => {
  it('takes what HCS and the kernel answer', () => {
    for (const document of [machine, container]) validated('properties', JSON.stringify(document));
  });

  /** The text of a document, and what it becomes: each of these is wrong by one word. */
  const wrongs: [string, object, string, string][] = [
    ['a misspelled member', container, 'MemoryUsageCommitBytes', 'MemoryUsageCommitByte'],
    ['a misspelled section', container, '"Memory"', '"memory"'],
    ['a misspelled member of a virtual machine', machine, 'AssignedMemory', 'AssignedMemoryBytes'],
    ['a fraction', container, ':4096', ':4096.5'],
    ['a fraction of a page', machine, ':262144', ':262144.5'],
    ['a number given as text', container, ':4096', ':"4096"'],
    ['a negative size', container, ':4096', ':-1'],
    ['a process without an id', container, '"ProcessId":4,', ''],
    ['a document without an id', container, '"Id":"web",', ''],
    ['a time without a zone', container, '2Z"', '2"'],
    ['a state that HCS does not have', machine, '"Running"', '"running"'],
    ['a schema version without its minor part', machine, ',"Minor":1', ''],
  ];
  for (const [what, document, from, to] of wrongs) {
    it(`refuses ${what}`, () => {
      const text = JSON.stringify(document);
      assert.ok(text.includes(from));
      assert.throws(() => validated('properties', text.replace(from, to)), /not a valid properties document/);
    });
  }
});
