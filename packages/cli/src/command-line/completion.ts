import { exitCode } from '../exit-code.ts';
import { visible } from '../render/visible.ts';
import { UsageError } from '../usage-error.ts';
import { type CommandLineParts, examples } from './definition.ts';

export function defineCompletion(parts: CommandLineParts): void {
  parts
    .command('completion')
    .description('Print a script that lets a shell complete commands, options, columns and container ids.')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .addHelpText(
      'after',
      examples([
        ['eval "$(silostat completion bash)"', 'in ~/.bashrc'],
        ['source <(silostat completion zsh)', 'in ~/.zshrc, after compinit'],
        ['silostat completion fish | source', 'in ~/.config/fish/config.fish'],
        ['silostat completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
      ]),
    )
    .action(async (shell: string) => {
      const { completionScripts, isShell, shells } = await import('../completion/scripts.ts');
      if (!isShell(shell)) {
        throw new UsageError(`there is no completion for ${JSON.stringify(shell)}: give one of ${shells.join(', ')}`);
      }
      parts.io.stdout.write(completionScripts[shell]);
      parts.end(exitCode.success);
    });
  defineComplete(parts);
}

/** What those scripts ask. It never fails: nobody would see why. */
function defineComplete(parts: CommandLineParts): void {
  parts
    .command('__complete', { hidden: true })
    .option('--plain', 'the words alone')
    .argument('[word...]')
    .passThroughOptions()
    .action(async (given: string[], { plain }: { plain?: boolean }) => {
      const { candidatesFor } = await import('../completion/candidates.ts');
      const words = [...given.slice(0, -1), (given.at(-1) ?? '').replace(/^=/, '')];
      const list = () => parts.io.library.listComputeSystems().catch(() => []);
      for (const { word, meaning } of await candidatesFor({ program: parts.program, words, list })) {
        parts.io.stdout.write(plain === true ? `${word}\n` : `${word}\t${visible(meaning)}\n`);
      }
      parts.end(exitCode.success);
    });
}
