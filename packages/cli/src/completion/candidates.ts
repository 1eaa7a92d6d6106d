import type { Command, Option } from 'commander';
import { type ComputeSystemSummary, hcsPropertyTypes, ownPropertyTypes } from 'silostat';
import { listColumns } from '../render/ls.ts';
import { processColumns } from '../render/ps.ts';
import { statsColumns } from '../render/stats-columns.ts';
import { shells } from './scripts.ts';

/** A word that may be typed, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** What may stand in the place of the last of the words; the others stand before it, without the program's name. */
export interface CompletionRequest {
  readonly program: Command;
  readonly words: readonly string[];
  /** What runs, where it is needed. */
  list(): Promise<readonly ComputeSystemSummary[]>;
}

/** Only what a shell takes as it is: completion must not put somebody's `$(...)` on the command line. */
const harmless = /^[A-Za-z0-9/][\w.@+/-]*$/;

/** The candidates that begin as the last word does; none where the shell's own (files, commands) are better. */
export async function candidatesFor(request: CompletionRequest): Promise<Candidate[]> {
  const { program, words } = request;
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => !word.startsWith('-'));
  if (before[at] === 'help') return commandsOf(program).filter(({ word }) => word.startsWith(current));
  const command = at < 0 ? undefined : program.commands.find((each) => each.name() === before[at]);
  const all =
    command === undefined ? ofProgram(program, at, current) : await ofCommand(command, before.slice(at + 1), request);
  return all.filter(({ word }) => word.startsWith(current));
}

function ofProgram(program: Command, at: number, current: string): Candidate[] {
  if (at >= 0) return [];
  return current.startsWith('-') ? optionsOf(program) : commandsOf(program);
}

function commandsOf(program: Command): Candidate[] {
  const visibleOnes = program.createHelp().visibleCommands(program);
  return visibleOnes.map((command) => ({ word: command.name(), meaning: command.description() }));
}

function optionsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', meaning: description }));
}

async function ofCommand(
  command: Command,
  before: readonly string[],
  request: CompletionRequest,
): Promise<Candidate[]> {
  const current = request.words.at(-1) ?? '';
  const name = command.name();
  // From the first operand of `run` on everything belongs to the command.
  if (name === 'run' && before.some((word) => !word.startsWith('-'))) return [];
  const option = optionWaiting(command, before.at(-1));
  if (option !== undefined) return valuesOf(name, option, current);
  if (current.startsWith('-')) return optionsOf(command);
  if (name === 'completion') return shells.map((word) => ({ word, meaning: '' }));
  const takesIds = command.registeredArguments.some((argument) => argument.name() === 'id');
  return takesIds ? idsOf(await request.list(), before) : [];
}

/** The option before the cursor that wants a value. */
function optionWaiting(command: Command, word: string | undefined): Option | undefined {
  if (word === undefined) return undefined;
  return command.options.find(({ long, short, required }) => required && (word === long || word === short));
}

function valuesOf(command: string, option: Option, current: string): Candidate[] {
  const columns = { ls: listColumns, ps: processColumns }[command] ?? statsColumns;
  switch (option.long) {
    case '--columns':
      return list(
        current,
        columns.map(({ title, meaning }) => ({ word: title.toLowerCase(), meaning })),
      );
    case '--sort':
      return columns.map(({ title, meaning }) => ({ word: title.toLowerCase(), meaning }));
    case '--types':
      return list(
        current,
        [...hcsPropertyTypes, ...ownPropertyTypes].map((word) => ({ word, meaning: '' })),
      );
    case '--filter':
      return ['name', 'engine', 'label', 'pod'].map((kind) => ({ word: `${kind}=`, meaning: '' }));
    case '--color':
      return ['auto', 'always', 'never'].map((word) => ({ word, meaning: '' }));
    default:
      return [];
  }
}

/** Values separated by commas: the last of them is completed. */
function list(current: string, values: readonly Candidate[]): Candidate[] {
  const earlier = current.slice(0, current.lastIndexOf(',') + 1);
  return values.map(({ word, meaning }) => ({ word: earlier + word, meaning }));
}

/** Ids and names of what runs, without those that stand there already. */
function idsOf(summaries: readonly ComputeSystemSummary[], before: readonly string[]): Candidate[] {
  return summaries
    .flatMap(({ Id, Names, Owner, Image }) => {
      const meaning = [Owner, Image].filter((part) => part !== undefined && part !== '').join(', ');
      return [...Names, Id].map((word) => ({ word, meaning }));
    })
    .filter(({ word }) => harmless.test(word) && !before.includes(word));
}
