/** A proc file system: what it says of processes, and of the host. */
export class ProcFs {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The cgroups of a process: by controller on v1 (`memory`, `name=systemd`), by the empty name on v2. */
  cgroupsOf(pid: number): ReadonlyMap<string, string> {
    throw new Error(`to come ${pid}`);
  }

  /** When a process was created, in 100 ns since 1970-01-01 UTC. */
  createTime(pid: number): bigint {
    throw new Error(`to come ${pid}`);
  }
}
