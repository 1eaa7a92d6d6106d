import { refused } from './refused.ts';

/** CreateProcessW takes at most so many UTF-16 units, the terminator included. */
const longest = 32_767;

/**
 * The command line that the C runtime of Microsoft, and whoever follows it, takes apart into `argv` again.
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function commandLineOf(command: string, argv0: string, args: readonly string[]): string {
  return checkedLength(command, [programName(command, argv0), ...args.map(quoted)].join(' '));
}

/** @throws SilostatError ERR_INVALID_ARGUMENT for more than Windows takes. */
export function checkedLength(command: string, commandLine: string, most: number = longest): string {
  if (commandLine.length < most) return commandLine;
  throw refused(command, `its command line has ${commandLine.length} characters, Windows takes ${most - 1}`);
}

/** The first word is read by other rules: up to the next quotation mark, and a backslash is a backslash. */
function programName(command: string, name: string): string {
  if (name.includes('"')) throw refused(command, 'the name of a program cannot have a quotation mark');
  return name === '' || /\s/.test(name) ? `"${name}"` : name;
}

/** Backslashes mean themselves but before a quotation mark, where they are doubled. */
export function quoted(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
