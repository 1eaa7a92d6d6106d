import { readFileSync } from 'node:fs';
import type { Job, JobIdentity, ProcessReading, Reading } from '../../job.ts';
import type { Reason, Sources } from '../../report.ts';
import type { ProcessDetails } from '../../schema/process-details.ts';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../schema/statistics.ts';
import type { ChildrenUsage } from '../native-calls.ts';
import { childrenUsage } from '../native-calls.ts';
import { parseProcessIo } from '../parse/process-family.ts';
import type { ProcessGroup } from '../process/members.ts';
import type { ProcFs } from '../process/proc.ts';
import { oldestOf } from '../process/process-age.ts';
import { processListOf } from '../process/process-list.ts';
import { sumPrivateWorkingSets } from '../process/process-memory.ts';
import type { ProcessTree } from './process-tree.ts';

const noCgroup: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message: 'without a cgroup nobody counts the charge of a process tree',
});
const onlyForParents: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message:
    'without a cgroup only a parent is told what a process used that has exited; orphans are counted with childSubreaper',
});
const operationsNotCounted: Reason = Object.freeze({
  code: 'ERR_UNSUPPORTED',
  message: 'without a cgroup nobody counts the operations of a process tree that reached a disk',
});

const processorSource = 'getrusage RUSAGE_CHILDREN + /proc/PID/stat';
const processorSources: Sources = Object.freeze({
  'Processor.TotalRuntime100ns': processorSource,
  'Processor.RuntimeUser100ns': processorSource,
  'Processor.RuntimeKernel100ns': processorSource,
});
const storageSource = 'getrusage RUSAGE_CHILDREN + /proc/PID/io';
const storageSources: Sources = Object.freeze({
  'Storage.ReadSizeBytes': storageSource,
  'Storage.WriteSizeBytes': storageSource,
});

/** Each figure the largest so far: one may exit, and be in neither sum, between two reads. */
type Usage = ChildrenUsage;

/**
 * The statistics of a process tree: the sums over those that live, and what the kernel tells a parent of children that have
 * exited. That is told of this process's children as a whole, so it counts only where all of them are the tree's.
 */
export class TreeJob implements Job {
  readonly kind = 'process tree';
  readonly #tree: ProcessTree;
  readonly #proc: ProcFs;
  /** What the children had used before the tree was; undefined where they are not the tree's alone. */
  readonly #before: ChildrenUsage | undefined;
  #most: Usage = { user100ns: 0, kernel100ns: 0, readBytes: 0, writtenBytes: 0 };

  constructor(tree: ProcessTree, proc: ProcFs, isParentOfAll: boolean) {
    this.#tree = tree;
    this.#proc = proc;
    this.#before = isParentOfAll ? childrenUsage() : undefined;
  }

  memory(): Reading<MemoryStatistics> {
    const absent = { 'Memory.MemoryUsageCommitBytes': noCgroup, 'Memory.MemoryUsageCommitPeakBytes': noCgroup };
    return { values: undefined, sources: {}, absent };
  }

  processor(): Reading<ProcessorStatistics> {
    if (this.#before === undefined) return { values: undefined, sources: {}, absent: { Processor: onlyForParents } };
    const { user100ns, kernel100ns } = this.#usage(this.#before);
    const values = {
      TotalRuntime100ns: user100ns + kernel100ns,
      RuntimeUser100ns: user100ns,
      RuntimeKernel100ns: kernel100ns,
    };
    return { values, sources: processorSources };
  }

  storage(): Reading<StorageStatistics> {
    if (this.#before === undefined) return { values: undefined, sources: {}, absent: { Storage: onlyForParents } };
    const { readBytes, writtenBytes } = this.#usage(this.#before);
    return {
      values: { ReadSizeBytes: readBytes, WriteSizeBytes: writtenBytes },
      sources: storageSources,
      absent: {
        'Storage.ReadCountNormalized': operationsNotCounted,
        'Storage.WriteCountNormalized': operationsNotCounted,
      },
    };
  }

  privateWorkingSet(): ProcessReading<number> {
    return sumPrivateWorkingSets(this.#proc, this.#group());
  }

  processList(): ProcessReading<ProcessDetails[]> {
    return processListOf(this.#proc, this.#group());
  }

  oldestProcess(): bigint | undefined {
    return oldestOf(this.#proc, this.#group().pids())?.created;
  }

  identity(): JobIdentity {
    return {};
  }

  #group(): ProcessGroup {
    return { pids: () => ({ pids: this.#tree.living(), hidden: 0 }), holds: () => false };
  }

  #usage(before: ChildrenUsage): Usage {
    const ended = childrenUsage();
    const ticks = { user: 0, kernel: 0 };
    const bytes = { read: 0, written: 0 };
    for (const { pid, userTicks, systemTicks } of this.#tree.look()) {
      ticks.user += userTicks;
      ticks.kernel += systemTicks;
      const io = ioOf(pid);
      bytes.read += io?.read ?? 0;
      bytes.written += io?.written ?? 0;
    }
    const tick = 10_000_000 / this.#proc.machine.clockTicks;
    this.#most = most(this.#most, {
      user100ns: ended.user100ns - before.user100ns + ticks.user * tick,
      kernel100ns: ended.kernel100ns - before.kernel100ns + ticks.kernel * tick,
      readBytes: ended.readBytes - before.readBytes + bytes.read,
      writtenBytes: ended.writtenBytes - before.writtenBytes + bytes.written,
    });
    return this.#most;
  }
}

function most(a: Usage, b: Usage): Usage {
  return {
    user100ns: Math.max(a.user100ns, b.user100ns),
    kernel100ns: Math.max(a.kernel100ns, b.kernel100ns),
    readBytes: Math.max(a.readBytes, b.readBytes),
    writtenBytes: Math.max(a.writtenBytes, b.writtenBytes),
  };
}

/** Another user's, or one that has exited, tells nothing now; its parent is told when it has waited for it. */
function ioOf(pid: number): { readonly read: number; readonly written: number } | undefined {
  try {
    return parseProcessIo(readFileSync(`/proc/${pid}/io`, 'latin1'));
  } catch {
    return undefined;
  }
}
