import { isSilostatError, SilostatError } from '../../errors.ts';
import type { JobContainer } from '../../job-container.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import type { Hierarchies } from '../mounts.ts';
import { createJobCgroup } from './job-cgroup.ts';
import { askForScope, createJobScope, isRuledBySystemd } from './job-scope.ts';
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
    const hierarchies = readHierarchies();
    return await (isRuledBySystemd(hierarchies) ? createJobScope : createJobCgroup)(options, hierarchies);
  } catch (error) {
    if (!isSilostatError(error) || !hasNoCgroup(error)) throw error;
    if (Object.keys(options.limits).length > 0) throw limitsNeedCgroup(options.id, error);
    return createJobTree(options);
  }
}

/** No hierarchy is mounted, none may be written to, or systemd gives us none. */
function hasNoCgroup({ code, operation }: SilostatError): boolean {
  if (code === 'ERR_ACCESS_DENIED') return true;
  return code === 'ERR_UNSUPPORTED' && (operation.startsWith('find a cgroup') || operation === askForScope);
}

function limitsNeedCgroup(id: string, cause: SilostatError): SilostatError {
  return new SilostatError(cause.code, {
    subject: id,
    operation: 'create job container',
    reason: `a limit needs a cgroup, and there is none for us (${cause.reason}); run as root, or without limits`,
    cause,
  });
}
