import { spawn, spawnSync } from 'node:child_process';
import { silostatBin } from './checkout.ts';

/** How a process ended, and all that it said. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to stdin, which is then closed. */
  input?: string;
  /** After this long it is killed, and the run throws; 30 s unless told. */
  deadlineMs?: number;
  /** Called with the child as soon as it runs. */
  started?: (child: ReturnType<typeof spawn>) => void;
}

/** Runs a program to its end. What it exits with is the caller's to judge. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { deadlineMs = 30_000, input, started } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    // A program may end without having read what it was given.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      if (signal === 'SIGKILL') reject(new Error(`${program} ${args.join(' ')}: killed\n${said.stderr}`));
      else resolve({ code, signal, ...said });
    });
    started?.(child);
  });
}

/** Runs the built command line. */
export function silostat(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [silostatBin, ...args], options);
}

/** Runs a helper program that has to succeed, and returns its stdout. */
export function mustRun(program: string, args: readonly string[]): string {
  const outcome = spawnSync(program, args, { encoding: 'utf8' });
  if (outcome.error !== undefined) throw outcome.error;
  if (outcome.status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${outcome.signal ?? outcome.status}: ${outcome.stderr.trim()}`);
  }
  return outcome.stdout;
}
