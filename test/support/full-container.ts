import { writeFileSync } from 'node:fs';
import { cgroupFolder } from './cgroup-files.ts';
import type { LoopDisk } from './loop-disk.ts';
import type { ContainerOptions, RuncContainer, RuncEngine } from './runc-container.ts';

/** Where a container finds the disk that it was given. */
export const diskInside = '/dev/test-disk';

/** Lets v1 count what this disk does, for good. The rule is far above what the disk can do; v2 counts without one. */
export function setThrottleRule(
  { cgroups }: { cgroups: ReadonlyMap<string, string> },
  { major, minor }: LoopDisk,
): void {
  const folder = cgroupFolder(cgroups, 'blkio');
  if (folder !== undefined)
    writeFileSync(`${folder}/blkio.throttle.write_bps_device`, `${major}:${minor} ${2 ** 40}\n`);
}

/** A container that has every figure: three processes, and a disk whose work is counted and that has worked. */
export async function startFullContainer(
  engine: RuncEngine,
  disk: LoopDisk,
  options: ContainerOptions = {},
): Promise<RuncContainer> {
  const container = await engine.start({ ...options, devices: [{ ...disk, path: diskInside }] });
  setThrottleRule(container, disk);
  await container.workload.write(1, diskInside);
  await container.workload.fork(2);
  return container;
}
