/** The property types of HCS schema 2, as they are written on the wire. */
export const hcsPropertyTypes = [
  'Memory',
  'GuestMemory',
  'Statistics',
  'ProcessList',
  'TerminateOnLastHandleClosed',
  'SharedMemoryRegion',
  'ContainerCredentialGuard',
  'GuestConnection',
  'ICHeartbeatStatus',
  'ProcessorTopology',
  'CpuGroup',
  'SystemGUID',
] as const;

/** Property types of our own, for what the kernel knows and HCS has no name for. Never sent to the service. */
export const ownPropertyTypes = ['Limits', 'Faults', 'Linux', 'ProcessTree'] as const;

export type HcsPropertyType = (typeof hcsPropertyTypes)[number];
export type OwnPropertyType = (typeof ownPropertyTypes)[number];
export type PropertyType = HcsPropertyType | OwnPropertyType;

const known: ReadonlySet<string> = new Set([...hcsPropertyTypes, ...ownPropertyTypes]);
const own: ReadonlySet<string> = new Set(ownPropertyTypes);

export function isPropertyType(name: unknown): name is PropertyType {
  return typeof name === 'string' && known.has(name);
}

/** True for what the service can be asked for. */
export function isHcsPropertyType(type: PropertyType): type is HcsPropertyType {
  return !own.has(type);
}
