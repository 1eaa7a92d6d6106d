import { parseFilters } from '../filter.ts';
import { columnHelp } from '../render/columns.ts';
import { defaultStatsTitles, statsColumns } from '../render/stats-columns.ts';
import { UsageError } from '../usage-error.ts';
import { parseColumns, parseInterval, parseOrder, parseReferences } from './arguments.ts';
import { type CommandLineParts, collect, examples, filterHelp, idHelp, unknownHelp } from './definition.ts';

interface Flags {
  readonly watch?: boolean;
  readonly interval: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly filter?: readonly string[];
  readonly columns: string;
  readonly sort?: string;
  readonly reverse?: boolean;
}

export function defineStats(parts: CommandLineParts): void {
  parts
    .command('stats')
    .description('Show what containers use; all running ones unless some are named.')
    .argument('[id...]', idHelp)
    .option('-w, --watch', 'go on until interrupted, or until all that were named have ended')
    .option('-i, --interval <seconds>', 'time between readings; 0: one reading, without CPU%', '1')
    .option('-f, --filter <key=value>', filterHelp, collect)
    .option('--columns <titles>', 'columns to show, separated by commas', defaultStatsTitles.join(','))
    .option('--sort <title>', 'sort by a column: numbers from the largest on')
    .option('--reverse', 'sort the other way round')
    .option('--csv', 'print comma-separated values, exact numbers')
    .option('--json', 'print JSON (totals, from one reading)')
    .addHelpText('after', () =>
      ['', 'Columns:', ...columnHelp(statsColumns, parts.io.stdout.columns), '', unknownHelp].join('\n'),
    )
    .addHelpText(
      'after',
      examples([
        ['silostat stats', 'all that run, once'],
        ['silostat stats web db --watch', 'two of them, every second'],
        ['silostat stats --sort private --filter engine=docker', "Docker's, the largest first"],
        ['silostat stats --columns name,commit,commit%,memory-limit', 'how close to their limits they are'],
        ['silostat stats --csv --watch -i 10 > usage.csv', 'a record to look at later'],
      ]),
    )
    .action(async (ids: string[], flags: Flags) => {
      const request = requestOf(ids, flags);
      const { stats } = await import('../commands/stats.ts');
      parts.end(await stats({ ...request, debug: parts.debug }, parts.io));
    });
}

function requestOf(ids: string[], flags: Flags) {
  const watch = flags.watch === true;
  const intervalSeconds = parseInterval(flags.interval, watch);
  const references = parseReferences(ids);
  const filters = parseFilters(flags.filter ?? []);
  if (references.length > 0 && filters.length > 0) throw new UsageError('give either IDs or filters, not both');
  if (flags.csv === true && flags.json === true) throw new UsageError('give either --csv or --json, not both');
  const titles = parseColumns(flags.columns, statsColumns);
  const order = parseOrder(flags.sort, flags.reverse === true, statsColumns);
  const format = flags.json === true ? 'json' : flags.csv === true ? 'csv' : 'table';
  return {
    references,
    watch,
    intervalSeconds,
    filters,
    format: format as 'json' | 'csv' | 'table',
    view: { titles, ...(order !== undefined && { order }) },
  };
}
