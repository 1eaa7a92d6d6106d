import type { JobIdentity, Reading } from '../../job.ts';
import type { Reason } from '../../report.ts';
import type { Faults, Limits, LinuxFigures } from '../../schema/own.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import type { PidList } from './pids.ts';

/** Which cgroups a container has had that is followed; what is made at the same paths when it has gone is another. */
export interface CgroupsSeen {
  has(hierarchy: Hierarchy): boolean;
  /** True also of one that was not seen yet. */
  isIts(hierarchy: Hierarchy, inode: bigint): boolean;
}

/** Which cgroup is meant. */
export interface CgroupReference {
  readonly hierarchies: Hierarchies;
  /** As in /proc/PID/cgroup (`/docker/<id>`): in v2's line, or in that of any v1 controller. */
  readonly path: string;
  /**
   * What the engine's state file says where each controller's cgroup is, likewise as in /proc/PID/cgroup: by v1
   * controller, by the empty name for v2. Asked where no member process tells.
   */
  readonly enginePaths?: ReadonlyMap<string, string>;
  /** True when `enginePaths` names every cgroup that was made: then a hierarchy that it lacks has none, and none is missed. */
  readonly hasAllPaths?: boolean;
  /**
   * True where root's runtime wrote down where all its cgroups are, and this one among them: those that `enginePaths` does not
   * name are at the same path. As long as they are there, no member process needs to be asked.
   */
  readonly isWrittenDown?: boolean;
  /** Where given, what is not its is not there. */
  readonly seen?: CgroupsSeen;
}

/** The path of a cgroup in each hierarchy; on v1 they may differ. */
export interface CgroupPaths {
  /** The hierarchy whose processes are listed, and whose directory is the cgroup's identity. */
  readonly primary: Hierarchy;
  /** By hierarchy, as in /proc/PID/cgroup. */
  readonly paths: ReadonlyMap<Hierarchy, string>;
  /** Why the other hierarchies have no cgroup of this container. */
  readonly reasons: ReadonlyMap<Hierarchy, Reason>;
}

/** The property types that HCS does not have, as far as the cgroup itself tells. */
export interface OwnReadings {
  limits(): Reading<Limits>;
  faults(): Reading<Faults>;
  linux(): Reading<LinuxFigures>;
}

/** One cgroup, open for reading: version 1, version 2, and both side by side implement it. */
export interface Cgroup {
  /** "cgroup v1", "cgroup v2", "cgroup v1 + v2". */
  readonly kind: string;
  memory(): Reading<MemoryStatistics>;
  /** Resident anonymous memory in bytes, in one read whatever the number of processes. */
  anonymousMemory(): Reading<number>;
  processor(): Reading<ProcessorStatistics>;
  storage(): Reading<StorageStatistics>;
  /** What HCS has no name for: limits, faults, and the kernel's own figures. */
  readonly own: OwnReadings;
  pids(): PidList;
  /** Tells from a process's /proc/PID/cgroup whether it is in this cgroup, or below it. */
  holds(cgroups: ReadonlyMap<string, string>): boolean;
  /** @param hasAnswered in the same query: then it was there, and is not looked for again where its own files told */
  identity(hasAnswered: boolean): JobIdentity;
  /** Gives its descriptors back until it is read again. */
  letGo(): void;
  close(): void;
}

export { openCgroupJobAccess } from './cgroup-job.ts';
export { resolveCgroupPaths } from './cgroup-paths.ts';
export { isRead } from './cgroup-places.ts';
export { isPopulated } from './open-cgroup.ts';
export type { PidList } from './pids.ts';
export { readPids } from './pids.ts';
