import type { CleanOptions, Leftover } from '../../host.ts';
import type { Hierarchies } from '../mounts.ts';
import { JobDirectories } from './job-directories.ts';
import { allPids, endAll } from './job-end.ts';
import { LockFile } from './lock-file.ts';

/**
 * Ends and removes what killed silostats left behind: job containers whose lock nobody holds, and of them only the cgroups
 * that still are those that were made.
 * @throws SilostatError
 */
export async function cleanLeftovers(hierarchies: Hierarchies, { dryRun = false }: CleanOptions): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  const abandoned = LockFile.takeAbandoned();
  try {
    for (const lock of abandoned) {
      const { id } = lock;
      const directories = JobDirectories.of(hierarchies, lock.remaining);
      const [path] = directories.paths.values();
      if (path !== undefined) leftovers.push({ id, path, processCount: allPids(directories).size });
      if (dryRun) continue;
      await endAll(directories, id);
      await directories.remove(id);
      lock.remove();
    }
  } finally {
    for (const lock of abandoned) lock.letGo();
  }
  return leftovers;
}
