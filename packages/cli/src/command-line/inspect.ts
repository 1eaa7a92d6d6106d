import { parseReferences, parseTypes } from './arguments.ts';
import { type CommandLineParts, examples, idHelp } from './definition.ts';

interface Flags {
  readonly types: string;
  readonly json?: boolean;
  readonly explain?: boolean;
}

export function defineInspect(parts: CommandLineParts): void {
  parts
    .command('inspect')
    .description('Show all figures of one container, with what each of them means.')
    .argument('<id>', idHelp)
    .option('-t, --types <types>', 'property types, separated by commas', 'Statistics,ProcessList')
    .option('--json', 'print the Properties document as JSON')
    .option('--explain', 'also where each figure was read, and why one is absent')
    .addHelpText(
      'after',
      examples([
        ['silostat inspect web --explain', 'where each figure was read, and why one is absent'],
        ['silostat inspect web --types Limits,Linux', 'its limits, and what Linux alone knows'],
        ['silostat inspect web --json', 'an HCS schema-2 document'],
      ]),
    )
    .action(async (id: string, flags: Flags) => {
      const types = parseTypes(flags.types);
      const [reference = ''] = parseReferences([id]);
      const { inspect } = await import('../commands/inspect.ts');
      const request = { reference, types, json: flags.json === true, explain: flags.explain === true };
      parts.end(await inspect(request, parts.io));
    });
}
