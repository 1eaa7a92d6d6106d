import type { ErrorCode } from '../errors.ts';
import { NativeError, SilostatError } from '../errors.ts';

/** What each errno of a file operation means to the caller. What is not listed is ERR_SERVICE: the system failed. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ERR_NOT_FOUND',
  ENODEV: 'ERR_NOT_FOUND',
  ENOTDIR: 'ERR_NOT_FOUND',
  ESRCH: 'ERR_NOT_FOUND',
  EACCES: 'ERR_ACCESS_DENIED',
  EPERM: 'ERR_ACCESS_DENIED',
  EROFS: 'ERR_ACCESS_DENIED',
  EEXIST: 'ERR_ALREADY_EXISTS',
  EOPNOTSUPP: 'ERR_UNSUPPORTED',
  ENOTSUP: 'ERR_UNSUPPORTED',
  ENOSYS: 'ERR_UNSUPPORTED',
  EINVAL: 'ERR_UNSUPPORTED',
  ENAMETOOLONG: 'ERR_INVALID_ARGUMENT',
  ETIMEDOUT: 'ERR_TIMEOUT',
};

/** "ENOENT", ... of whatever node:fs or process.kill threw; undefined when it is no system error. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && code.startsWith('E') && !code.startsWith('ERR_') ? code : undefined;
}

export function codeOfErrno(symbol: string | undefined): ErrorCode {
  return (symbol === undefined ? undefined : codes[symbol]) ?? 'ERR_SERVICE';
}

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
