import { setTimeout as sleep } from 'node:timers/promises';
import { ComputeSystem } from '../../compute-system.ts';
import { SilostatError } from '../../errors.ts';
import type { JobContainer } from '../../job-container.ts';
import type { CheckedJobOptions } from '../../job-options.ts';
import { startingNow } from '../../start-time.ts';
import { becomeChildSubreaper } from '../native-calls.ts';
import { ProcFs } from '../process/proc.ts';
import { signal } from './job-end.ts';
import type { ProcessHold } from './linux-job.ts';
import { LinuxJob } from './linux-job.ts';
import { Ownership } from './ownership.ts';
import { ProcessStarts } from './process-starts.ts';
import { ProcessTree } from './process-tree.ts';
import { TreeJob } from './tree-job.ts';

const lookMs = 100;
const killPollMs = 5;
const killMs = 10_000;

/**
 * Makes a job container where no cgroup may be written to: a process tree. It has no limits, and tells what it cannot measure.
 * @throws SilostatError ERR_ALREADY_EXISTS, ERR_UNSUPPORTED
 */
export async function createJobTree({ id, childSubreaper, countProcesses }: CheckedJobOptions): Promise<JobContainer> {
  const ownership = Ownership.take(id);
  try {
    if (childSubreaper) becomeChildSubreaper();
    const { watcher } = ownership;
    const tree = new ProcessTree({
      adoptsOrphans: childSubreaper,
      isForeign: (pid) => pid === watcher.pid,
      onChange: (living) => watcher.tree(living),
    });
    const starts = new ProcessStarts(countProcesses, (start) => tree.noteStart(start));
    const job = new TreeJob(tree, new ProcFs('/proc'), childSubreaper);
    const system = new ComputeSystem({
      identity: { Id: id, SystemType: 'Container', RuntimeOsType: 'Linux', Owner: 'silostat' },
      jobs: { acquire: () => job, release: () => undefined, close: () => undefined },
      startTime: startingNow('the clock when the job container was made'),
    });
    return new LinuxJob({ id, system, hold: holdOf(tree, id, starts), ownership, starts });
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

function holdOf(tree: ProcessTree, id: string, starts: ProcessStarts): ProcessHold {
  const living = () => {
    // What the kernel has told of starts meanwhile may be of some whose parents have exited.
    starts.read();
    return tree.living();
  };
  return {
    admit: (pid) => tree.add(pid),
    pids: () => new Set(living()),
    waitUntilEmpty: async (abandon) => {
      while (abandon?.aborted !== true && living().length > 0) await sleep(lookMs);
    },
    endAll: () => endTree(living, id),
    remove: async () => undefined,
  };
}

/** Each is stopped first: what is stopped starts no other. */
async function endTree(living: () => number[], id: string): Promise<void> {
  const deadline = performance.now() + killMs;
  for (let pids = living(); pids.length > 0; pids = living()) {
    if (performance.now() > deadline) {
      throw new SilostatError('ERR_TIMEOUT', {
        subject: id,
        operation: 'end job container',
        reason: `${pids.length} processes have not ended ${killMs / 1000} s after SIGKILL`,
      });
    }
    for (const pid of pids) signal(pid, 'SIGSTOP');
    for (const pid of living()) signal(pid, 'SIGKILL');
    await sleep(killPollMs);
  }
}
