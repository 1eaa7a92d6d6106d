import type { Faults, Limits, LinuxFigures, ProcessTreeEntry } from './own.ts';
import type { ProcessDetails } from './process-details.ts';
import type { Statistics } from './statistics.ts';

/** HCS schema 2 `Properties`: `JSON.stringify` of it is a valid HCS document. */
export interface Properties {
  Id: string;
  /** "Container" or "VirtualMachine", as HCS spells it. */
  SystemType?: string;
  /** "Windows" or "Linux". */
  RuntimeOsType?: string;
  Name?: string;
  /** HCS: who created it. Linux: the engine in lower case (docker, containerd, podman, runc, ...). */
  Owner?: string;
  RuntimeId?: string;
  State?: string;
  Stopped?: boolean;
  ExitType?: string;
  Statistics?: Statistics;
  ProcessList?: ProcessDetails[];
  Limits?: Limits;
  Faults?: Faults;
  Linux?: LinuxFigures;
  ProcessTree?: ProcessTreeEntry[];
  /** What else the Host Compute Service answers, passed on unchanged. */
  Memory?: unknown;
  GuestMemory?: unknown;
  TerminateOnLastHandleClosed?: boolean;
  SharedMemoryRegionInfo?: unknown;
  GuestConnectionInfo?: unknown;
  ICHeartbeatStatus?: unknown;
  SystemGUID?: string;
}

/** Who a compute system is: the members that every answer begins with. */
export interface Identity {
  Id: string;
  SystemType: string;
  RuntimeOsType: string;
  Owner: string;
}
