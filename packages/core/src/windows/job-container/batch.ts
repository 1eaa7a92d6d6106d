import { checkedLength } from './command-line.ts';
import { refused } from './refused.ts';

/** cmd.exe takes at most so many characters. */
const longest = 8192;

/** Without the user's AutoRun and delayed expansion, with command extensions; the outermost quotation marks are dropped. */
const cmd = 'cmd.exe /d /e:on /v:off /s /c';

/** What cmd.exe leaves alone outside quotation marks. */
const plain = /^[A-Za-z0-9#$*+\-./:?@\\_]+$/;

/** Windows ignores dots and spaces at the end of a name: `x.bat. ` is `x.bat`. */
const batchName = /\.(?:bat|cmd)[. ]*$/i;

/** Windows has cmd.exe execute such a file, whoever starts it: then its arguments are cmd.exe's to read. */
export function isBatchFile(path: string): boolean {
  return batchName.test(path);
}

/**
 * The command line for cmd.exe that runs a batch file with these arguments, and nothing else.
 *
 * Everything stands in quotation marks, inside which cmd.exe takes all characters as they are but four: a quotation mark is
 * doubled (so cmd.exe is inside again after it, and the C runtime of what the file passes `%*` to reads one); a percent sign
 * begins a variable, and a line break ends the command: neither can be escaped there, so they are refused.
 * @throws SilostatError ERR_INVALID_ARGUMENT
 */
export function batchCommandLine(command: string, file: string, args: readonly string[]): string {
  if (/[%"\r\n]/.test(file)) throw refused(command, `the path of a batch file cannot have %, as ${file} has`);
  const words = args.map((argument) => escaped(command, argument));
  return checkedLength(command, `${cmd} "${[`"${file}"`, ...words].join(' ')}"`, longest);
}

/** The command line for a text that the shell itself is to understand: nothing is escaped, as with Node's `shell`. */
export function shellCommandLine(command: string, text: string): string {
  return checkedLength(command, `${cmd} "${text}"`, longest);
}

function escaped(command: string, argument: string): string {
  if (/[%\r\n]/.test(argument)) {
    const reason = 'a batch file cannot be given an argument with % or a line break: cmd.exe has no escape for them';
    throw refused(command, reason);
  }
  if (plain.test(argument) && !argument.endsWith('\\')) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1""').replace(/(\\+)$/, '$1$1')}"`;
}
