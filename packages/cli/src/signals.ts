import { readFileSync } from 'node:fs';
import { exitProcess } from 'silostat';
import { exitCodeOfSignal } from './exit-code.ts';

/** Windows has Ctrl-Break where Unix has Ctrl-\. */
const handled: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Where the process's signals go: to `stop` at first, to a listener while one has taken them. */
export class Signals {
  readonly #controller = new AbortController();
  #listener: ((signal: NodeJS.Signals) => void) | undefined;

  constructor() {
    for (const signal of handled) {
      process.on(signal, () => this.#arrived(signal));
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

/**
 * True when the signal reached the processes that we start as well, from the terminal itself. On Windows every signal is an
 * event of the console, which all its programs get.
 */
export function comesFromTerminal(signal: NodeJS.Signals): boolean {
  if (process.platform === 'win32') return true;
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
}

/** True when our process group is the one that the terminal sends Ctrl-C to. */
function isForeground(): boolean {
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
