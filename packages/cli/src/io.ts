import type {
  CleanOptions,
  ComputeSystem,
  ComputeSystemSummary,
  Diagnosis,
  JobContainer,
  JobContainerOptions,
  Leftover,
  ListOptions,
  SamplerClock,
} from 'silostat';

/** An opened compute system, as the commands use it. */
export type System = Pick<ComputeSystem, 'id' | 'identity' | 'names' | 'query' | 'close'>;

/** A job container, as `run` uses it. */
export type Job = Pick<JobContainer, 'id' | 'query' | 'started' | 'spawn' | 'wait' | 'terminate' | 'close'> & {
  readonly system: System;
};

/** What the commands need of the library. */
export interface Library {
  listComputeSystems(options?: ListOptions): Promise<ComputeSystemSummary[]>;
  diagnoseHost(): Promise<Diagnosis>;
  openComputeSystem(reference: string): Promise<System>;
  createJobContainer(options?: JobContainerOptions): Promise<Job>;
  cleanJobContainers(options?: CleanOptions): Promise<Leftover[]>;
}

/** Standard input. Where it is a terminal its keys come one by one in raw mode. */
interface Input {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  off(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** A standard stream. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Size of the terminal, where it is one. */
  readonly columns?: number;
  readonly rows?: number;
  /** `resize`: the terminal's size is another. */
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** A file that was opened to be written once. */
export interface OpenedFile {
  write(text: string): void;
  close(): void;
}

/** All that a command has to do with the world outside; tests put in their own. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** True when the command that is run may need the terminal for itself. */
  readonly isStdinTerminal: boolean;
  readonly library: Library;
  readonly clock: SamplerClock;
  /** Resolves after that time, or at once when `stop` is aborted. */
  sleep(milliseconds: number): Promise<void>;
  /** Aborted when somebody wants the command to end; the reason is the signal's name. */
  readonly stop: AbortSignal;
  /** From now on signals go to this listener instead of aborting `stop`. The answer puts things back. */
  takeSignals(listener: (signal: NodeJS.Signals) => void): () => void;
  /** True when the terminal itself has sent the signal, to us and to the processes that we start. */
  comesFromTerminal(signal: NodeJS.Signals): boolean;
  createFile(path: string): OpenedFile;
  /** True where a stream is to have colours. */
  hasColours(output: Output): boolean;
  /** Calls the listener should the program crash. The answer takes it back. */
  onCrash(listener: () => void): () => void;
  /** Hands the terminal to the shell as Ctrl-Z does; resolves when the program goes on. */
  suspend(): Promise<void>;
}
