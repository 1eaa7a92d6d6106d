import { SilostatError } from '../errors.ts';
import { sessionOfProcess } from './call/process.ts';
import { win32Error } from './errors.ts';

/** What engines allow in a container's id. Nothing of it means anything in an object's path. */
const idShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

const globalPrefix = 'Global\\';
const localPrefix = 'Local\\';
export const globalDirectory = '\\BaseNamedObjects';

/** A container's id, before it becomes part of an object's name. */
export function checkContainerId(id: string): string {
  if (typeof id === 'string' && isContainerId(id)) return id;
  throw invalid(String(id), 'an id has 1 to 128 of A-Z a-z 0-9 _ . - and begins with a letter or digit');
}

export function isContainerId(text: string): boolean {
  return idShape.test(text);
}

/** Named objects of a session; services run in session 0. */
export function sessionDirectory(session: number): string {
  return session === 0 ? globalDirectory : `\\Sessions\\${session}\\BaseNamedObjects`;
}

/**
 * The NT path of a job object. A name that begins with a backslash is one already; any other is a Win32 name, which lies in
 * our session's directory, or with `Global\` before it in that of all sessions.
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function jobPath(name: string): string {
  const text: unknown = name;
  if (typeof text !== 'string' || text === '') throw invalid(String(text), 'a job object needs a name');
  if (text.includes('\0')) throw invalid(text, 'it holds a NUL');
  if (text.startsWith('\\')) return checkNtPath(text);
  if (text.startsWith(globalPrefix)) return win32Path(globalDirectory, text, text.slice(globalPrefix.length));
  const rest = text.startsWith(localPrefix) ? text.slice(localPrefix.length) : text;
  return win32Path(sessionDirectory(ownSession()), text, rest);
}

function win32Path(directory: string, name: string, rest: string): string {
  if (rest === '' || rest.includes('\\')) throw invalid(name, 'a backslash stands only after Global or Local');
  return `${directory}\\${rest}`;
}

function checkNtPath(path: string): string {
  if (path.slice(1).split('\\').includes('')) throw invalid(path, 'it has an empty component');
  return path;
}

function ownSession(): number {
  const session = sessionOfProcess(process.pid);
  if (typeof session === 'number') return session;
  throw win32Error(session, { operation: 'find session of', subject: `process ${process.pid}` });
}

function invalid(subject: string, reason: string): SilostatError {
  return new SilostatError('ERR_INVALID_ARGUMENT', { subject, operation: 'name job object', reason });
}
