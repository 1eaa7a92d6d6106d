import { SilostatError } from '../../errors.ts';

/** A command that cannot be given to a process as it is. */
export function refused(command: string, reason: string): SilostatError {
  return new SilostatError('ERR_INVALID_ARGUMENT', { subject: command, operation: 'run', reason });
}

/** What Node can do and we cannot, in a job container on Windows. */
export function unsupported(command: string, reason: string): SilostatError {
  return new SilostatError('ERR_UNSUPPORTED', { subject: command, operation: 'run', reason });
}
