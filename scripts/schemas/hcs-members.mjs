// What a Properties document has beside our figures: members that only the Host Compute Service writes, as its schema 2 has
// them. https://learn.microsoft.com/virtualization/api/hcs/schemareference#Properties
const string = { type: 'string' };
const boolean = { type: 'boolean' };
const integer = { type: 'integer' };
const count = { type: 'integer', minimum: 0 };

function object(properties, required = []) {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

const list = (items) => ({ type: 'array', items });

const virtualMachineMemory = object({
  AvailableMemory: integer,
  AvailableMemoryBuffer: integer,
  ReservedMemory: { ...count, description: 'Pages of 4 KiB.' },
  AssignedMemory: { ...count, description: 'Pages of 4 KiB.' },
  SlpActive: boolean,
  BalancingEnabled: boolean,
  DmOperationInProgress: boolean,
});

const virtualNode = object({
  VirtualNodeIndex: count,
  PhysicalNodeNumber: count,
  VirtualProcessorCount: count,
  MemoryUsageInPages: count,
});

const schemaVersion = object({ Major: count, Minor: count }, ['Major', 'Minor']);

/** Who a system is and how it fares, in the words of HCS. */
export const stateMembers = {
  Name: string,
  RuntimeId: string,
  RuntimeTemplateId: string,
  HostingSystemId: string,
  State: { enum: ['Created', 'Running', 'Paused', 'Stopped', 'SavedAsTemplate', 'Unknown'] },
  Stopped: boolean,
  ExitType: { enum: ['None', 'GracefulExit', 'ForcedExit', 'UnexpectedExit', 'Unknown'] },
};

/** The members of its property types, but for those that the kernel answers as well. `true`: documented nowhere. */
export const answerMembers = {
  Memory: object({
    VirtualNodeCount: count,
    VirtualMachineMemory: virtualMachineMemory,
    VirtualNodes: list(virtualNode),
  }),
  GuestMemory: true,
  TerminateOnLastHandleClosed: boolean,
  SharedMemoryRegionInfo: list(object({ SectionName: string, GuestPhysicalAddress: count })),
  ContainerCredentialGuard: true,
  GuestConnectionInfo: object({
    SupportedSchemaVersions: list(schemaVersion),
    ProtocolVersion: count,
    GuestDefinedCapabilities: true,
  }),
  ICHeartbeatStatus: object({ IsEnabled: boolean, Reason: string, State: string }),
  ProcessorTopology: true,
  CpuGroup: true,
  SystemGUID: string,
  PropertyResponses: true,
};
