import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { cleanJobContainers, createJobContainer, diagnoseHost, listComputeSystems, openComputeSystem } from 'silostat';
import type { Io, OpenedFile, Output } from './io.ts';
import { comesFromTerminal, Signals } from './signals.ts';

/** The real world: this process's streams, signals and clocks, and the library. */
export function processIo(): Io {
  const signals = new Signals();
  return {
    // Only for who wants it: to look at it is to open it, and a command that is run has it too.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    isStdinTerminal: isatty(0),
    library: { listComputeSystems, diagnoseHost, openComputeSystem, createJobContainer, cleanJobContainers },
    clock: {
      now: () => Date.now(),
      monotonicNs: () => process.hrtime.bigint(),
      wait: (milliseconds, { signal }) => sleepUntil(milliseconds, signal),
    },
    sleep: (milliseconds) => sleepUntil(milliseconds, signals.stop),
    stop: signals.stop,
    takeSignals: (listener) => signals.take(listener),
    comesFromTerminal,
    createFile,
    hasColours,
    onCrash,
    suspend,
  };
}

async function sleepUntil(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.max(0, milliseconds), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** NO_COLOR wins over FORCE_COLOR, and both over what the stream is. */
function hasColours(output: Output): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return output.isTTY === true && TERM !== 'dumb';
}

/** Before the error is printed, and when somebody calls process.exit. */
function onCrash(listener: () => void): () => void {
  process.once('uncaughtExceptionMonitor', listener);
  process.once('exit', listener);
  return () => {
    process.off('uncaughtExceptionMonitor', listener);
    process.off('exit', listener);
  };
}

/** Windows has no such thing. */
async function suspend(): Promise<void> {
  if (process.platform === 'win32') return;
  const continued = once(process, 'SIGCONT');
  // The whole group, as the terminal would: who started us waits too.
  process.kill(0, 'SIGTSTP');
  await continued;
}

function createFile(path: string): OpenedFile {
  const descriptor = openSync(path, 'w');
  return {
    write: (text) => {
      writeSync(descriptor, text);
    },
    close: () => closeSync(descriptor),
  };
}
