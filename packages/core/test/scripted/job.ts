import type { Job, JobAccess, JobIdentity, ProcessReading, Reading } from '../../dist/job.js';
import type { Faults, Limits, LinuxFigures } from '../../dist/schema/own.js';
import type { ProcessDetails } from '../../dist/schema/process-details.js';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../dist/schema/statistics.js';

type JobQuestion = Exclude<keyof Job, 'kind'>;

/** A job that answers what a test tells it to, and notes what it was asked. */
export class ScriptedJob implements Job {
  kind = 'scripted job';
  readonly asked: JobQuestion[] = [];
  /** Thrown instead of an answer. */
  readonly failures: Partial<Record<JobQuestion, unknown>> = {};
  /** Called before each answer. */
  onAsked: (question: JobQuestion) => void = () => undefined;

  memoryReading: Reading<MemoryStatistics> = {
    values: { MemoryUsageCommitBytes: 4096, MemoryUsageCommitPeakBytes: 8192 },
    sources: { 'Memory.MemoryUsageCommitBytes': 'm1', 'Memory.MemoryUsageCommitPeakBytes': 'm2' },
  };
  processorReading: Reading<ProcessorStatistics> = {
    values: { TotalRuntime100ns: 30, RuntimeUser100ns: 20, RuntimeKernel100ns: 10 },
    sources: { Processor: 'p' },
  };
  storageReading: Reading<StorageStatistics> = {
    values: { ReadCountNormalized: 1, ReadSizeBytes: 512, WriteCountNormalized: 2, WriteSizeBytes: 1024 },
    sources: { Storage: 's' },
  };
  residentReading: ProcessReading<number> = {
    values: 2048,
    sources: { 'Memory.MemoryUsagePrivateWorkingSetBytes': 'r' },
  };
  listReading: ProcessReading<ProcessDetails[]> = {
    values: [{ ProcessId: 42, ImageName: 'sh' }],
    sources: { '': 'l' },
  };
  limitsReading: Reading<Limits> = { values: { MemoryBytes: null }, sources: { MemoryBytes: 'x' } };
  faultsReading: Reading<Faults> = { values: { PageFaultCount: 7 }, sources: { PageFaultCount: 'f' } };
  linuxReading: Reading<LinuxFigures> = { values: { PidsCurrent: 3 }, sources: { PidsCurrent: 'c' } };
  oldest: bigint | undefined = undefined;
  marks: JobIdentity = { object: '77', birth: '1' };

  memory(): Reading<MemoryStatistics> {
    return this.#answer('memory', this.memoryReading);
  }
  processor(): Reading<ProcessorStatistics> {
    return this.#answer('processor', this.processorReading);
  }
  storage(): Reading<StorageStatistics> {
    return this.#answer('storage', this.storageReading);
  }
  privateWorkingSet(): ProcessReading<number> {
    return this.#answer('privateWorkingSet', this.residentReading);
  }
  processList(): ProcessReading<ProcessDetails[]> {
    return this.#answer('processList', this.listReading);
  }
  limits(): Reading<Limits> {
    return this.#answer('limits', this.limitsReading);
  }
  faults(): Reading<Faults> {
    return this.#answer('faults', this.faultsReading);
  }
  linux(): Reading<LinuxFigures> {
    return this.#answer('linux', this.linuxReading);
  }
  oldestProcess(): bigint | undefined {
    return this.#answer('oldestProcess', this.oldest);
  }
  identity(): JobIdentity {
    return this.#answer('identity', this.marks);
  }

  #answer<T>(question: JobQuestion, answer: T): T {
    this.asked.push(question);
    this.onAsked(question);
    if (question in this.failures) throw this.failures[question];
    return answer;
  }
}

/** Hands out one job, and counts. */
export class ScriptedAccess implements JobAccess {
  readonly job: ScriptedJob;
  /** Thrown instead of the job. */
  failure: unknown;
  acquired = 0;
  released = 0;
  closed = 0;
  /** `released` when it was first closed. */
  releasedAtClose: number | undefined;

  constructor(job: ScriptedJob = new ScriptedJob()) {
    this.job = job;
  }

  acquire(): Job {
    if (this.failure !== undefined) throw this.failure;
    this.acquired++;
    return this.job;
  }

  release(job: Job): void {
    if (job !== this.job) throw new Error('released a job that was not handed out');
    this.released++;
  }

  close(): void {
    this.releasedAtClose ??= this.released;
    this.closed++;
  }
}
