import { SilostatError } from '../errors.ts';

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
export const ownPropertyTypes = ['Limits', 'Faults', 'Linux'] as const;

export type HcsPropertyType = (typeof hcsPropertyTypes)[number];
export type OwnPropertyType = (typeof ownPropertyTypes)[number];
export type PropertyType = HcsPropertyType | OwnPropertyType;

const known: ReadonlySet<string> = new Set([...hcsPropertyTypes, ...ownPropertyTypes]);
const own: ReadonlySet<string> = new Set(ownPropertyTypes);

export function isPropertyType(name: unknown): name is PropertyType {
  return typeof name === 'string' && known.has(name);
}

export function isOwnPropertyType(type: PropertyType): type is OwnPropertyType {
  return own.has(type);
}

/**
 * The types, each once.
 * @throws SilostatError ERR_INVALID_ARGUMENT for what is no property type.
 */
export function checkedTypes(types: readonly PropertyType[]): PropertyType[] {
  if (!Array.isArray(types)) throw invalidType(types, 'it is no array');
  for (const type of types) if (!isPropertyType(type)) throw invalidType(type, 'it is none');
  return [...new Set(types)];
}

function invalidType(type: unknown, reason: string): SilostatError {
  const subject = typeof type === 'string' ? type : typeof type;
  return new SilostatError('ERR_INVALID_ARGUMENT', {
    subject,
    operation: 'use as property type',
    reason: `${reason}; there are ${[...known].join(', ')}`,
  });
}
