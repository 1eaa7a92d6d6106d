import { readdirSync, statSync } from 'node:fs';

const none: readonly string[] = Object.freeze([]);

/**
 * The names of the cgroups in a cgroup's directory.
 *
 * Most have none, and there the kernel would write down the dozens of files of each controller: the number of links tells
 * without. Two are its name and its own `.`, one more is each directory's `..`. Anything else proves nothing on some file systems.
 * @throws what node:fs throws
 */
export function subCgroupsOf(directory: string): readonly string[] {
  if (statSync(directory).nlink === 2) return none;
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
