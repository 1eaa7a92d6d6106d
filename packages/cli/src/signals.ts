import { readFileSync } from 'node:fs';
import { exitProcess } from 'silostat';
import { exitCodeOfSignal } from './exit-code.ts';

const handled: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Where the process's signals go: to `stop` at first, to a listener while one has taken them. */
export class Signals {
  readonly #controller = new AbortController();
  #listener: ((signal: NodeJS.Signals) => void) | undefined;

  constructor() {
    for (const signal of handled) {
      // Windows has no SIGQUIT.
      if (signal !== 'SIGQUIT' || process.platform !== 'win32') process.on(signal, () => this.#arrived(signal));
    }
  }

  get stop(): AbortSignal {
    return this.#controller.signal;
  }

  take(listener: (signal: NodeJS.Signals) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  #arrived(signal: NodeJS.Signals): void {
    if (this.#listener !== undefined) this.#listener(signal);
    else if (this.stop.aborted) exitProcess(exitCodeOfSignal(signal));
    else this.#controller.abort(signal);
  }
}

/** True when our process group is the one that the terminal sends Ctrl-C to. */
export function isForeground(): boolean {
  if (process.platform !== 'linux') return process.stdin.isTTY === true;
  try {
    // After the name in parentheses: state, parent, group, session, terminal, the terminal's foreground group.
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return false;
  }
}
