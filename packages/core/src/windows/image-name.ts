import { ProcessImageFileName } from './abi/process.ts';
import type { Handle } from './call/handle.ts';
import { readProcessText } from './process-text.ts';

/** File name of the program that a process runs, without its path; undefined where Windows does not tell. */
export function readImageName(process: Handle): string | undefined {
  return lastComponent(readProcessText(process, ProcessImageFileName));
}

/** What stands behind the last backslash; undefined for no name at all. */
export function lastComponent(path: string | undefined): string | undefined {
  const name = path?.slice(path.lastIndexOf('\\') + 1);
  return name === '' ? undefined : name;
}
