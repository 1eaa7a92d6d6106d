import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { cleanJobContainers, createJobContainer, listComputeSystems, openComputeSystem } from 'silostat';
import type { Io, OpenedFile } from './io.ts';
import { comesFromTerminal, Signals } from './signals.ts';

/** The real world: this process's streams, signals and clocks, and the library. */
export function processIo(): Io {
  const signals = new Signals();
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    isStdinTerminal: isatty(0),
    library: { listComputeSystems, openComputeSystem, createJobContainer, cleanJobContainers },
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
  };
}

async function sleepUntil(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.max(0, milliseconds), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
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
