/** The C programs of the Windows tests: what they are made of, and how they are built. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = join(here, 'c');
/** Of the program that the tests on Linux have too. */
const shared = join(here, '../live/c');
const run = promisify(execFile);

const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-D__USE_MINGW_ANSI_STDIO=1'];
const compilers = ['x86_64-w64-mingw32-gcc', ...(process.platform === 'win32' ? ['gcc'] : [])];

/** Output -> C files, libraries and further options. */
const programs = {
  'abi.exe': { files: ['abi'] },
  'workload.exe': {
    files: ['workload', 'workload-job', 'workload-members', 'workload-storm', 'table'],
    libraries: ['ntdll', 'advapi32'],
  },
  'member.exe': { files: ['member', 'table'], libraries: ['ntdll'], options: ['-mwindows'] },
  'report.exe': { files: ['report-lab', 'table'], libraries: ['ntdll'] },
  'reference.exe': { files: ['reference', 'walk'], libraries: ['ntdll'] },
  'floor.exe': { files: ['floor', 'walk'], libraries: ['ntdll'] },
  'hook.dll': {
    files: ['hook', 'hook-faults', 'hook-jobs', 'hook-process', 'hook-state', 'hook-sums', 'table'],
    libraries: ['ntdll'],
    options: ['-shared'],
  },
  'vmcompute.dll': {
    files: ['vmcompute', 'vmcompute-systems', 'vmcompute-notify', 'vmcompute-control'],
    libraries: ['ole32'],
    options: ['-shared'],
  },
  'selfcheck.exe': { files: ['selfcheck', 'talk', 'walk', 'table'], libraries: ['ntdll'] },
};

/**
 * Builds the programs that are older than their sources.
 * @param {string} folder where they go
 * @throws Error where there is no compiler, or with what it said
 */
export async function buildPrograms(folder) {
  mkdirSync(folder, { recursive: true });
  const changed = newest([here, sources, shared]);
  const stale = Object.keys(programs).filter((output) => modified(join(folder, output)) <= changed);
  if (stale.length === 0) return;
  const compiler = await findCompiler();
  await Promise.all(stale.map((output) => build(compiler, output, folder)));
}

async function build(compiler, output, folder) {
  const { files, libraries = [], options = [] } = programs[output];
  const inputs = files.map((file) => join(sources, `${file}.c`));
  const named = libraries.map((library) => `-l${library}`);
  try {
    await run(compiler, [...flags, ...options, ...inputs, '-o', join(folder, output), ...named]);
  } catch (error) {
    throw new Error(`${output} could not be built: ${error.stderr || error.message}`);
  }
}

async function findCompiler() {
  for (const compiler of compilers) {
    const found = await run(compiler, ['-dumpmachine']).then(
      ({ stdout }) => stdout.includes('mingw'),
      () => false,
    );
    if (found) return compiler;
  }
  throw new Error(`no ${compilers.join(' or ')} of mingw-w64 in PATH`);
}

/** Modification time of the newest file in the folders, in ms. */
function newest(folders) {
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return Math.max(...files.map(modified));
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
