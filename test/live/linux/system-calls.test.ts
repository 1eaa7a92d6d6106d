import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { run } from '../../support/command.ts';
import { diskInside, startFullContainer } from '../../support/full-container.ts';
import { makeLoopDisk } from '../../support/loop-disk.ts';
import { libraryScript } from '../../support/node-script.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

const calls = 8;

/** What V8 does now and then for itself: memory, locks between its threads, its clock. */
const ofTheEngine =
  /^(?:futex|mmap|munmap|mprotect|madvise|brk|clock_gettime|getpid|sched_yield|getrusage|pkey_mprotect)$/;

/** The files of Statistics on this host: one for each figure or group of figures that the kernel tells. */
const figureFiles = (version: 1 | 2): RegExp =>
  version === 1
    ? /^(?:memory\.(?:usage_in_bytes|max_usage_in_bytes|stat)|cpu\.stat|cpuacct\.usage(?:_user|_sys)?|blkio\.throttle\.io_servic.*_recursive)$/
    : /^(?:memory\.(?:current|peak|stat)|cpu\.stat|io\.stat)$/;

describe('the system calls of one Statistics', {
  skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'strace'] }),
}, () => {
  const undo = new Undo();
  let container: RuncContainer;

  before(async () => {
    container = await startFullContainer(new RuncEngine(undo), makeLoopDisk(undo, 16));
    await container.workload.read(1, diskInside);
  });
  after(() => undo[Symbol.dispose]());

  test('are one read for each figure file, and none of them an open from the second call on', async (context) => {
    const sections = await traced(container, undo);
    assert.equal(sections.length, calls);
    const version = skipReason({ cgroup: 1 }) === false ? 1 : 2;
    for (const [index, lines] of sections.entries()) {
      if (index === 0) continue;
      const names = lines.map(({ name }) => name);
      assert.deepEqual(new Set(names), new Set(['pread64']), `call ${index + 1}: ${names}`);
      const files = lines.map(({ path }) => path);
      assert.equal(new Set(files).size, files.length, `a file is read twice: ${files}`);
      for (const file of files) assert.match(file.split('/').at(-1) ?? '', figureFiles(version));
      context.diagnostic(`call ${index + 1}: ${files.length} system calls, ${files.length} files`);
    }
    const [first] = sections;
    assert.ok(
      first?.some(({ name }) => /^open/.test(name)),
      'the first call opens the files',
    );
  });
});

interface SystemCall {
  name: string;
  path: string;
}

/** The system calls of the main thread between the markers, V8's own left out. */
async function traced({ cgroups }: RuncContainer, undo: Undo): Promise<SystemCall[][]> {
  const log = `${scratchFolder(undo)}/trace`;
  const path = cgroups.get('pids') ?? cgroups.get('') ?? '';
  const script = libraryScript(`
    const { existsSync } = await import('node:fs');
    const system = await silostat.openComputeSystem(${JSON.stringify(path)});
    for (let i = 0; i < ${calls}; i++) {
      existsSync('/begin-of-a-call');
      const { Statistics } = await system.properties(['Statistics']);
      existsSync('/end-of-a-call');
      if (Statistics.Storage === undefined) throw new Error('no Storage');
    }
    system.close();`);
  const outcome = await run('strace', ['-f', '-qq', '-y', '-e', 'signal=none', '-o', log, process.execPath, ...script]);
  assert.equal(outcome.code, 0, outcome.stderr + outcome.stdout);
  return sectionsOf(readFileSync(log, 'utf8'));
}

/** Pure: `4711  pread64(21</sys/fs/cgroup/memory/x/memory.stat>, "cache 0\n"..., 65536, 0) = 785`. */
function sectionsOf(trace: string): SystemCall[][] {
  const own = /^(\d+) /.exec(trace)?.[1] ?? '';
  const sections: SystemCall[][] = [];
  let current: SystemCall[] | undefined;
  for (const line of trace.split('\n')) {
    const [, pid, name = '', path = ''] = /^(\d+) +(\w+)\((?:\d+<([^>]*)>)?/.exec(line) ?? [];
    if (pid !== own || ofTheEngine.test(name)) continue;
    if (line.includes('"/begin-of-a-call"')) current = [];
    else if (line.includes('"/end-of-a-call"')) {
      if (current !== undefined) sections.push(current);
      current = undefined;
    } else current?.push({ name, path });
  }
  return sections;
}
