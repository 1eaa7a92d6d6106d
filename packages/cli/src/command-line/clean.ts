import { type CommandLineParts, examples } from './definition.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function defineClean(parts: CommandLineParts): void {
  parts
    .command('clean')
    .description('End and remove what a silostat that was killed left behind: its job containers, and nothing else.')
    .option('--dry-run', 'only tell what would be removed')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['silostat clean --dry-run', 'what there is to clean']]))
    .action(async (flags: Flags) => {
      const { clean } = await import('../commands/clean.ts');
      parts.end(await clean({ dryRun: flags.dryRun === true, json: flags.json === true }, parts.io));
    });
}
