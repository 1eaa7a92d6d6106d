import type { Absences } from './report.ts';
import type { Properties } from './schema/properties.ts';
import type { HcsPropertyType } from './schema/property-type.ts';

export interface ServiceOptions {
  signal?: AbortSignal;
}

export interface ServiceAnswer {
  /** Members as the service wrote them. */
  document: Properties;
  /** Members that it wrote and that could not be taken over, by path in the document ("Statistics.Memory.X"). */
  absent?: Absences;
}

/** Whoever can answer what the kernel cannot: HCS on Windows. It keeps no handle between calls. */
export interface ComputeService {
  /** How a report names it. */
  readonly name: string;
  /** One schema-2 query. */
  properties(id: string, types: readonly HcsPropertyType[], options?: ServiceOptions): Promise<ServiceAnswer>;
}
