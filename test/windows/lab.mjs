/**
 * The Windows lab: node.exe under Wine, with C programs that make jobs and a DLL that answers what Wine does not know.
 *
 *   node test/windows/lab.mjs run 22 FILE…           built test files (test/dist/live/windows/x.test.js), with the hook
 *   node test/windows/lab.mjs run 22 --bare FILE…    on Wine as it is
 *   node test/windows/lab.mjs set-up                 the prefix, the programs and the toolchain only
 *   node test/windows/lab.mjs end                    ends what is left in the prefix
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../../scripts/npm.mjs';
import { runProcess } from '../../scripts/test/run-process.mjs';
import { buildPrograms } from './programs.mjs';
import { endPrefix, setUpPrefix, windowsPath, wineEnvironment } from './wine.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What is run where a whole run would be too much. */
export const smokeFiles = ['job-object', 'figures', 'spawn'].map((name) => `test/live/windows/${name}.test.ts`);

/**
 * @typedef {import('../../scripts/test/test-file.mjs').Runtime} Runtime
 * @typedef {{ runtime(major: number, options?: { hook?: boolean }): Runtime, close(): void }} Lab
 */

/**
 * @param {{ root?: string, log?: (line: string) => void }} [options]
 * @returns {Promise<Lab>}
 * @throws Error that says what is missing
 */
export async function setUpWineLab({ root = repository, log = () => {} } = {}) {
  const folder = join(root, '.lab/windows');
  const prefix = join(folder, 'prefix');
  const bin = join(folder, 'bin');
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the Wine lab runs on Linux x64 only');
  const toolchain = installToolchain(root);
  log('toolchain: installed');
  await Promise.all([buildPrograms(bin), setUpPrefix(prefix)]);
  log('programs and prefix: ready');
  const runtime = (major, { hook = true } = {}) => wineRuntime({ major, hook, prefix, bin, toolchain });
  return { runtime, close: () => endPrefix(prefix) };
}

/**
 * The same on Windows itself: this Node, no hook. Without a compiler the tests that need the programs are skipped.
 * @param {{ root?: string, log?: (line: string) => void }} [options]
 * @returns {Promise<Lab>}
 */
export async function setUpWindowsLab({ root = repository, log = () => {} } = {}) {
  const bin = join(root, '.lab/windows/bin');
  const why = await buildPrograms(bin).then(
    () => undefined,
    (error) => error.message,
  );
  log(why ?? 'programs: ready');
  const env = { SILOSTAT_LAB_BIN: why === undefined ? bin : undefined, SILOSTAT_LAB_HOOK: undefined };
  const label = `Windows, Node ${process.versions.node.split('.')[0]}`;
  const runtime = () => ({ label, command: process.execPath, prefix: [], env, path: (path) => path });
  return { runtime, close: () => {} };
}

/** @returns {Runtime} */
function wineRuntime({ major, hook, prefix, bin, toolchain }) {
  const node = join(toolchain, `node-win-${major}/bin/node.exe`);
  if (!existsSync(node)) throw new Error(`there is no ${node}`);
  // The stand-in for HCS goes where the hook does: bare Wine has neither.
  const service = join(prefix, 'drive_c/windows/system32/vmcompute.dll');
  if (hook) copyFileSync(join(bin, 'vmcompute.dll'), service);
  else rmSync(service, { force: true });
  const env = {
    ...wineEnvironment(prefix),
    NODE_PATH: windowsPath(toolchain),
    SILOSTAT_LAB_BIN: windowsPath(bin),
    SILOSTAT_LAB_HOOK: hook ? windowsPath(join(bin, 'hook.dll')) : undefined,
  };
  const label = `Wine, Node ${major}${hook ? ', hook' : ''}`;
  return { label, command: 'wine', prefix: [node], env, path: windowsPath, stop: () => endPrefix(prefix) };
}

/** node.exe and koffi's native part come from npm, with a lock file of their own. @returns {string} its node_modules */
function installToolchain(root) {
  const folder = join(root, 'test/toolchain/win');
  const modules = join(folder, 'node_modules');
  const wanted = lockedVersions(join(folder, 'package-lock.json'));
  if (lockedVersions(join(modules, '.package-lock.json')) !== wanted) {
    const { status, stderr } = npm(['ci', '--no-audit'], { cwd: folder });
    if (status !== 0) throw new Error(`node.exe could not be installed: ${stderr.trim()}`);
  }
  requireSameKoffi(root, modules);
  return modules;
}

/** npm keeps a copy of the lock file in node_modules: the same versions there mean that nothing is to be done. */
function lockedVersions(path) {
  if (!existsSync(path)) return undefined;
  const packages = Object.entries(JSON.parse(readFileSync(path, 'utf8')).packages);
  return packages.flatMap(([name, { version }]) => (name === '' ? [] : `${name}@${version}`)).join();
}

/** The native part comes from here, the rest from the repository's own node_modules. */
function requireSameKoffi(root, modules) {
  const version = (path) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).version;
  const ours = version(join(root, 'node_modules/koffi'));
  const native = version(join(modules, '@koromix/koffi-win32-x64'));
  if (ours === native) return;
  throw new Error(`koffi is ${ours}, but test/toolchain/win has its native part of ${native}: they must be the same`);
}

/**
 * Runs built test files one after the other; their output goes to files, since node.exe has no pipes to the outside of Wine.
 * @param {{ node?: number, hook?: boolean, files: string[], env?: Record<string, string>, seconds?: number }} job
 * @returns {Promise<{ code: number, tap: string }>} `code` is 0 when all went well
 */
async function runUnderWine({ node = 22, hook = true, files, env = {}, seconds = 300 }) {
  const lab = await setUpWineLab();
  const output = join(repository, '.lab/windows/output');
  mkdirSync(output, { recursive: true });
  try {
    const runtime = lab.runtime(node, { hook });
    const results = [];
    for (const file of files)
      results.push(await runFile({ ...runtime, env: { ...runtime.env, ...env } }, file, output, seconds));
    return { code: results.find(({ code }) => code !== 0)?.code ?? 0, tap: results.map(({ tap }) => tap).join('') };
  } finally {
    lab.close();
  }
}

async function runFile(runtime, file, output, seconds) {
  const log = join(output, `${basename(file)}.log`);
  rmSync(log, { force: true });
  const args = [...runtime.prefix, '--test-reporter=tap', runtime.path(resolve(file))];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...runtime.env };
  const end = await runProcess({
    command: runtime.command,
    args,
    cwd: repository,
    env,
    log,
    seconds,
    onTimeout: runtime.stop,
  });
  const said = end.timedOut ? `# ${file} was ended after ${seconds} s\n` : '';
  return { code: end.code ?? 1, tap: `# ${file}\n${readFileSync(log, 'utf8')}${said}` };
}

/** @param {string[]} words */
async function main([command, ...args]) {
  if (command === 'end') return endPrefix(join(repository, '.lab/windows/prefix'));
  if (command === 'set-up') return (await setUpWineLab({ log: console.log })).close();
  if (command !== 'run') throw new Error('usage: lab.mjs run 20|22 [--bare] FILE… | set-up | end');
  const [major, ...rest] = args;
  const files = rest.filter((argument) => argument !== '--bare');
  const { code, tap } = await runUnderWine({ node: Number(major), hook: files.length === rest.length, files });
  process.stdout.write(tap);
  process.exitCode = code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
