import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { SilostatError } from '../../errors.ts';
import { systemError } from '../errors.ts';
import type { CommandLine } from './program.ts';

/** What the shell ends with when we are gone before the gate was opened. */
const gateFailed = 125;

/** The shell can redirect descriptors of one digit only. */
const lastDescriptor = 9;

/**
 * Starts a command behind a gate: a shell that waits, is put where it belongs by `admit`, and only then becomes the command
 * by exec. So the command is inside before it executes anything, and pid, streams, exit code and signals are its own.
 * @param admit is called with the pid while the shell waits; when it throws, the shell is ended and the error thrown on.
 * @throws SilostatError
 */
export function spawnBehindGate(
  commandLine: CommandLine,
  options: SpawnOptions,
  admit: (pid: number) => void,
): ChildProcess {
  const { command, args } = commandLine;
  if (options.argv0 !== undefined) throw unsupported(command, 'argv0 cannot be given to a command in a job container');
  const stdio = [...stdioList(options.stdio), 'pipe' as const];
  const gate = stdio.length - 1;
  if (gate > lastDescriptor) throw unsupported(command, `it can have ${lastDescriptor} stdio entries at most`);
  const environment = environmentOf(options.env ?? process.env);
  const shellArgs = ['-c', gateScript(gate), 'sh', ...behindEnv(command, environment), command, ...args];

  const child = start(command, shellArgs, { ...options, env: {}, stdio, shell: false });
  const pipe = child.stdio[gate] as Socket | undefined;
  (child.stdio as unknown as unknown[]).length = gate;
  Object.assign(child, { spawnfile: command, spawnargs: [command, ...args] });
  // The shell could not be started: the child's own 'error' event tells.
  if (child.pid === undefined || pipe === undefined) return child;
  // When the shell has been ended meanwhile, its 'exit' event tells.
  pipe.on('error', () => pipe.destroy());
  try {
    admit(child.pid);
  } catch (error) {
    // Without its line the shell ends.
    pipe.destroy();
    throw error;
  }
  pipe.end('\n', () => pipe.destroy());
  return child;
}

function start(command: string, shellArgs: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn('/bin/sh', shellArgs, options);
  } catch (error) {
    throw systemError(error, 'run', command, '/bin/sh');
  }
}

/** Waits for a line on the gate's descriptor; the end of the stream instead of a line means that we are gone. */
function gateScript(gate: number): string {
  return `command read -r line <&${gate} || exit ${gateFailed}; exec "$@" ${gate}<&-`;
}

/**
 * The shell is given no environment, for it would change it: `env` sets the whole of it, in its order. It takes a command
 * with `=` in its name for a variable, so such a one is executed by `nice`, which adds 0.
 */
function behindEnv(command: string, environment: readonly string[]): string[] {
  const env = ['/usr/bin/env', '-i', '--', ...environment];
  return command.includes('=') ? [...env, '/usr/bin/nice', '-n', '0'] : env;
}

/** As Node itself hands it to a child: what is inherited too, and nothing for undefined. */
function environmentOf(env: NodeJS.ProcessEnv): string[] {
  const environment: string[] = [];
  for (const name in env) if (env[name] !== undefined) environment.push(`${name}=${env[name]}`);
  return environment;
}

type StdioList = Extract<StdioOptions, unknown[]>;

/** `stdio` written out, with at least the three standard streams. */
function stdioList(stdio: StdioOptions = 'pipe'): StdioList {
  if (typeof stdio === 'string') return [stdio, stdio, stdio];
  return stdio.length >= 3 ? stdio : [...stdio, ...Array<undefined>(3 - stdio.length).fill(undefined)];
}

function unsupported(command: string, reason: string): SilostatError {
  return new SilostatError('ERR_UNSUPPORTED', { subject: command, operation: 'run', reason });
}
