import type { JobAccess, JobIdentity, Reading } from '../job.ts';
import type { LinuxFigures } from '../schema/own.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../schema/statistics.ts';
import type { Hierarchies, Hierarchy } from './mounts.ts';

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
}

/** The path of a cgroup in each hierarchy; on v1 they may differ. */
export interface CgroupPaths {
  /** The hierarchy whose processes are listed, and whose directory is the cgroup's identity. */
  readonly primary: Hierarchy;
  /** By hierarchy, as in /proc/PID/cgroup. One that is missing here has no cgroup of its own for this container. */
  readonly paths: ReadonlyMap<Hierarchy, string>;
}

/** The processes of a cgroup and its sub-cgroups, each once. */
export interface PidList {
  readonly pids: readonly number[];
  /** How many more there are in other pid namespaces, where they have no number that we could use. */
  readonly hidden: number;
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
  linux(): Reading<LinuxFigures>;
  pids(): PidList;
  identity(): JobIdentity;
  close(): void;
}

/**
 * Where a cgroup lies in each hierarchy: as a member process says, else as the engine's state file says, else at the
 * same path everywhere.
 * @throws SilostatError ERR_NOT_FOUND when it is in none, ERR_ACCESS_DENIED, ERR_PARSE.
 */
export function resolveCgroupPaths(reference: CgroupReference): CgroupPaths {
  throw new Error(`to come ${reference.path}`);
}

/**
 * The processes of one cgroup in one hierarchy, those of its sub-cgroups included. Zombies are not listed.
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_PARSE, ERR_UNSUPPORTED.
 */
export function readPids(hierarchy: Hierarchy, path: string): PidList {
  throw new Error(`to come ${hierarchy.mountPoint} ${path}`);
}

/** A cgroup as a job. Opens nothing before it is asked, and keeps the descriptors of its figure files until `close()`. */
export function openCgroupJobAccess(reference: CgroupReference): JobAccess {
  throw new Error(`to come ${reference.path}`);
}
