/** Which test files there are: listed from the sources, so that a stale build output is never run and an unbuilt test is noticed. */
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Where tsc puts what: source folder -> built folder, both relative to the repository. */
const built = [
  ['packages/core/test', 'packages/core/dist-test'],
  ['packages/cli/test', 'packages/cli/dist-test'],
  ['test', 'test/dist'],
];

/**
 * The runnable test files below a folder of sources (`test/live/linux`, `scripts`), as absolute paths.
 * @param {string} root the repository
 * @param {string} folder relative to it, with slashes
 */
export function testFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const sources = readdirSync(join(root, folder), { recursive: true }).map(
    (name) => `${folder}/${name.split(sep).join('/')}`,
  );
  return sources
    .filter((name) => /\.test\.(ts|mjs)$/.test(name) && !name.includes('node_modules/'))
    .sort()
    .map((name) => builtFile(root, name));
}

/** `packages/core/test/rates.test.ts` is run as `packages/core/dist-test/rates.test.js`; a plain script is its own result. */
export function builtFile(root, source) {
  if (source.endsWith('.mjs')) return join(root, source);
  for (const [from, to] of built) {
    if (source.startsWith(`${from}/`)) return join(root, `${to}${source.slice(from.length)}`.replace(/\.ts$/, '.js'));
  }
  throw new Error(`${source} is in no folder that is built`);
}
