import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Diagnosis, type Leftover, SilostatError } from 'silostat';
import type { Io, Library, OpenedFile } from '../../dist/io.js';
import { runCommandLine } from '../../dist/program.js';
import { fakeSystem, notFound, type Script, summaryOf } from './fake-job.ts';

/** The keyboard of a terminal. */
class FakeInput extends EventEmitter {
  isTTY = false;
  /** What the mode was set to, in order. */
  modes: boolean[] = [];

  setRawMode(on: boolean): void {
    this.modes.push(on);
  }

  resume(): void {}

  pause(): void {}
}

/** A world for the commands: containers by script, a clock that sleeping moves, streams that are kept. */
export class FakeWorld {
  containers: Script[];
  leftovers: Leftover[] = [];
  isStdinTerminal = false;
  out = '';
  err = '';
  /** What was asked of the library, in order. */
  asked: string[] = [];
  slept: number[] = [];
  files: Record<string, string> = {};
  terminal: { isTTY?: boolean; columns?: number; rows?: number } = {};
  foreground = false;
  colours = false;
  diagnosis: Diagnosis = { platform: 'linux', release: '6.1.0', capabilities: [] };
  suspended = 0;
  crashListener: (() => void) | undefined;
  stdin = new FakeInput();
  /** True where real processes run: sleeping then takes its time. */
  realTime = false;
  /** Called when a command sleeps, with how often it has: time to change the world. */
  onSleep: (times: number) => void = () => {};
  signalListener: ((signal: NodeJS.Signals) => void) | undefined;
  library: Library;
  readonly #stop = new AbortController();
  #nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  #monotonicNs = 0n;

  constructor(...containers: Script[]) {
    this.containers = containers;
    this.library = {
      listComputeSystems: async (options) => {
        this.asked.push(options?.all === true ? 'list all' : 'list');
        return this.containers.map(summaryOf);
      },
      diagnoseHost: async () => {
        this.asked.push('diagnose');
        return this.diagnosis;
      },
      openComputeSystem: async (reference) => {
        this.asked.push(`open ${reference}`);
        return fakeSystem(this.#find(reference));
      },
      createJobContainer: async () => {
        this.asked.push('create');
        throw new SilostatError('ERR_UNSUPPORTED', { subject: 'job', operation: 'make', reason: 'not in this fake' });
      },
      cleanJobContainers: async (options) => {
        this.asked.push(options?.dryRun === true ? 'clean dry' : 'clean');
        return this.leftovers;
      },
    };
  }

  /** Runs a command line and gives its exit code. */
  run(...argv: string[]): Promise<number> {
    return runCommandLine(argv, '1.2.3', this.#io());
  }

  interrupt(signal: NodeJS.Signals = 'SIGINT'): void {
    if (this.signalListener !== undefined) this.signalListener(signal);
    else this.#stop.abort(signal);
  }

  createFile(path: string): OpenedFile {
    return {
      write: (text) => {
        this.files[path] = (this.files[path] ?? '') + text;
      },
      close: () => {},
    };
  }

  get errLines(): string[] {
    return this.err.split('\n').slice(0, -1);
  }

  #find(reference: string): Script {
    const found = this.containers.filter(
      (told) =>
        reference === `/${told.owner}/${told.id}` || told.id.startsWith(reference) || told.names.includes(reference),
    );
    if (found.length > 1) {
      throw new SilostatError('ERR_AMBIGUOUS', {
        subject: reference,
        operation: 'open container',
        reason: `${found.length} containers begin so`,
        candidates: found.map((told) => told.id),
      });
    }
    const [only] = found;
    if (only === undefined) throw notFound(reference);
    return only;
  }

  #io(): Io {
    return {
      stdin: this.stdin,
      stdout: { ...this.terminal, write: (text) => (this.out += text) },
      isStdinTerminal: this.isStdinTerminal,
      stderr: { ...this.terminal, write: (text) => (this.err += text) },
      library: this.library,
      clock: {
        now: () => this.#nowMs,
        monotonicNs: () => this.#monotonicNs,
        // Patience never ends here.
        wait: (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      },
      sleep: (milliseconds) => this.#sleep(milliseconds),
      stop: this.#stop.signal,
      takeSignals: (listener) => {
        this.signalListener = listener;
        return () => {
          this.signalListener = undefined;
        };
      },
      comesFromTerminal: (signal) => this.foreground && (signal === 'SIGINT' || signal === 'SIGQUIT'),
      createFile: (path) => this.createFile(path),
      hasColours: () => this.colours,
      onCrash: (listener) => {
        this.crashListener = listener;
        return () => {
          this.crashListener = undefined;
        };
      },
      suspend: async () => {
        this.suspended++;
      },
    };
  }

  async #sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    if (this.realTime) await delay(milliseconds);
    this.#nowMs += milliseconds;
    this.#monotonicNs += BigInt(Math.round(milliseconds * 1e6));
    // Far more than any test needs: a command that never ends must not hang the test.
    if (this.slept.length > 1000) this.interrupt('SIGTERM');
    this.onSleep(this.slept.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
