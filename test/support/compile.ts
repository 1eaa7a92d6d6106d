import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { checkout } from './checkout.ts';
import { mustRun } from './command.ts';

/**
 * The statically linked program of a C file in test/live/c, compiled once per content into `.lab/bin`.
 * @returns its path.
 */
export function compiled(source: string): string {
  return compiledFrom('test/live/c', source);
}

/** The same for a C file of another folder of the checkout. */
export function compiledFrom(folder: string, source: string): string {
  const path = `${checkout}/${folder}/${source}`;
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  const program = `${checkout}/.lab/bin/${basename(source, '.c')}-${digest}`;
  if (existsSync(program)) return program;
  mkdirSync(`${checkout}/.lab/bin`, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  mustRun('gcc', ['-static', '-O2', '-Wall', '-Wextra', '-Werror', '-o', unfinished, path]);
  renameSync(unfinished, program);
  return program;
}
