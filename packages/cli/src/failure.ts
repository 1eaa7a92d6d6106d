import { isSilostatError, type Reason } from 'silostat';
import { exitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { renderFailure, renderMissing } from './render/failure.ts';
import { UsageError } from './usage-error.ts';

/** Tells on stderr what went wrong. With `debug` the stack and the chain of causes follow. */
export function reportFailure(error: unknown, io: Pick<Io, 'stderr'>, debug: boolean): void {
  for (const line of renderFailure(error, debug)) io.stderr.write(`${line}\n`);
}

/** Tells on stderr that there may be more than what is listed. No failure: what is listed is right. */
export function reportMissing({ message }: Reason, io: Pick<Io, 'stderr'>): void {
  for (const line of renderMissing(message)) io.stderr.write(`${line}\n`);
}

/** 2 where the caller can mend it by typing something else, else 1. */
export function exitCodeOfFailure(error: unknown): number {
  if (error instanceof UsageError) return exitCode.usage;
  if (!isSilostatError(error)) return exitCode.failure;
  return error.code === 'ERR_INVALID_ARGUMENT' || error.code === 'ERR_AMBIGUOUS' ? exitCode.usage : exitCode.failure;
}

/** Failures of single subjects while the rest goes on: each is told once, and the worst decides the exit code. */
export class Failures {
  readonly #io: Pick<Io, 'stderr'>;
  readonly #debug: boolean;
  readonly #told = new Set<string>();
  #code: number = exitCode.success;

  constructor(io: Pick<Io, 'stderr'>, debug: boolean) {
    this.#io = io;
    this.#debug = debug;
  }

  /** `subject` tells one container's failures from another's; the same one is not told twice. */
  add(subject: string, error: unknown): void {
    this.#code = Math.max(this.#code, exitCodeOfFailure(error));
    const key = `${subject}\0${isSilostatError(error) ? error.code : String(error)}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    reportFailure(error, this.#io, this.#debug);
  }

  /** What a list lacks, told once. */
  missing(reason: Reason): void {
    if (this.#told.has(reason.message)) return;
    this.#told.add(reason.message);
    reportMissing(reason, this.#io);
  }

  get exitCode(): number {
    return this.#code;
  }
}
