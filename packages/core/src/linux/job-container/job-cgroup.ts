import { ComputeSystem } from '../../compute-system.ts';
import type { JobContainer } from '../../job-container.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import { startingNow } from '../../start-time.ts';
import { openCgroupJobAccess } from '../cgroup/cgroup.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { JobDirectories } from './job-directories.ts';
import { allPids, endAll, waitUntilEmpty } from './job-end.ts';
import type { ProcessHold } from './linux-job.ts';
import { LinuxJob } from './linux-job.ts';
import { Ownership } from './ownership.ts';
import { ProcessStarts } from './process-starts.ts';

/**
 * Makes a job container: the cgroup `/silostat/<id>`.
 * @throws SilostatError ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED, ERR_UNSUPPORTED; nothing is left then.
 */
export async function createJobCgroup(options: CheckedJobOptions, hierarchies: Hierarchies): Promise<JobContainer> {
  const { id } = options;
  const ownership = Ownership.take(id);
  try {
    const directories = JobDirectories.make(hierarchies, options, (directory) => ownership.made(directory));
    const hold = holdOf(directories, id);
    const starts = new ProcessStarts(options.countProcesses);
    return new LinuxJob({ id, system: systemOf(id, directories.paths, hierarchies), hold, ownership, starts });
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

export function holdOf(directories: JobDirectories, id: string): ProcessHold {
  return {
    admit: (pid) => directories.join(pid, id),
    pids: () => allPids(directories),
    waitUntilEmpty: (abandon) => waitUntilEmpty(directories, abandon),
    endAll: () => endAll(directories, id),
    remove: () => directories.remove(id),
  };
}

export function systemOf(id: string, paths: ReadonlyMap<Hierarchy, string>, hierarchies: Hierarchies): ComputeSystem {
  const enginePaths = new Map<string, string>();
  for (const [{ version, controllers }, path] of paths) {
    for (const controller of version === 2 ? [''] : controllers) enginePaths.set(controller, path);
  }
  const [path = ''] = paths.values();
  return new ComputeSystem({
    identity: { Id: id, SystemType: 'Container', RuntimeOsType: 'Linux', Owner: 'silostat' },
    jobs: openCgroupJobAccess({ hierarchies, path, enginePaths, hasAllPaths: true }),
    startTime: startingNow('the clock when the job container was made'),
  });
}
