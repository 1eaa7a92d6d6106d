import type { Command, CommandOptions } from 'commander';
import type { Io } from '../io.ts';

/** What the definition of a command works with. */
export interface CommandLineParts {
  readonly io: Io;
  /** True with `--debug`; known when an action runs. */
  readonly debug: boolean;
  /** All commands. */
  readonly program: Command;
  /** A subcommand with the options that all have. */
  command(name: string, options?: CommandOptions): Command;
  /** From now on failures have the exit codes of `run`. */
  failAsRun(): void;
  /** Sets the exit code. */
  end(exitCode: number): void;
}

export const idHelp = 'an id, a name, a prefix of one (3 characters or more), or a cgroup path';
export const unknownHelp =
  'A dash is a figure that nobody told; >= is a lower bound: some processes could not be read.';

/** For an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** Examples at the end of a help text: what to type, and what it does. */
export function examples(rows: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...rows.map(([command]) => command.length));
  return ['', 'Examples:', ...rows.map(([command, does]) => `  ${command.padEnd(width)}  ${does}`)].join('\n');
}

/** How filters are described, wherever there are some. */
export const filterHelp =
  'only those of a name=PART, engine=NAME, label=KEY[=VALUE] or pod=[NAMESPACE/]NAME; may be given more than once';
