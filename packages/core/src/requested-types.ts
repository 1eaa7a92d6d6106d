import { SilostatError } from './errors.ts';
import type { PropertyType } from './schema/property-type.ts';
import { hcsPropertyTypes, isPropertyType, ownPropertyTypes } from './schema/property-type.ts';

/**
 * The types, each once.
 * @throws SilostatError ERR_INVALID_ARGUMENT for what is no property type.
 */
export function checkedTypes(types: readonly PropertyType[]): PropertyType[] {
  if (!Array.isArray(types)) throw invalidType(types, 'it is no array');
  for (const type of types) if (!isPropertyType(type)) throw invalidType(type, 'it is none');
  return types.length === 1 ? [...types] : [...new Set(types)];
}

function invalidType(type: unknown, reason: string): SilostatError {
  const subject = typeof type === 'string' ? type : typeof type;
  return new SilostatError('ERR_INVALID_ARGUMENT', {
    subject,
    operation: 'use as property type',
    reason: `${reason}; there are ${[...hcsPropertyTypes, ...ownPropertyTypes].join(', ')}`,
  });
}
