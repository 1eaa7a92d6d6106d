import { UsageError } from '../usage-error.ts';
import { type CommandLineParts, examples } from './definition.ts';

const exitCodes = `
Exit code: the command's own; 128+n when signal n ended it; 126 when it cannot be executed, 127 when there is no such
command; 125 when silostat itself failed.`;

/** `failing` is called before anything that can fail: the exit codes of `run` are others. */
export function defineRun(parts: CommandLineParts, failing: () => void): void {
  parts
    .command('run')
    .usage('[options] [--] COMMAND [ARGUMENT...]')
    .description('Run a command as a job container and report what it and all its processes used.')
    .argument('<command...>', 'the command and its arguments; from the first one on everything belongs to it')
    .option('--export-json <file>', 'write the report to a file as JSON, too')
    .passThroughOptions()
    .addHelpText('after', exitCodes)
    .addHelpText(
      'after',
      examples([
        ['silostat run npm test', 'what the tests cost, their children included'],
        ['silostat run --export-json build.json -- make -j8', 'the same for a program to read'],
      ]),
    )
    .exitOverride((error) => {
      failing();
      throw error;
    })
    .action(async (words: string[], flags: { exportJson?: string }) => {
      failing();
      const [command = '', ...args] = words;
      if (command === '') throw new UsageError('the command is empty; see "silostat run --help"');
      const { run } = await import('../commands/run.ts');
      const { exportJson } = flags;
      const request = { command, args, debug: parts.debug, ...(exportJson !== undefined && { exportJson }) };
      parts.end(await run(request, parts.io));
    });
}
