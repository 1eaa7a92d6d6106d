import {
  JOB_OBJECT_ASSIGN_PROCESS,
  JOB_OBJECT_QUERY,
  JOB_OBJECT_SET_ATTRIBUTES,
  JOB_OBJECT_TERMINATE,
  JOBOBJECT_IO_ATTRIBUTION_CONTROL_ENABLE,
  JOBOBJECT_IO_ATTRIBUTION_INFORMATION,
  JobObjectIoAttribution,
} from './abi/job-object.ts';
import type { Handle, Win32Failure } from './call/handle.ts';
import { setJob } from './call/job.ts';
import { allocateOnce } from './call/memory.ts';
import type { Opened } from './call/object.ts';
import { createJob } from './call/object.ts';
import { withSecurityDescriptor } from './call/security.ts';
import { ntError, win32Error } from './errors.ts';
import { jobPath } from './object-name.ts';

export interface NewJob {
  /** A Win32 name, `Global\` and `Local\` included, or an NT path that begins with a backslash; none if left out. */
  readonly name?: string;
  /** Who may do what with it, in SDDL; as our token says if left out. */
  readonly security?: string;
}

const ownAccess = JOB_OBJECT_ASSIGN_PROCESS | JOB_OBJECT_SET_ATTRIBUTES | JOB_OBJECT_QUERY | JOB_OBJECT_TERMINATE;
const ioAttribution = allocateOnce(JOBOBJECT_IO_ATTRIBUTION_INFORMATION.size);

/**
 * Makes a job object with the rights to query, set, assign and terminate, and has Windows attribute I/O to it.
 * @throws SilostatError ERR_ALREADY_EXISTS: an existing job is never taken over
 */
export function makeJob(options: NewJob): Handle {
  const attempt = { operation: 'create job', subject: options.name ?? '(unnamed)' };
  const opened = make(options);
  if ('error' in opened) throw win32Error(opened, attempt);
  if (opened.handle === undefined) throw ntError('NtCreateJobObject', opened.status, attempt);
  trackStorage(opened.handle);
  return opened.handle;
}

function make({ name, security }: NewJob): Opened | Win32Failure {
  const path = name === undefined ? undefined : jobPath(name);
  if (security === undefined) return createJob(path, ownAccess);
  return withSecurityDescriptor(security, (descriptor) => createJob(path, ownAccess, descriptor));
}

/** Where Windows does not offer it (before 10), storage will be absent with its reason. */
function trackStorage(handle: Handle): void {
  const { view } = ioAttribution();
  view.setUint32(JOBOBJECT_IO_ATTRIBUTION_INFORMATION.ControlFlags, JOBOBJECT_IO_ATTRIBUTION_CONTROL_ENABLE, true);
  setJob(handle, JobObjectIoAttribution, ioAttribution());
}
