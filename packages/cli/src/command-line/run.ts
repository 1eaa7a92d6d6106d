import type { JobLimits } from 'silostat';
import type { RunRequest } from '../commands/run.ts';
import { UsageError } from '../usage-error.ts';
import { parseInterval } from './arguments.ts';
import { type CommandLineParts, examples } from './definition.ts';
import { parseCount, parseProcessors, parseSize } from './limits.ts';

interface Flags {
  readonly interval: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly pids?: string;
  readonly name?: string;
  readonly exportJson?: string;
  readonly exportCsv?: string;
  readonly live?: boolean;
  readonly quiet?: boolean;
}

const exitCodes = `
Exit code: the command's own; 128+n when signal n ended it; 126 when it cannot be executed, 127 when there is no such
command; 125 when silostat itself failed.`;

export function defineRun(parts: CommandLineParts): void {
  parts
    .command('run')
    .usage('[options] [--] COMMAND [ARGUMENT...]')
    .description('Run a command as a job container and report what it and all its processes used.')
    .argument('<command...>', 'the command and its arguments; from the first one on everything belongs to it')
    .option('-m, --memory <size>', 'most memory of all its processes: bytes, or with K, M, G, T (1024 each)')
    .option('--cpus <number>', 'most processor time per time: 0.5 is half a processor')
    .option('--pids <count>', 'most processes (on Linux threads) at a time')
    .option('-n, --name <name>', 'its id, for the other commands; a random one unless given')
    .option('-i, --interval <seconds>', 'time between live lines, and between rows of the CSV file', '1')
    .option('--export-json <file>', 'write the report to a file as JSON, too')
    .option('--export-csv <file>', 'write a row per interval to a file')
    .option('--live', 'a live line on stderr also when stdin is a terminal, which the command may need for itself')
    .option('-q, --quiet', 'no live line, no report')
    .passThroughOptions()
    .addHelpText('after', exitCodes)
    .addHelpText(
      'after',
      examples([
        ['silostat run npm test', 'what the tests cost, their children included'],
        ['silostat run --export-json build.json -- make -j8', 'the same for a program to read'],
        ['silostat run --memory 512M --cpus 1.5 -- npm run build', 'with limits'],
      ]),
    )
    .exitOverride((error) => {
      parts.failAsRun();
      throw error;
    })
    .action(async (words: string[], flags: Flags) => {
      parts.failAsRun();
      const request = requestOf(words, flags, parts.debug);
      const { run } = await import('../commands/run.ts');
      parts.end(await run(request, parts.io));
    });
}

function requestOf([command = '', ...args]: readonly string[], flags: Flags, debug: boolean): RunRequest {
  if (command === '') throw new UsageError('the command is empty; see "silostat run --help"');
  const { name, exportJson, exportCsv } = flags;
  return {
    command,
    args,
    limits: limitsOf(flags),
    intervalSeconds: parseInterval(flags.interval, true),
    live: flags.live === true,
    quiet: flags.quiet === true,
    debug,
    ...(name !== undefined && { name }),
    ...(exportJson !== undefined && { exportJson }),
    ...(exportCsv !== undefined && { exportCsv }),
  };
}

function limitsOf({ memory, cpus, pids }: Flags): JobLimits {
  return {
    ...(memory !== undefined && { memoryBytes: parseSize(memory) }),
    ...(cpus !== undefined && { cpus: parseProcessors(cpus) }),
    ...(pids !== undefined && { pids: parseCount(pids) }),
  };
}
