import type { Identity, Properties } from './schema/properties.ts';
import type { HcsPropertyType } from './schema/property-type.ts';

export interface ServiceOptions {
  signal?: AbortSignal;
}

/** Whoever can answer what the kernel cannot: HCS on Windows. It keeps no handle between calls. */
export interface ComputeService {
  /** One schema-1 query without property types. */
  identity(id: string, options?: ServiceOptions): Promise<Identity>;
  /** One schema-2 query. Members are passed on as the service wrote them. */
  properties(id: string, types: readonly HcsPropertyType[], options?: ServiceOptions): Promise<Properties>;
}
