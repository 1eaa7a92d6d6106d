import { Command, CommanderError, Option } from 'commander';
import { parseInterval, parseReferences, parseTypes } from './arguments.ts';
import { exitCode, exitCodeOfSignal } from './exit-code.ts';
import { exitCodeOfFailure, reportFailure } from './failure.ts';
import type { Io } from './io.ts';
import { statsColumnHelp } from './render/stats.ts';
import { UsageError } from './usage-error.ts';

/** Options as commander hands them over. */
interface Flags {
  readonly debug?: boolean;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly watch?: boolean;
  readonly interval: string;
  readonly types: string;
  readonly explain?: boolean;
  readonly exportJson?: string;
}

/**
 * Runs one command line and tells its exit code. Arguments are checked here, before a command's code is loaded and before
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

class CommandLine {
  readonly program: Command;
  exitCode: number = exitCode.success;
  readonly #io: Io;
  #isRun = false;
  #debug = false;

  constructor(version: string, io: Io) {
    this.#io = io;
    this.program = this.#newProgram(version);
    this.#addRun();
    this.#addLs();
    this.#addStats();
    this.#addInspect();
  }

  failed(error: unknown): number {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.success;
    if (error instanceof CommanderError) {
      // commander.help: no command was given, and its help is on stderr by now.
      if (error.code !== 'commander.help') reportFailure(this.#usageErrorOf(error), this.#io, this.#debug);
      return this.#isRun ? exitCode.runFailure : exitCode.usage;
    }
    reportFailure(error, this.#io, this.#debug);
    return this.#isRun ? exitCode.runFailure : exitCodeOfFailure(error);
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
    const io = this.#io;
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

  #addRun(): void {
    this.#command('run')
      .usage('[options] [--] COMMAND [ARGUMENT...]')
      .description('Run a command as a job container and report what it and all its processes used.')
      .argument('<command...>', 'the command and its arguments; from the first one on everything belongs to it')
      .option('--export-json <file>', 'write the report to a file as JSON, too')
      .passThroughOptions()
      .addHelpText('after', runHelp)
      .exitOverride((error) => {
        this.#isRun = true;
        throw error;
      })
      .action(async (words: string[], flags: Flags) => {
        this.#isRun = true;
        const [command = '', ...args] = words;
        if (command === '') throw new UsageError('the command is empty; see "silostat run --help"');
        const { run } = await import('./commands/run.ts');
        const { exportJson } = flags;
        const request = { command, args, debug: this.#debug, ...(exportJson !== undefined && { exportJson }) };
        this.exitCode = await run(request, this.#io);
      });
  }

  #addLs(): void {
    this.#command('ls')
      .description('List running containers and job containers.')
      .option('-a, --all', 'also systemd units, other cgroups with processes, and ended containers')
      .option('--json', 'print JSON')
      .action(async (flags: Flags) => {
        const { ls } = await import('./commands/ls.ts');
        this.exitCode = await ls({ all: flags.all === true, json: flags.json === true }, this.#io);
      });
  }

  #addStats(): void {
    this.#command('stats')
      .description('Show what containers use; all running ones unless some are named.')
      .argument('[id...]', idHelp)
      .option('-w, --watch', 'go on until interrupted, or until all that were named have ended')
      .option('-i, --interval <seconds>', 'time between readings; 0: one reading, without CPU%', '1')
      .option('--json', 'print JSON (totals, from one reading)')
      .addHelpText('after', () => ['', 'Columns:', ...statsColumnHelp(), '', unknownHelp].join('\n'))
      .action(async (ids: string[], flags: Flags) => {
        const watch = flags.watch === true;
        const intervalSeconds = parseInterval(flags.interval, watch);
        const references = parseReferences(ids);
        const { stats } = await import('./commands/stats.ts');
        const request = { references, watch, intervalSeconds, json: flags.json === true, debug: this.#debug };
        this.exitCode = await stats(request, this.#io);
      });
  }

  #addInspect(): void {
    this.#command('inspect')
      .description('Show all figures of one container, with what each of them means.')
      .argument('<id>', idHelp)
      .option('-t, --types <types>', 'property types, separated by commas', 'Statistics,ProcessList')
      .option('--json', 'print the Properties document as JSON')
      .option('--explain', 'also where each figure was read, and why one is absent')
      .action(async (id: string, flags: Flags) => {
        const types = parseTypes(flags.types);
        const [reference = ''] = parseReferences([id]);
        const { inspect } = await import('./commands/inspect.ts');
        const request = { reference, types, json: flags.json === true, explain: flags.explain === true };
        this.exitCode = await inspect(request, this.#io);
      });
  }

  /** A subcommand; `--debug` may stand before or after its name. */
  #command(name: string): Command {
    return this.program
      .command(name)
      .helpOption('-h, --help', 'print this help')
      .addOption(debugOption())
      .hook('preAction', (_, command) => {
        this.#debug = command.optsWithGlobals<Flags>().debug === true;
      });
  }
}

const idHelp = 'an id, a name, a prefix of one (3 characters or more), or a cgroup path';
const unknownHelp = 'A dash is a figure that nobody told; >= is a lower bound: some processes could not be read.';
const runHelp = `
Exit code: the command's own; 128+n when signal n ended it; 126 when it cannot be executed, 127 when there is no such
command; 125 when silostat itself failed.`;

function debugOption(): Option {
  return new Option('--debug', 'with an error, print the stack and the chain of causes');
}
