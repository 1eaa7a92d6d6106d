import { type ChildProcess, spawn } from 'node:child_process';
import type { Job } from '../../dist/io.js';
import { fakeSystem, type Script } from './fake-job.ts';

/** A job container whose command is a real process, and whose figures are a script. */
export class FakeJobContainer implements Job {
  readonly id = 'job-1';
  readonly system: Job['system'];
  readonly spawned: { command: string; args: readonly string[] }[] = [];
  child: ChildProcess | undefined;
  terminated = 0;
  closed = 0;
  /** True: processes are left when the command has ended, until the job is terminated. */
  leavesProcesses = false;
  #ended: () => void = () => {};
  readonly #end = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });

  constructor(told: Script) {
    this.system = fakeSystem(told);
  }

  spawn(command: string, args: readonly string[] = []): ChildProcess {
    this.spawned.push({ command, args });
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    return this.child;
  }

  query: Job['query'] = (types) => this.system.query(types);

  started(): ReturnType<Job['started']> {
    return { count: 1, isLowerBound: false, source: 'the script' };
  }

  async wait(): Promise<void> {
    if (this.leavesProcesses) await this.#end;
  }

  async terminate(): Promise<void> {
    this.terminated++;
    this.child?.kill('SIGKILL');
    this.#ended();
  }

  async close(): Promise<void> {
    this.closed++;
  }
}
