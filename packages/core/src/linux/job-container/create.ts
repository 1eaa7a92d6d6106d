import { isSilostatError, SilostatError } from '../../errors.ts';
import type { JobContainer } from '../../job-container.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import type { Hierarchies } from '../mounts.ts';
import { createJobCgroup } from './job-cgroup.ts';
import { createJobTree } from './job-tree.ts';

/**
 * Makes a job container: a cgroup, or where none may be written to a process tree. A tree has no limits: if some are asked,
 * that is an error.
 * @throws SilostatError ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED, ERR_UNSUPPORTED; nothing is left then.
 */
export async function createLinuxJob(
  options: CheckedJobOptions,
  readHierarchies: () => Hierarchies,
): Promise<JobContainer> {
  try {
    return await createJobCgroup(options, readHierarchies());
  } catch (error) {
    if (!isSilostatError(error) || !hasNoCgroup(error)) throw error;
    if (Object.keys(options.limits).length > 0) throw limitsNeedCgroup(options.id, error);
    return createJobTree(options);
  }
}

/** No hierarchy is mounted, or none may be written to. */
function hasNoCgroup({ code, operation }: SilostatError): boolean {
  return code === 'ERR_ACCESS_DENIED' || (code === 'ERR_UNSUPPORTED' && operation.startsWith('find a cgroup'));
}

function limitsNeedCgroup(id: string, cause: SilostatError): SilostatError {
  return new SilostatError(cause.code, {
    subject: id,
    operation: 'create job container',
    reason: 'a limit needs a cgroup, and no hierarchy may be written to; run as root, or without limits',
    cause,
  });
}
