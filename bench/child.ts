import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** How long a process may take to clean up after SIGTERM. */
const graceMs = 10_000;
const running = new Set<ChildProcess>();

/**
 * Runs a program in a process group of its own, and ends it after that time: it may clean up, and then all that is left of
 * its group is ended. Resolves with what went wrong; undefined = nothing.
 */
export function runChild(command: string, args: readonly string[], seconds: number): Promise<string | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  running.add(child);
  return new Promise((resolve) => {
    let late = '';
    const timer = setTimeout(() => {
      late = `it was ended after ${seconds} s`;
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), graceMs).unref();
    }, seconds * 1000);
    const finish = (failure: string | undefined) => {
      clearTimeout(timer);
      running.delete(child);
      // Whatever it left behind: the group is still its own.
      endGroup(child, 'SIGKILL');
      resolve(late === '' ? failure : late);
    };
    child.once('error', ({ message }) => finish(message));
    child.once('exit', (code, signal) => finish(code === 0 ? undefined : `it ended with ${code ?? signal}`));
  });
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // There is nobody left.
  }
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => {
    for (const child of running) endGroup(child, 'SIGTERM');
    process.exitCode = 128 + number;
    if (running.size === 0) process.exit();
  });
}
