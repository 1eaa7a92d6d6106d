import type { ComputeService } from './compute-service.ts';
import type { JobAccess, JobIdentity } from './job.ts';
import type { QueryResult } from './report.ts';
import type { Identity, Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import type { Clock, StartTime } from './start-time.ts';

/** What a compute system is made of; the hosts put it together. */
export interface ComputeSystemParts {
  identity: Identity;
  /** Names that people call it by. */
  names?: readonly string[];
  /** Absent: the kernel has nothing on it (a VM). */
  jobs?: JobAccess;
  /** Absent: there is nobody to ask beside the kernel. */
  service?: ComputeService;
  startTime?: StartTime;
  clock?: Clock;
}

export interface QueryOptions {
  /** Ends a call of the service; the kernel's answers come at once. */
  signal?: AbortSignal;
}

/** A container (or a VM) as its users know it. */
export declare class ComputeSystem {
  readonly identity: Identity;
  readonly names: readonly string[];
  constructor(parts: ComputeSystemParts);
  get id(): string;
  properties(types: readonly PropertyType[], options?: QueryOptions): Promise<Properties>;
  query(types: readonly PropertyType[], options?: QueryOptions): Promise<QueryResult>;
  jobIdentity(): JobIdentity | undefined;
  close(): void;
  [Symbol.dispose](): void;
}
