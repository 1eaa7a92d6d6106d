/** One child process: output to a file (a left-over grandchild cannot hold a pipe open), a time limit, and its group ended with it. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @param {{ command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv, log: string, seconds: number, onTimeout?: () => void }} job
 * @returns {Promise<{ code: number | null, signal: string | null, timedOut: boolean, error?: string }>}
 */
export function runProcess({ command, args, cwd, env, log, seconds, onTimeout }) {
  const output = openSync(log, 'a');
  const windows = process.platform === 'win32';
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', output, output],
    detached: !windows,
    windowsHide: true,
  });
  closeSync(output);
  running.add(child);
  return new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endProcess(child);
      onTimeout?.();
    }, seconds * 1000);
    const finish = (result) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ...result, timedOut });
    };
    child.once('error', (error) => finish({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => finish({ code, signal }));
  });
}

/** Ends what is still running: for an interrupted run. */
export function endAll() {
  for (const child of running) endProcess(child);
}

function endProcess(child) {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
