import { parseFilters } from '../filter.ts';
import { columnHelp } from '../render/columns.ts';
import { statsColumns } from '../render/stats-columns.ts';
import { topKeys } from '../render/top-help.ts';
import { defaultTopTitles } from '../render/top-model.ts';
import { UsageError } from '../usage-error.ts';
import { parseColumns, parseInterval, parseOrder, parseReferences } from './arguments.ts';
import { type CommandLineParts, collect, examples, filterHelp, idHelp, unknownHelp } from './definition.ts';

interface Flags {
  readonly interval: string;
  readonly filter?: readonly string[];
  readonly columns: string;
  readonly sort: string;
  readonly reverse?: boolean;
}

const history = { title: 'HISTORY', meaning: 'CPU% of the last readings as bars, the newest at the right.' };

export function defineTop(parts: CommandLineParts): void {
  parts
    .command('top')
    .description('Watch what containers use, on the whole screen; all running ones unless some are named.')
    .argument('[id...]', idHelp)
    .option('-i, --interval <seconds>', 'time between readings', '1')
    .option('-f, --filter <key=value>', filterHelp, collect)
    .option(
      '--columns <titles>',
      'columns to show, as far as they fit, separated by commas',
      defaultTopTitles.join(','),
    )
    .option('--sort <title>', 'sort by a column: numbers from the largest on', 'CPU%')
    .option('--reverse', 'sort the other way round')
    .addHelpText('after', () => helpText(parts.io.stdout.columns))
    .addHelpText(
      'after',
      examples([
        ['silostat top', 'all that run'],
        ['silostat top --filter pod=shop/api-0', 'the containers of a pod'],
        ['silostat top --sort commit --columns name,commit,commit%,memory-limit', 'how close to their limits they are'],
      ]),
    )
    .action(async (ids: string[], flags: Flags) => {
      const intervalSeconds = parseInterval(flags.interval, true);
      const references = parseReferences(ids);
      const filters = parseFilters(flags.filter ?? []);
      if (references.length > 0 && filters.length > 0) throw new UsageError('give either IDs or filters, not both');
      const titles = parseColumns(flags.columns, [...statsColumns, history]);
      const order = parseOrder(flags.sort, flags.reverse === true, statsColumns);
      const { top } = await import('../commands/top.ts');
      const request = { references, filters, intervalSeconds, titles, order, debug: parts.debug };
      parts.end(await top(request, parts.io));
    });
}

function helpText(terminalWidth: number | undefined): string {
  const keys = topKeys.map(([title, meaning]) => ({ title, meaning }));
  return [
    ...['', 'Keys:', ...columnHelp(keys, terminalWidth)],
    ...['', 'Columns:', ...columnHelp([history, ...statsColumns], terminalWidth), '', unknownHelp],
  ].join('\n');
}
