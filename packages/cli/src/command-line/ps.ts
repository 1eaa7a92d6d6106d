import { columnHelp } from '../render/columns.ts';
import { defaultProcessTitles, processColumns } from '../render/ps.ts';
import { UsageError } from '../usage-error.ts';
import { parseColumns, parseOrder, parseReferences } from './arguments.ts';
import { type CommandLineParts, examples, idHelp } from './definition.ts';

interface Flags {
  readonly tree?: boolean;
  readonly columns: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

export function definePs(parts: CommandLineParts): void {
  parts
    .command('ps')
    .description('Show the processes of one container.')
    .argument('<id>', idHelp)
    .option('--tree', 'children below their parents')
    .option('--columns <titles>', 'columns to show, separated by commas', defaultProcessTitles.join(','))
    .option('--sort <title>', 'sort by a column: numbers from the largest on')
    .option('--reverse', 'sort the other way round')
    .option('--csv', 'print comma-separated values, exact numbers')
    .option('--json', 'print JSON')
    .addHelpText('after', () => ['', 'Columns:', ...columnHelp(processColumns, parts.io.stdout.columns)].join('\n'))
    .addHelpText(
      'after',
      examples([
        ['silostat ps web --tree', 'who started whom'],
        ['silostat ps web --sort private', 'the largest first'],
      ]),
    )
    .action(async (id: string, flags: Flags) => {
      const [reference = ''] = parseReferences([id]);
      if (flags.csv === true && flags.json === true) throw new UsageError('give either --csv or --json, not both');
      const titles = parseColumns(flags.columns, processColumns);
      const order = parseOrder(flags.sort, flags.reverse === true, processColumns);
      const { ps } = await import('../commands/ps.ts');
      const format = flags.json === true ? 'json' : flags.csv === true ? 'csv' : 'table';
      const view = { titles, tree: flags.tree === true, ...(order !== undefined && { order }) };
      parts.end(await ps({ reference, format, view }, parts.io));
    });
}
