import type { SpawnOptions } from 'node:child_process';
import { NativeError, SilostatError } from '../../errors.ts';
import {
  CREATE_NEW_PROCESS_GROUP,
  CREATE_NO_WINDOW,
  DETACHED_PROCESS,
  SW_HIDE,
  SW_SHOWDEFAULT,
} from '../abi/process-creation.ts';
import * as status from '../abi/status.ts';
import type { CreatedProcess } from '../call/create-process.ts';
import type { Win32Failure } from '../call/handle.ts';
import { closeHandle } from '../call/handle.ts';
import { terminateProcess } from '../call/process.ts';
import { win32Error } from '../errors.ts';
import type { JobObject } from '../job-object.ts';
import { JobObjectProcess, killedCode } from './job-object-process.ts';
import type { Launch } from './launch.ts';
import { launchOf } from './launch.ts';
import { unsupported } from './refused.ts';
import { Stdio, stdioEntries } from './stdio.ts';

/** What CreateProcess says of a file that it cannot, or may not, execute. */
const notExecutable: readonly number[] = [
  status.ERROR_ACCESS_DENIED,
  status.ERROR_BAD_EXE_FORMAT,
  status.ERROR_EXE_MACHINE_TYPE_MISMATCH,
  status.ERROR_ELEVATION_REQUIRED,
  status.ERROR_ACCESS_DISABLED_BY_POLICY,
];
const notThere: readonly number[] = [status.ERROR_FILE_NOT_FOUND, status.ERROR_PATH_NOT_FOUND];

/**
 * Starts a command inside a job object.
 * @throws SilostatError about the command (see JobContainer.spawn), or about the job `id`. Nothing is left then.
 */
export function spawnInJob(
  job: JobObject,
  id: string,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): JobObjectProcess {
  if (options.uid !== undefined || options.gid !== undefined) {
    throw unsupported(command, 'Windows has no user and group ids');
  }
  const entries = stdioEntries(command, options.stdio);
  const launch = launchOf(command, args, options);
  const stdio = new Stdio(command, entries);
  try {
    const isInherited = entries.some((entry) => typeof entry !== 'string');
    const created = start(job, launch, stdio, appearance(options, isInherited));
    if ('error' in created) throw startError(id, command, created);
    const child = adopt(created, stdio, command, args);
    stdio.closeHandles();
    return child;
  } catch (error) {
    stdio.abandon();
    throw error;
  }
}

type Appearance = Readonly<Record<'flags' | 'showWindow', number>>;

/** As Node does it: no console window is made where nobody asked to see one, if the streams do not need it. */
function appearance({ detached = false, windowsHide = false }: SpawnOptions, isInherited: boolean): Appearance {
  const hidden = windowsHide && !isInherited ? CREATE_NO_WINDOW : 0;
  const flags = detached ? DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP : hidden;
  return { flags, showWindow: windowsHide ? SW_HIDE : SW_SHOWDEFAULT };
}

function start(job: JobObject, launch: Launch, { handles }: Stdio, look: Appearance): CreatedProcess | Win32Failure {
  const [input, output, error] = handles;
  if (input === undefined || output === undefined || error === undefined) throw new TypeError('a stream is missing');
  return job.start({ ...launch, ...look, stdio: [input, output, error] });
}

/** A process that we could not wait for is not left running. */
function adopt(created: CreatedProcess, { sockets }: Stdio, spawnfile: string, args: readonly string[]) {
  try {
    return new JobObjectProcess({ created, sockets, spawnfile, spawnargs: [spawnfile, ...args] });
  } catch (error) {
    terminateProcess(created.process, killedCode);
    closeHandle(created.process);
    throw error;
  }
}

/** What is about the command has it as the subject; everything else is about the job. */
function startError(id: string, command: string, failure: Win32Failure): SilostatError {
  const cause = new NativeError(failure.api, 'win32', failure.error);
  const about = (code: 'ERR_NOT_FOUND' | 'ERR_ACCESS_DENIED', reason: string) =>
    new SilostatError(code, { subject: command, operation: 'run', reason: `${reason} (${cause.message})`, cause });
  if (notThere.includes(failure.error)) return about('ERR_NOT_FOUND', 'there is no such file any more');
  if (notExecutable.includes(failure.error)) return about('ERR_ACCESS_DENIED', 'Windows does not execute it');
  const attempt = { operation: 'put a process into job container', subject: id };
  if (failure.error !== status.ERROR_NOT_ENOUGH_QUOTA) return win32Error(failure, attempt);
  const reason = `its limit of processes is reached (${cause.message})`;
  return new SilostatError('ERR_UNSUPPORTED', { ...attempt, reason, cause });
}
