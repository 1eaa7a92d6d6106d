import type { SpawnOptions } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errnoOf } from '../../errno.ts';
import { SilostatError } from '../../errors.ts';
import { isDeniedErrno, nativeError } from '../errors.ts';

/** What exec looks through when there is no PATH. */
const defaultPath = '/usr/bin:/bin';

/** A program with its arguments, as exec takes them. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** What is to be executed, with `options.shell` what that stands for. */
export function commandLineOf(command: string, args: readonly string[], { shell }: SpawnOptions): CommandLine {
  if (shell === undefined || shell === false || shell === '') return { command, args };
  return { command: shell === true ? '/bin/sh' : shell, args: ['-c', [command, ...args].join(' ')] };
}

/**
 * Finds the program that exec would find, in the child's PATH and working directory, before anything is started.
 * @returns its file
 * @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED when what is there may not be executed, ERR_INVALID_ARGUMENT for
 * texts that no process can be given and for a working directory that is none.
 */
export function findProgram({ command, args }: CommandLine, options: SpawnOptions): string {
  if (command === '') throw failure('ERR_INVALID_ARGUMENT', command, 'it is empty');
  if ([command, ...args].some((text) => text.includes('\0'))) {
    throw failure('ERR_INVALID_ARGUMENT', command, 'it, or an argument, holds a NUL character');
  }
  const cwd = workingDirectory(options);
  let denied: unknown;
  for (const file of candidates(command, cwd, options.env ?? process.env)) {
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
      denied ??= new Error(`${file} is no file`);
    } catch (error) {
      if (isDeniedErrno(errnoOf(error))) denied ??= nativeError(error, file);
    }
  }
  if (denied !== undefined) throw failure('ERR_ACCESS_DENIED', command, 'it may not be executed', denied);
  throw failure('ERR_NOT_FOUND', command, command.includes('/') ? 'there is no such file' : 'it is not in PATH');
}

function candidates(command: string, cwd: string, env: NodeJS.ProcessEnv): string[] {
  if (command.includes('/')) return [resolve(cwd, command)];
  const { PATH = defaultPath } = env;
  // An empty entry is the working directory.
  return PATH.split(':').map((directory) => resolve(cwd, directory, command));
}

function workingDirectory({ cwd }: SpawnOptions): string {
  if (cwd === undefined) return process.cwd();
  const directory = typeof cwd === 'string' ? resolve(cwd) : fileURLToPath(cwd);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory;
  throw failure('ERR_INVALID_ARGUMENT', directory, 'the working directory is not there');
}

function failure(
  code: 'ERR_INVALID_ARGUMENT' | 'ERR_NOT_FOUND' | 'ERR_ACCESS_DENIED',
  subject: string,
  reason: string,
  cause?: unknown,
): SilostatError {
  return new SilostatError(code, { subject, operation: 'run', reason, cause });
}
