import { Command, CommanderError, Option } from 'commander';
import { defineClean } from './command-line/clean.ts';
import type { CommandLineParts } from './command-line/definition.ts';
import { defineDoctor } from './command-line/doctor.ts';
import { defineInspect } from './command-line/inspect.ts';
import { defineLs } from './command-line/ls.ts';
import { definePs } from './command-line/ps.ts';
import { defineRun } from './command-line/run.ts';
import { defineStats } from './command-line/stats.ts';
import { defineTop } from './command-line/top.ts';
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
    await line.program.parseAsync(argv, { from: 'user' });
    return io.stop.aborted ? exitCodeOfSignal(io.stop.reason as NodeJS.Signals) : line.exitCode;
  } catch (error) {
    return line.failed(error);
  }
}

/** The commands and their options. */
class CommandLine implements CommandLineParts {
  readonly program: Command;
  readonly io: Io;
  debug = false;
  exitCode: number = exitCode.success;
  #isRun = false;

  constructor(version: string, io: Io) {
    this.io = io;
    this.program = this.#newProgram(version);
    defineRun(this, () => {
      this.#isRun = true;
    });
    defineLs(this);
    defineStats(this);
    defineTop(this);
    definePs(this);
    defineInspect(this);
    defineDoctor(this);
    defineClean(this);
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
  command(name: string): Command {
    return this.program
      .command(name)
      .helpOption('-h, --help', 'print this help')
      .addOption(debugOption())
      .hook('preAction', (_, command) => {
        this.debug = command.optsWithGlobals<{ debug?: boolean }>().debug === true;
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
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
        outputError: () => {},
      })
      .enablePositionalOptions()
      .exitOverride();
  }
}

function debugOption(): Option {
  return new Option('--debug', 'with an error, print the stack and the chain of causes');
}
