import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { SilostatError } from '../../errors.ts';
import { systemError } from '../errors.ts';
import { gateProgram, giveUpGateProgram } from './gate-program.ts';
import type { CommandLine } from './program.ts';

/** What the gate ends with when we are gone before it was opened. */
const gateFailed = 125;

/** The gate's descriptor is told as one digit. */
const lastDescriptor = 9;

/** Variables that a shell (dash, bash, ash) sets or changes by itself. */
const shellVariables = ['PWD', 'OLDPWD', 'SHLVL', '_', 'IFS', 'OPTIND', 'PPID', 'UID', 'EUID', 'BASHOPTS', 'SHELLOPTS'];
/** Those of them that it adds where they were not. */
const addedByShell = ['PWD', 'OLDPWD', 'SHLVL', '_'];
const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Starts a command behind a gate: a program that waits, is put where it belongs by `admit`, and only then becomes the command
 * by exec. So the command is inside before it executes anything, and pid, streams, exit code, environment and signals are its own.
 * @param program the file that `command` is
 * @param admit is called with the pid while the gate waits; when it throws, the gate is ended and the error thrown on.
 * @throws SilostatError
 */
export function spawnBehindGate(
  { command, args }: CommandLine,
  program: string,
  options: SpawnOptions,
  admit: (pid: number) => void,
): ChildProcess {
  const stdio = [...stdioList(options.stdio), 'pipe' as const];
  const gate = stdio.length - 1;
  if (gate > lastDescriptor) throw unsupported(command, `it can have ${lastDescriptor} stdio entries at most`);

  const child = startGate({ command, args }, program, { ...options, stdio, shell: false }, gate);
  const pipe = child.stdio[gate] as Socket | undefined;
  (child.stdio as unknown as unknown[]).length = gate;
  Object.assign(child, { spawnfile: command, spawnargs: [options.argv0 ?? command, ...args] });
  // The gate could not be started: the child's own 'error' event tells.
  if (child.pid === undefined || pipe === undefined) return child;
  // When the gate has been ended meanwhile, its 'exit' event tells.
  pipe.on('error', () => pipe.destroy());
  try {
    admit(child.pid);
  } catch (error) {
    // Without its line the gate ends.
    pipe.destroy();
    throw error;
  }
  pipe.end('\n', () => pipe.destroy());
  return child;
}

/** Our own small program keeps the environment as it is; where it cannot be executed, a shell is the gate. */
function startGate(commandLine: CommandLine, program: string, options: SpawnOptions, gate: number): ChildProcess {
  const { command, args } = commandLine;
  const path = gateProgram();
  if (path !== undefined) {
    const { argv0 = command, ...rest } = options;
    const child = start(command, path, [String(gate), program, argv0, ...args], rest);
    if (child.pid !== undefined) return child;
    child.on('error', () => undefined);
    giveUpGateProgram();
  }
  if (options.argv0 !== undefined) throw unsupported(command, 'argv0 cannot be given to a command in a job container');
  const env = options.env ?? process.env;
  const shellArgs = ['-c', gateScript(gate, env), 'sh', ...restoringEnvironment(command, env), command, ...args];
  return start(command, '/bin/sh', shellArgs, options);
}

function start(command: string, file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options);
  } catch (error) {
    throw systemError(error, 'run', command, file);
  }
}

/** Waits for a line on the gate's descriptor; the end of the stream instead of a line means that we are gone. */
function gateScript(gate: number, env: NodeJS.ProcessEnv): string {
  let variable = 'silostat_gate';
  while (variable in env) variable += '_';
  return `command read -r ${variable} <&${gate} || exit ${gateFailed}; exec "$@" ${gate}<&-`;
}

/**
 * The shell drops variables whose names it could not write, and sets some of its own: `env` puts those few right again, and no
 * others, since everybody may read the arguments of a program. The order of the variables is the shell's, and a command
 * with `=` in its name cannot be started by env.
 */
function restoringEnvironment(command: string, env: NodeJS.ProcessEnv): string[] {
  if (command.includes('=')) return [];
  const unset = addedByShell.filter((name) => env[name] === undefined).flatMap((name) => ['-u', name]);
  const set = Object.entries(env)
    .filter(([name, value]) => value !== undefined && (!shellName.test(name) || shellVariables.includes(name)))
    .map(([name, value]) => `${name}=${value}`);
  return ['/usr/bin/env', ...unset, '--', ...set];
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
