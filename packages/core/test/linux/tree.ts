import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hierarchies } from '../../dist/linux/mounts.js';
import { readHierarchies } from '../../dist/linux/mounts.js';

/** A directory of test/fixtures/linux: files of a host, below `proc` and `sys`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../test/fixtures/linux/${name}`, import.meta.url)).replaceAll('\\', '/');
}

export function hierarchiesIn(tree: string): Hierarchies {
  return readHierarchies({ procRoot: `${tree}/proc`, fsRoot: tree });
}

/** A tree of files in a temporary directory, to be changed while it is read. */
export interface Tree {
  readonly root: string;
  /** Writes a file, byte by byte as in latin1, with the directories above it; a trailing slash makes a directory. */
  write(path: string, text?: string): void;
  rename(path: string, to: string): void;
  /** Removes a file, or a directory with all that is in it. */
  remove(path: string): void;
  [Symbol.dispose](): void;
}

export function makeTree(files: Readonly<Record<string, string>>): Tree {
  const root = mkdtempSync(join(tmpdir(), 'silostat-tree-')).replaceAll('\\', '/');
  const tree: Tree = {
    root,
    write: (path, text = '') => {
      const target = join(root, path);
      mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true });
      if (!path.endsWith('/')) writeFileSync(target, text, 'latin1');
    },
    rename: (path, to) => renameSync(join(root, path), join(root, to)),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}

/** A line of mountinfo for a cgroup mount: v1 with its controllers, v2 with none. */
export function mountLine(mountPoint: string, controllers = '', root = '/'): string {
  const type = controllers === '' ? 'cgroup2 cgroup2 rw' : `cgroup cgroup rw,${controllers}`;
  return `31 23 0:28 ${root} ${mountPoint} rw,relatime shared:9 - ${type}\n`;
}

/** The lines of /proc/PID/cgroup. */
export function cgroupLines(paths: Readonly<Record<string, string>>): string {
  return Object.entries(paths)
    .map(([controllers, path], index) => `${index}:${controllers}:${path}\n`)
    .join('');
}
