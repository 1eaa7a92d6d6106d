import { codeOfErrno, errnoOf } from '../errno.ts';
import { NativeError, SilostatError } from '../errors.ts';

/** True when the file, the process or the whole cgroup is no longer there. */
export function isGoneErrno(symbol: string | undefined): boolean {
  return codeOfErrno(symbol) === 'ERR_NOT_FOUND';
}

export function isDeniedErrno(symbol: string | undefined): boolean {
  return codeOfErrno(symbol) === 'ERR_ACCESS_DENIED';
}

/** What the system answered, as the cause of a SilostatError. */
export function nativeError(error: unknown, path: string): NativeError {
  const { errno, syscall } = error as NodeJS.ErrnoException;
  return new NativeError(`${syscall ?? 'call'} ${path}`, 'errno', Math.abs(errno ?? 0), errnoOf(error));
}

/**
 * A failed file operation as a SilostatError. `operation` is a verb phrase, `subject` what it was about.
 * Anything but a system error is handed back as it is.
 */
export function systemError(error: unknown, operation: string, subject: string, path: string = subject): unknown {
  const symbol = errnoOf(error);
  if (symbol === undefined) return error;
  const cause = nativeError(error, path);
  return new SilostatError(codeOfErrno(symbol), { subject, operation, reason: cause.message, cause });
}
