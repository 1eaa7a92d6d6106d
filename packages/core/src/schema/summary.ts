/** One compute system in a list: who it is, not what it uses. Members that nobody could tell are absent. */
export interface ComputeSystemSummary {
  Id: string;
  /** Names that people call it by; empty where there are none. */
  Names: string[];
  /** "Container" or "VirtualMachine"; on Linux also "Service" (a systemd unit) and "Cgroup" with `all`. */
  SystemType: string;
  /** "Windows" or "Linux". */
  RuntimeOsType: string;
  /** HCS: as it says. Linux: docker, containerd, cri-o, podman, runc, crun, lxc, systemd, silostat, or "" when unknown. */
  Owner: string;
  /** "Running", "Paused", "Created", "Stopped" or "Unknown". */
  State: string;
  Image?: string;
  Pod?: { Name?: string; Namespace?: string; Uid?: string };
  Labels?: Record<string, string>;
  /**
   * Linux: why Names, Image or Labels are not told, by member: what an engine keeps in its database alone, or a state file
   * that could not be used.
   */
  Absent?: Record<string, string>;
  /** Living processes, those of nested groups included. */
  ProcessCount?: number;
  /** RFC 3339 in UTC. */
  StartTime?: string;
  /** Linux: as in /proc/PID/cgroup. */
  CgroupPath?: string;
  /** Windows: the job object's name. */
  JobName?: string;
  /** Windows: false when neither SYSTEM nor an administrator owns the job object of that name. */
  Verified?: boolean;
}
