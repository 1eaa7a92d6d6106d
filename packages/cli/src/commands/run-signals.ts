import type { JobProcess } from 'silostat';
import type { Io, Job } from '../io.ts';

/** How long a command may take to end after SIGTERM or SIGHUP. */
const graceMs = 10_000;

/**
 * What `run` does with signals. While the command runs they are passed on to it and it decides; when it has ended after one,
 * what it left behind is ended too. A command that does not follow in time, or that is told twice, is ended with all its
 * processes. Ctrl-C reaches the command from the terminal itself: it is not passed on a second time, and the command may
 * take it as it likes.
 */
export class RunSignals {
  readonly #io: Io;
  readonly #release: () => void;
  #job: Job | undefined;
  #child: JobProcess | undefined;
  #received: NodeJS.Signals | undefined;
  #commandEnded = false;
  #grace: NodeJS.Timeout | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#release = io.takeSignals((signal) => this.#take(signal));
  }

  /** The first signal that came. */
  get received(): NodeJS.Signals | undefined {
    return this.#received;
  }

  commandStarted(job: Job, child: JobProcess): void {
    this.#job = job;
    this.#child = child;
  }

  /** From now on only left-over processes run; a signal, also one that came before, ends them. */
  async commandEnded(): Promise<void> {
    this.#commandEnded = true;
    clearTimeout(this.#grace);
    if (this.#received !== undefined) await this.#job?.terminate();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#grace);
    this.#release();
  }

  #take(signal: NodeJS.Signals): void {
    const fromTerminal = this.#io.comesFromTerminal(signal);
    const isSecond = this.#received !== undefined && !fromTerminal;
    this.#received ??= signal;
    if (this.#commandEnded || isSecond) this.#terminate();
    else if (!fromTerminal) this.#passOn(signal);
  }

  #passOn(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
    this.#grace = setTimeout(() => this.#terminate(), graceMs);
    this.#grace.unref();
  }

  #terminate(): void {
    this.#job?.terminate().catch(() => {
      // The job may be empty by now; whatever is left is ended, and reported, when it is closed.
    });
  }
}
