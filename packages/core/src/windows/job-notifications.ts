import { EventEmitter } from 'node:events';
import * as abi from './abi/job-object.ts';
import type { Handle } from './call/handle.ts';
import { setJob } from './call/job.ts';
import { allocateOnce } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import type { Packet } from './completion-port.ts';
import { deliver, joinPort, leavePort } from './completion-port.ts';
import { ntError } from './errors.ts';
import { readProcessCounts } from './job-figures.ts';
import type { OpenJob } from './open-job.ts';

/** Which limit was hit. */
type LimitKind =
  | 'job time'
  | 'process time'
  | 'process count'
  | 'process memory'
  | 'job memory'
  | 'notification'
  | 'cycle time';

export interface JobEvents {
  /** A process is in the job now. */
  start: [pid: number];
  /** A process has ended; `abnormal` with an exit code that says so. */
  exit: [pid: number, abnormal: boolean];
  /** No process is left. */
  empty: [];
  /** A limit was hit, by process `pid` where Windows says by which. */
  limit: [kind: LimitKind, pid: number | undefined];
}

const association = allocateOnce(abi.JOBOBJECT_ASSOCIATE_COMPLETION_PORT.size);
const api = `NtSetInformationJobObject class ${abi.JobObjectAssociateCompletionPortInformation}`;
const checkEveryMs = 1000;

const limitKinds: ReadonlyMap<number, LimitKind> = new Map<number, LimitKind>([
  [abi.JOB_OBJECT_MSG_END_OF_JOB_TIME, 'job time'],
  [abi.JOB_OBJECT_MSG_END_OF_PROCESS_TIME, 'process time'],
  [abi.JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, 'process count'],
  [abi.JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT, 'process memory'],
  [abi.JOB_OBJECT_MSG_JOB_MEMORY_LIMIT, 'job memory'],
  [abi.JOB_OBJECT_MSG_NOTIFICATION_LIMIT, 'notification'],
  [abi.JOB_OBJECT_MSG_JOB_CYCLE_TIME_LIMIT, 'cycle time'],
]);

/**
 * What a job tells of itself, as events. Windows does not promise to deliver each message, so that nothing is left of the
 * job is also looked up once a second. Neither keeps the program alive.
 */
export class JobNotifications extends EventEmitter<JobEvents> {
  readonly #job: OpenJob;
  readonly #key: number;
  readonly #timer: NodeJS.Timeout;
  /** How many processes the job had had when it was last told to be empty. */
  #toldOf = 0;
  /** It was told after a look, so Windows' own message may still come. */
  #messageDue = false;
  #closed = false;

  /** @throws SilostatError ERR_ACCESS_DENIED without JOB_OBJECT_SET_ATTRIBUTES: only for jobs that we made */
  constructor(job: OpenJob) {
    super();
    this.#job = job;
    const { port, key } = joinPort((packet) => this.#receive(packet));
    this.#key = key;
    const status = associate(job.handle, port, key);
    if (!succeeded(status)) {
      leavePort(key);
      throw ntError(api, status, { operation: 'be notified by job', subject: job.name });
    }
    this.#timer = setInterval(() => this.#lookWhetherEmpty(), checkEveryMs);
    this.#timer.unref();
  }

  /** Delivers what has arrived, and no more after that. Called when the job is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    try {
      deliver();
    } finally {
      associate(this.#job.handle, 0, 0);
      leavePort(this.#key);
    }
  }

  #receive({ message, pid }: Packet): void {
    const kind = limitKinds.get(message);
    if (kind !== undefined) this.emit('limit', kind, pid === 0 ? undefined : pid);
    else if (message === abi.JOB_OBJECT_MSG_NEW_PROCESS) this.emit('start', pid);
    else if (message === abi.JOB_OBJECT_MSG_EXIT_PROCESS) this.emit('exit', pid, false);
    else if (message === abi.JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS) this.emit('exit', pid, true);
    else if (message === abi.JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO) this.#receiveEmpty();
  }

  #receiveEmpty(): void {
    const { active, total } = readProcessCounts(this.#job);
    const told = this.#messageDue && total === this.#toldOf;
    this.#messageDue = false;
    if (told) return;
    this.#toldOf = total - active;
    this.emit('empty');
  }

  #lookWhetherEmpty(): void {
    deliver();
    if (this.#closed) return;
    const { active, total } = readProcessCounts(this.#job);
    if (active > 0 || total <= this.#toldOf) return;
    this.#toldOf = total;
    this.#messageDue = true;
    this.emit('empty');
  }
}

/** Port 0 takes the association away, so that no messages pile up in a port that nobody reads. */
function associate(job: Handle, port: Handle | 0, key: number): number {
  const { CompletionKey, CompletionPort } = abi.JOBOBJECT_ASSOCIATE_COMPLETION_PORT;
  const { view } = association();
  view.setBigUint64(CompletionKey, BigInt(key), true);
  view.setBigUint64(CompletionPort, BigInt(port), true);
  return setJob(job, abi.JobObjectAssociateCompletionPortInformation, association());
}
