/** HCS schema 2 `ProcessDetails`: one process of the container. Sizes are bytes, times 100 ns units. */
export interface ProcessDetails {
  ProcessId: number;
  /** Last component of the program's path; on Linux the kernel's `comm` (at most 15 bytes). */
  ImageName?: string;
  /** When the process was created, RFC 3339 in UTC. */
  CreateTimestamp?: string;
  UserTime100ns?: number;
  KernelTime100ns?: number;
  /** Private commit on Windows; on Linux the anonymous memory of the process, resident or swapped. */
  MemoryCommitBytes?: number;
  /** Resident memory of the process that cannot be shared. On Linux pages shared by fork count in each process. */
  MemoryWorkingSetPrivateBytes?: number;
  /** Resident memory of the process that can be shared: files, images, shared memory. */
  MemoryWorkingSetSharedBytes?: number;
}
