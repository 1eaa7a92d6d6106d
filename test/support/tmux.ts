import { spawnSync } from 'node:child_process';
import { until } from './deadline.ts';
import { testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';

let made = 0;

/** A real terminal: one window of a tmux server of our own. */
export class Tmux {
  readonly #socket: string;

  constructor(undo: Undo, command: string, { columns, rows }: { columns: number; rows: number }) {
    this.#socket = `${testPrefix}-${process.pid}-${++made}`;
    undo.add(() => void spawnSync('tmux', ['-L', this.#socket, 'kill-server']));
    // Without the user's configuration, and with UTF-8 whatever the locale.
    this.#tmux(['-f', '/dev/null', '-u', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, command]);
    this.#tmux(['set-option', '-g', 'remain-on-exit', 'on']);
  }

  /** Keys by tmux's names (`Down`, `C-c`), or text. */
  keys(...keys: string[]): void {
    this.#tmux(['send-keys', ...keys]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', `${columns}`, '-y', `${rows}`]);
  }

  /** The lines on the screen, without spaces at their ends. */
  lines(): string[] {
    const lines = this.#tmux(['capture-pane', '-p']).split('\n').slice(0, -1);
    return lines.map((line) => line.trimEnd());
  }

  /** Waits until the screen shows it. */
  async shows(what: string | RegExp, deadlineMs = 20_000): Promise<string[]> {
    const fits = (): boolean => {
      const text = this.lines().join('\n');
      return typeof what === 'string' ? text.includes(what) : what.test(text);
    };
    await until(`${what} on the screen`, fits, deadlineMs).catch((error) => {
      throw new Error(`${error.message}; it shows\n${this.lines().join('\n')}`);
    });
    return this.lines();
  }

  /** What tmux knows of the window: `alternate_on`, `cursor_flag`, `pane_pid`, ... */
  property(name: string): string {
    return this.#tmux(['display-message', '-p', `#{${name}}`]).trim();
  }

  #tmux(args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}
