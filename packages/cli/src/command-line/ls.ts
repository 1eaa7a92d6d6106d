import { parseFilters } from '../filter.ts';
import { columnHelp } from '../render/columns.ts';
import { defaultListTitles, listColumns } from '../render/ls.ts';
import { parseColumns, parseOrder } from './arguments.ts';
import { type CommandLineParts, collect, examples, filterHelp } from './definition.ts';

interface Flags {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly filter?: readonly string[];
  readonly columns?: string;
  readonly sort?: string;
  readonly reverse?: boolean;
}

export function defineLs(parts: CommandLineParts): void {
  parts
    .command('ls')
    .description('List running containers and job containers.')
    .option('-a, --all', 'also systemd units, other cgroups with processes, and ended containers')
    .option('-f, --filter <key=value>', filterHelp, collect)
    .option('--columns <titles>', 'columns to show, separated by commas')
    .option('--sort <title>', 'sort by a column: numbers from the largest on')
    .option('--reverse', 'sort the other way round')
    .option('--json', 'print JSON')
    .addHelpText('after', () => ['', 'Columns:', ...columnHelp(listColumns, parts.io.stdout.columns)].join('\n'))
    .addHelpText(
      'after',
      examples([
        ['silostat ls --filter engine=docker', "Docker's alone"],
        ['silostat ls --columns id,name,pod,path', 'what is wanted of each'],
        ['silostat ls --all --sort pids', 'units too, the largest first'],
      ]),
    )
    .action(async (flags: Flags) => {
      const all = flags.all === true;
      const filters = parseFilters(flags.filter ?? []);
      const titles = flags.columns === undefined ? defaultListTitles(all) : parseColumns(flags.columns, listColumns);
      const order = parseOrder(flags.sort, flags.reverse === true, listColumns);
      const { ls } = await import('../commands/ls.ts');
      const request = { all, json: flags.json === true, filters, titles, ...(order !== undefined && { order }) };
      parts.end(await ls(request, parts.io));
    });
}
