/** Runs npm without a shell: on Windows `npm` is a batch file, which spawn refuses. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param {string[]} args @param {{ cwd?: string }} [options] */
export function npm(args, options = {}) {
  const [command, ...before] = npmCommand();
  return spawnSync(command, [...before, ...args], { ...options, encoding: 'utf8', timeout: 600_000 });
}

/** The npm that runs us, else the one beside node, else the one in PATH. */
function npmCommand() {
  const caller = process.env.npm_execpath;
  if (caller?.endsWith('npm-cli.js') && existsSync(caller)) return [process.execPath, caller];
  const beside = join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}
