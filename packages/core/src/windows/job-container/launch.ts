import type { SpawnOptions } from 'node:child_process';
import { win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemDirectory } from '../call/system-library.ts';
import { batchCommandLine, isBatchFile, shellCommandLine } from './batch.ts';
import { checkedLength, commandLineOf } from './command-line.ts';
import { Environment } from './environment.ts';
import { findProgram, lookAt } from './program.ts';
import { refused } from './refused.ts';

/** All that Windows must know to start a command, beside its standard streams. */
export interface Launch {
  /** The program's own path. */
  readonly application: string;
  readonly commandLine: string;
  readonly environment: string;
  readonly directory: string;
}

/** @throws SilostatError ERR_NOT_FOUND, ERR_ACCESS_DENIED, ERR_INVALID_ARGUMENT */
export function launchOf(command: string, args: readonly string[], options: SpawnOptions): Launch {
  if ([command, ...args, options.argv0 ?? ''].some((text) => typeof text !== 'string' || text.includes('\0'))) {
    throw refused(String(command), 'it, or an argument, is no text or holds a NUL character');
  }
  const directory = workingDirectory(options);
  const env = new Environment(command, options.env ?? process.env);
  const { shell } = options;
  const program =
    shell === undefined || shell === false || shell === ''
      ? programOf(command, args, options, directory, env)
      : shellOf([command, ...args].join(' '), shell, directory, env);
  return { ...program, environment: env.toBlock(), directory };
}

function programOf(
  command: string,
  args: readonly string[],
  { argv0 = command, windowsVerbatimArguments: verbatim }: SpawnOptions,
  directory: string,
  env: Environment,
): Pick<Launch, 'application' | 'commandLine'> {
  const application = findProgram(command, directory, env);
  if (isBatchFile(application)) {
    return { application: cmdPath(), commandLine: batchCommandLine(command, application, args) };
  }
  if (verbatim === true) return { application, commandLine: checkedLength(command, [argv0, ...args].join(' ')) };
  return { application, commandLine: commandLineOf(command, argv0, args) };
}

/** `shell` as in Node, but that cmd.exe is always the system's own. */
function shellOf(
  text: string,
  shell: string | true,
  directory: string,
  env: Environment,
): Pick<Launch, 'application' | 'commandLine'> {
  if (shell === true || /^cmd(?:\.exe)?$/i.test(shell)) {
    return { application: cmdPath(), commandLine: shellCommandLine(text, text) };
  }
  const application = findProgram(shell, directory, env);
  if (isBatchFile(application)) throw refused(shell, 'a batch file is no shell');
  const isCmd = win32.basename(application).toLowerCase() === 'cmd.exe';
  return { application, commandLine: isCmd ? shellCommandLine(text, text) : commandLineOf(shell, shell, ['-c', text]) };
}

/** Not %ComSpec%, which whoever started us could have set. */
function cmdPath(): string {
  return `${systemDirectory()}\\cmd.exe`;
}

function workingDirectory({ cwd }: SpawnOptions): string {
  if (cwd === undefined) return process.cwd();
  const directory = typeof cwd === 'string' ? win32.resolve(cwd) : fileURLToPath(cwd);
  if (lookAt(directory) === 'directory') return directory;
  throw refused(directory, 'the working directory is not there');
}
