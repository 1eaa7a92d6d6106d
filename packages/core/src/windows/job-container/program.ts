import { lstatSync, statSync } from 'node:fs';
import { win32 } from 'node:path';
import { SilostatError } from '../../errors.ts';
import type { Environment } from './environment.ts';
import { refused } from './refused.ts';

/** What Windows starts; PATHEXT may name scripts that are other programs' to open. */
const startable = ['.COM', '.EXE', '.BAT', '.CMD'];
/** Where PATHEXT is not set. */
const usualOrder = startable.join(';');

/** What is at a path. */
export type Found = 'file' | 'directory' | undefined;

/**
 * Finds the program that a command stands for before anything is started: by the child's PATH and PATHEXT, and its working
 * directory for a relative path. The working directory itself is not searched unless PATH names it: what lies there may have
 * been put there by somebody else.
 * @returns its path
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED when what is there is a directory, ERR_INVALID_ARGUMENT
 */
export function findProgram(
  command: string,
  cwd: string,
  env: Pick<Environment, 'get'>,
  look: (path: string) => Found = lookAt,
): string {
  if (command === '') throw refused(command, 'it is empty');
  const hasPath = /[\\/]|^[A-Za-z]:/.test(command);
  if (command.replace(/^[A-Za-z]:/, '').includes(':')) throw refused(command, 'the name of a program has no colon');
  const directories = hasPath ? [cwd] : pathOf(env);
  const names = namesOf(command, env.get('PATHEXT') || usualOrder);
  let isDirectory = false;
  for (const path of directories.flatMap((directory) => names.map((name) => win32.resolve(cwd, directory, name)))) {
    const found = look(path);
    if (found === 'file') return path;
    isDirectory ||= found === 'directory';
  }
  const failure = { subject: command, operation: 'run' };
  if (isDirectory) throw new SilostatError('ERR_ACCESS_DENIED', { ...failure, reason: 'it is a directory' });
  const reason = hasPath ? 'there is no such file' : 'it is not in PATH';
  throw new SilostatError('ERR_NOT_FOUND', { ...failure, reason });
}

/** The name itself where it has an extension, and with each extension that it may lack. */
function namesOf(command: string, pathExt: string): string[] {
  const extensions = pathExt.split(';').filter((extension) => startable.includes(extension.toUpperCase()));
  const longer = extensions.map((extension) => `${command}${extension}`);
  return win32.extname(command) === '' ? longer : [command, ...longer];
}

/** Directories may stand in quotation marks there. */
function pathOf(env: Pick<Environment, 'get'>): string[] {
  const entries = (env.get('PATH') ?? '').match(/(?:"[^"]*"?|[^;"])+/g) ?? [];
  return entries.map((entry) => entry.replaceAll('"', '')).filter((entry) => entry !== '');
}

/** The aliases of installed apps are files that only CreateProcess can follow. */
export function lookAt(path: string): Found {
  const stat = tryStat(() => statSync(path)) ?? tryStat(() => lstatSync(path));
  if (stat === undefined) return undefined;
  return stat.isDirectory() ? 'directory' : 'file';
}

function tryStat<T>(stat: () => T): T | undefined {
  try {
    return stat();
  } catch {
    return undefined;
  }
}
