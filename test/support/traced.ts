import { readFileSync } from 'node:fs';
import type { Outcome, RunOptions } from './command.ts';
import { run } from './command.ts';
import { scratchFolder } from './scratch.ts';
import { Undo } from './undo.ts';

/** How a traced program ended, and every path that it or its threads tried to open. */
export interface TracedOutcome extends Outcome {
  opened: ReadonlySet<string>;
}

/** Runs a Node program under strace. Its own /proc folder is given as /proc/self. */
export async function traceOpened(args: readonly string[], options: RunOptions = {}): Promise<TracedOutcome> {
  using undo = new Undo();
  const log = `${scratchFolder(undo)}/trace`;
  const strace = ['-f', '-qq', '-y', '-s', '65536', '-e', 'signal=none', '-e', 'trace=open,openat,openat2', '-o', log];
  const outcome = await run('strace', [...strace, process.execPath, ...args], options);
  return { ...outcome, opened: openedPaths(readFileSync(log, 'utf8')) };
}

/**
 * Pure: the paths in strace's output.
 *
 *     4711  openat(AT_FDCWD</tmp>, "/proc/4711/stat", O_RDONLY) = 3</proc/4711/stat>
 *     4711  openat(17</sys/fs/cgroup>, "memory", O_RDONLY <unfinished ...>
 */
function openedPaths(trace: string): Set<string> {
  const paths = new Set<string>();
  const own = /^(\d+) /.exec(trace)?.[1] ?? '';
  for (const line of trace.split('\n')) {
    const [, folder, quoted] =
      /\bopen(?:at2?)?\((?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"/.exec(line) ?? [];
    if (quoted === undefined) continue;
    const path = quoted.startsWith('/') || folder === undefined ? quoted : `${folder}/${quoted}`;
    // Node looks into its own program, or need not, depending on where in memory the kernel has put it.
    if (path !== process.execPath) paths.add(path.replace(`/proc/${own}/`, '/proc/self/'));
  }
  return paths;
}
