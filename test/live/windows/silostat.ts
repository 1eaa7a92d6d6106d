import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readAll } from './job-containers.js';

const main = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url));
const preload = new URL('./preload-hook.js', import.meta.url).href;

/** `silostat` in a process of its own, that has the hook where we have it. */
export function silostat(...args: string[]) {
  return spawn(process.execPath, ['--import', preload, main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** How it ended, and what it said. */
export async function outcomeOf(child: ReturnType<typeof silostat>) {
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}
