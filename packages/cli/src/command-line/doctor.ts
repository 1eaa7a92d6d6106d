import { type CommandLineParts, examples } from './definition.ts';

export function defineDoctor(parts: CommandLineParts): void {
  parts
    .command('doctor')
    .description('Tell which sources, rights and features this host has, what is lost without each, and how to get it.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0; 1 where no container can be read at all.')
    .addHelpText('after', examples([['silostat doctor', 'what this user can read here']]))
    .action(async (flags: { json?: boolean }) => {
      const { doctor } = await import('../commands/doctor.ts');
      parts.end(await doctor({ json: flags.json === true }, parts.io));
    });
}
