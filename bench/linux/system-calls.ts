import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mustRun } from '#test/support/command.js';
import { scratchFolder } from '#test/support/scratch.js';
import type { Undo } from '#test/support/undo.js';

const program = fileURLToPath(new URL('./traced-reading.js', import.meta.url));
const readings = 6;

/** What V8 does for itself, whenever it likes. */
const ofTheEngine =
  /^(futex|getpid|madvise|mprotect|mmap|munmap|brk|gettid|sched_yield|clock_gettime|getrusage|rt_sig\w+|epoll_\w+|write|restart_syscall)$/;

/** How many system calls one reading makes, by name, as strace sees it: the last of some, when everything is open. */
export function callsOfOneReading(undo: Undo, path: string, type: string): string {
  const log = `${scratchFolder(undo)}/trace`;
  const strace = ['-f', '-qq', '-e', 'signal=none', '-o', log];
  mustRun('strace', [...strace, process.execPath, program, path, type, String(readings)]);
  return tallyOf(readFileSync(log, 'utf8'));
}

/** Pure: `12 pread64, 4 openat` of the last reading in strace's output, of the main thread alone. */
function tallyOf(trace: string): string {
  const own = /^(\d+) /.exec(trace)?.[1] ?? '';
  let tally = new Map<string, number>();
  let isInside = false;
  for (const line of trace.split('\n')) {
    const [, pid, name = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (pid !== own) continue;
    if (line.includes('"/begin-of-a-reading"')) {
      tally = new Map();
      isInside = true;
    } else if (line.includes('"/end-of-a-reading"')) isInside = false;
    else if (isInside && !ofTheEngine.test(name)) tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  return [...tally]
    .sort()
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
