import { JobObject } from './job-object.ts';
import { checkContainerId } from './object-name.ts';

/** NT path of a container's silo, in the root of the object namespace. */
function path(containerId: string): string {
  return `\\Container_${checkContainerId(containerId)}`;
}

/** Opens it for reading. */
function open(containerId: string): JobObject {
  return JobObject.open(path(containerId));
}

/**
 * The job object of a process-isolated Windows container. Only SYSTEM may open one.
 * Both functions throw a SilostatError: ERR_INVALID_ARGUMENT for a bad id; `open` also ERR_NOT_FOUND, ERR_ACCESS_DENIED.
 */
export const Silo: { readonly path: typeof path; readonly open: typeof open } = { path, open };
