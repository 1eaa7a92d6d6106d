import type { ErrorCode } from './errors.ts';

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
