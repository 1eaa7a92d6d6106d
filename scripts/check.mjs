/**
 * `npm run check`: everything that can be said of the code without running it. One line per check, all are run
 * even if one fails. The test runner counts each as one test.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages that are published, and which of them are libraries (attw judges what an `import` of them gets). */
const published = [
  { folder: 'packages/core', library: true },
  { folder: 'packages/cli', library: false },
];

/**
 * Each check gets the folder where the packed tarballs lie and gives what became of it.
 * @type {{ name: string, run: (packed: string) => { status: number, output: string } }[]}
 */
const checks = [
  {
    name: 'lint and format',
    run: () => tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=200'),
  },
  { name: 'types', run: () => tool('typescript/bin/tsc', '-b') },
  { name: 'types of the scripts', run: () => tool('typescript/bin/tsc', '-p', 'scripts') },
  { name: 'dead code and dependencies', run: () => tool('knip/bin/knip.js', '--no-progress') },
  { name: 'packing', run: pack },
  ...published.map(({ folder }) => ({
    name: `publint ${folder}`,
    run: (packed) => tool('publint/src/cli.js', '--strict', tarball(packed, folder)),
  })),
  ...published
    .filter(({ library }) => library)
    .map(({ folder }) => ({
      name: `attw ${folder}`,
      run: (packed) =>
        tool('@arethetypeswrong/cli/dist/index.js', '--profile', 'esm-only', '--no-emoji', tarball(packed, folder)),
    })),
];

/** @returns {import('./test/test-file.mjs').Outcome} */
export function runChecks(print = (/** @type {string} */ _line) => {}) {
  const packed = mkdtempSync(join(tmpdir(), 'silostat-pack-'));
  const passed = [];
  const failures = [];
  try {
    for (const { name, run } of checks) {
      const start = performance.now();
      const { status, output } = run(packed);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      print(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (status === 0) passed.push(name);
      else failures.push({ name, text: output.trimEnd() });
      if (status !== 0) print(output.trimEnd());
    }
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
  return { passed, failures, skips: [] };
}

/** Runs a tool of node_modules by its script, which needs no shell on any system. */
function tool(script, ...args) {
  const command = [join(root, 'node_modules', script), ...args];
  return finished(spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: 240_000 }));
}

function pack(packed) {
  const folders = published.map(({ folder }) => `--workspace=${folder}`);
  return finished(npm(['pack', '--pack-destination', packed, ...folders], { cwd: root }));
}

/** `packages/core` is packed as `silostat-0.1.0.tgz`, `packages/cli` as `silostat-cli-0.1.0.tgz`. */
function tarball(packed, folder) {
  const pattern = folder === 'packages/core' ? /^silostat-\d/ : new RegExp(`^silostat-${folder.split('/')[1]}-\\d`);
  return join(packed, readdirSync(packed).find((name) => pattern.test(name)) ?? `${folder} was not packed`);
}

/** @param {import('node:child_process').SpawnSyncReturns<string>} result */
const finished = ({ status, stdout, stderr, error }) => ({
  status: status ?? 1,
  output: `${stdout}${stderr}${error ?? ''}`,
});

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = runChecks(console.log).failures.length > 0 ? 1 : 0;
}
