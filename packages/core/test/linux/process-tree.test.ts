import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine } from '../../dist/linux/parse/command-line.js';
import { ProcFs } from '../../dist/linux/process/proc.js';
import { processTreeOf } from '../../dist/linux/process/process-tree.js';
import { makeTree } from './tree.ts';

const stat = (pid: number, parent: number, state = 'S') =>
  `${pid} (x y) ${state} ${parent} 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 5 0 0\n`;

function commandLine(text: string): string | undefined {
  const bytes = new TextEncoder().encode(text);
  return parseCommandLine(bytes, bytes.length);
}

describe('/proc/PID/cmdline', () => {
  it('is the arguments with spaces between; none for what has none', () => {
    assert.equal(commandLine('node\0-e\0a b\0'), 'node -e a b');
    assert.equal(commandLine('nginx: worker process\0\0\0\0'), 'nginx: worker process');
    assert.equal(commandLine('a\0\0b\0'), 'a  b');
    assert.equal(commandLine(''), undefined);
    assert.equal(commandLine('\0\0 \0'), undefined);
  });
  it('is read also where it is no UTF-8', () => {
    assert.equal(parseCommandLine(Uint8Array.of(0x61, 0xff, 0), 3), 'a\ufffd');
  });
});

describe('the process tree of a cgroup', () => {
  it('has parent and command line of each process, and leaves out what has exited', () => {
    using tree = makeTree({
      '7/stat': stat(7, 0),
      '7/cmdline': 'init\0',
      '9/stat': stat(9, 7),
      '9/cmdline': `long\0${'x'.repeat(9000)}`,
      '12/stat': stat(12, 9),
      '12/cmdline': '',
      '13/stat': stat(13, 9, 'Z'),
      '13/cmdline': '',
    });
    const pids = [12, 7, 9, 13, 99];
    const { values, processes } = processTreeOf(new ProcFs(tree.root), {
      pids: () => ({ pids, hidden: 0 }),
      holds: () => true,
    });
    assert.deepEqual(values, [
      { ProcessId: 7, ParentProcessId: 0, CommandLine: 'init' },
      { ProcessId: 9, ParentProcessId: 7, CommandLine: `long ${'x'.repeat(4091)}` },
      { ProcessId: 12, ParentProcessId: 9 },
    ]);
    assert.deepEqual(processes, { listed: 5, read: 3, gone: 2, denied: 0, reused: 0, unreadable: 0 });
  });
});
