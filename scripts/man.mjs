// The manual page, made from the commands' own descriptions: `node scripts/man.mjs` (after a build) writes it. A test says when it is
// no longer current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeProgram } from '../packages/cli/dist/program.js';

export const manualFile = new URL('../packages/cli/man/silostat.1', import.meta.url);

const columns = 78;

/** The page in the man macros. */
export async function manual() {
  const version = JSON.parse(readFileSync(new URL('../packages/cli/package.json', import.meta.url), 'utf8')).version;
  let written = '';
  const io = { stdout: { columns, write: (text) => (written += text) }, stderr: { write: () => {} } };
  const program = await describeProgram(version, io);
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  const afterHelp = (command) => {
    written = '';
    command.outputHelp();
    return written.slice(command.helpInformation().length).trim();
  };
  return [
    `.TH SILOSTAT 1 2026-11-25 "silostat ${version}" "User Commands"`,
    '.SH NAME',
    'silostat \\- container statistics straight from the kernel',
    '.SH SYNOPSIS',
    '.B silostat',
    'COMMAND [OPTION...] [ARGUMENT...]',
    '.SH DESCRIPTION',
    'What is this container using? silostat asks the kernel: job objects and silos on Windows, cgroups on Linux. No daemon is asked, no',
    'helper process is started. What is not known is shown as a dash, never as 0; >= is a lower bound.',
    '.PP',
    'A container is named by, in this order: an absolute cgroup path, an exact id, an exact name, a prefix of an id or name of 3 characters',
    'or more, if it is the only one.',
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandLines(command, afterHelp(command))),
    ...endLines,
    '',
  ].join('\n');
}

function commandLines(command, after) {
  return [
    `.SS ${escaped(`silostat ${command.name()} ${command.usage()}`)}`,
    escaped(command.description()),
    ...optionLines(command),
    ...(after === '' ? [] : ['.PP', '.nf', ...after.split('\n').map(escapedLine), '.fi']),
  ];
}

function optionLines(command) {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => [
      '.TP',
      `.B ${escaped(option.flags)}`,
      escaped(command.createHelp().optionDescription(option)),
    ]);
}

const endLines = [
  '.SH "EXIT STATUS"',
  ...status('0', 'done; nothing found is done, too'),
  ...status('1', 'a container is not there, has gone, or denies us; an output that cannot be written'),
  ...status('2', 'wrong usage, an invalid argument, an ambiguous prefix'),
  ...status('128+n', 'ended by signal n; Ctrl-C is 130'),
  '.PP',
  'run has its own: see there.',
  '.SH ENVIRONMENT',
  ...status('NO_COLOR', 'set and not empty: no colours'),
  ...status('FORCE_COLOR', 'set: colours, also where the output is no terminal; 0: none'),
  '.SH "SEE ALSO"',
  '.BR cgroups (7),',
  '.BR systemd-cgtop (1),',
  '.BR proc (5)',
];

function status(name, meaning) {
  return ['.TP', `.B ${escaped(name)}`, escaped(meaning)];
}

/** Hyphens that are typed, backslashes; a line must not begin with a dot or a quote. */
function escaped(text) {
  return escapedLine(text.replaceAll(/\s+/g, ' ').trim());
}

function escapedLine(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(manualFile, await manual());
