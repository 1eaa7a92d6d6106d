import { Command, CommanderError, type CommandOptions, Option } from 'commander';
import type { CommandLineParts } from './command-line/definition.ts';
import { exitCode, exitCodeOfSignal } from './exit-code.ts';
import { exitCodeOfFailure, reportFailure } from './failure.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

/**
 * Runs one command line and tells its exit code. Arguments are checked before a command's code is loaded and before
 * anything is opened.
 */
export async function runCommandLine(argv: readonly string[], version: string, io: Io): Promise<number> {
  const line = new CommandLine(version, io);
  try {
    await line.define(commandOf(argv));
    await line.program.parseAsync(argv, { from: 'user' });
    return io.stop.aborted ? exitCodeOfSignal(io.stop.reason as NodeJS.Signals) : line.exitCode;
  } catch (error) {
    return line.failed(error);
  }
}

/** The commands and their options, for who describes them. */
export async function describeProgram(version: string, io: Pick<Io, 'stdout' | 'stderr'>): Promise<Command> {
  const line = new CommandLine(version, io as Io);
  await line.define(undefined);
  return line.program;
}

/** Each command's definition is a module of its own: only the one that is asked for is loaded. In the order of the help. */
const definitions: Readonly<Record<string, () => Promise<(parts: CommandLineParts) => void>>> = {
  run: async () => (await import('./command-line/run.ts')).defineRun,
  ls: async () => (await import('./command-line/ls.ts')).defineLs,
  stats: async () => (await import('./command-line/stats.ts')).defineStats,
  top: async () => (await import('./command-line/top.ts')).defineTop,
  ps: async () => (await import('./command-line/ps.ts')).definePs,
  inspect: async () => (await import('./command-line/inspect.ts')).defineInspect,
  doctor: async () => (await import('./command-line/doctor.ts')).defineDoctor,
  clean: async () => (await import('./command-line/clean.ts')).defineClean,
  completion: async () => (await import('./command-line/completion.ts')).defineCompletion,
};

/** The command that a command line is certain to be of; undefined where it takes all of them to tell. */
function commandOf([first = '']: readonly string[]): string | undefined {
  return Object.hasOwn(definitions, first) ? first : undefined;
}

/** The commands and their options. */
class CommandLine implements CommandLineParts {
  readonly program: Command;
  io: Io;
  readonly #world: Io;
  debug = false;
  exitCode: number = exitCode.success;
  #isRun = false;

  constructor(version: string, io: Io) {
    this.io = io;
    this.#world = io;
    this.program = this.#newProgram(version);
  }

  /** Adds a command, or all of them. */
  async define(name: string | undefined): Promise<void> {
    const wanted = name === undefined ? Object.values(definitions) : [definitions[name]];
    for (const define of await Promise.all(wanted.map((load) => load?.()))) define?.(this);
  }

  /** From now on failures have the exit codes of `run`. */
  failAsRun(): void {
    this.#isRun = true;
  }

  end(code: number): void {
    this.exitCode = code;
  }

  failed(error: unknown): number {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.success;
    if (error instanceof CommanderError) {
      // commander.help: no command was given, and its help is on stderr by now.
      if (error.code !== 'commander.help') reportFailure(this.#usageErrorOf(error), this.io, this.debug);
      return this.#isRun ? exitCode.runFailure : exitCode.usage;
    }
    reportFailure(error, this.io, this.debug);
    return this.#isRun ? exitCode.runFailure : exitCodeOfFailure(error);
  }

  /** `--debug` may stand before or after its name. */
  command(name: string, options: CommandOptions = {}): Command {
    return this.program
      .command(name, options)
      .helpOption('-h, --help', 'print this help')
      .addOption(debugOption())
      .addOption(colorOption())
      .hook('preAction', (_, command) => {
        const { debug, color = 'auto' } = command.optsWithGlobals<{ debug?: boolean; color?: ColourChoice }>();
        this.debug = debug === true;
        this.io = withColours(this.#world, color);
      });
  }

  /** Commander's message in our words: one line, and where to look. */
  #usageErrorOf(error: CommanderError): UsageError {
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.$/, '');
    const command = this.program.args[0];
    const isKnown = this.program.commands.some((known) => known.name() === command);
    return new UsageError(`${message}; see "silostat ${isKnown ? `${command} ` : ''}--help"`, { cause: error });
  }

  #newProgram(version: string): Command {
    const { io } = this;
    return new Command('silostat')
      .description('Container statistics straight from the kernel.')
      .version(version, '-V, --version', 'print the version')
      .helpOption('-h, --help', 'print this help')
      .helpCommand('help [command]', 'print the help of a command')
      .addOption(debugOption())
      .addOption(colorOption())
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
        outputError: () => {},
      })
      .enablePositionalOptions()
      .exitOverride();
  }
}

type ColourChoice = 'auto' | 'always' | 'never';

/** What was asked for wins over the environment and the terminal. */
function withColours(io: Io, choice: ColourChoice): Io {
  if (choice === 'auto') return io;
  return Object.create(io, { hasColours: { value: () => choice === 'always' } }) as Io;
}

function colorOption(): Option {
  return new Option('--color <when>', 'colours: auto (on a terminal, unless NO_COLOR is set), always or never').choices(
    ['auto', 'always', 'never'],
  );
}

function debugOption(): Option {
  return new Option('--debug', 'with an error, print the stack and the chain of causes');
}
