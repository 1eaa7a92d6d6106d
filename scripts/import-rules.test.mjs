/** Each rule of biome.jsonc is broken on purpose, in a copy that has nothing but its configuration, and seen to fail. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const core = 'packages/core/src';
const render = 'packages/cli/src/render';

/** What each kind of file must not import. Every one is tried as a static import, import() and a re-export. */
const forbidden = [
  [
    `${core}/sampler.ts`,
    ['koffi', './ffi.ts', './linux/cgroup.ts', './windows/job-object.ts', 'node:module', 'commander'],
  ],
  [
    `${core}/some/new-folder.ts`,
    ['koffi', '../ffi.ts', '../linux/read.ts', '../windows/call/job.ts', '@silostat/server'],
  ],
  [`${core}/index.ts`, ['./linux/cgroup1.ts', './windows/abi/job.ts', './ffi.ts']],
  [`${core}/schema/statistics.ts`, ['../job.ts', '../linux/errors.ts', 'node:fs', 'koffi']],
  [`${core}/host.ts`, ['koffi', 'node:module', './ffi.ts', './linux/read.ts', './windows/silo.ts', 'commander']],
  [`${core}/ffi.ts`, ['./linux/native.ts', './windows/call/job.ts', 'commander']],
  [`${core}/windows/abi/job.ts`, ['koffi', '../../ffi.ts', 'node:fs', '../job-object.ts', '../call/job.ts']],
  [`${core}/windows/call/job.ts`, ['koffi', 'node:module', '../../linux/read.ts', 'commander']],
  [`${core}/windows/job-object.ts`, ['koffi', 'node:module', '../ffi.ts', '../linux/read.ts', 'commander']],
  [`${core}/linux/native.ts`, ['koffi', 'node:module', '../windows/silo.ts', 'commander']],
  [
    `${core}/linux/parse/memory-stat.ts`,
    ['koffi', 'commander', 'node:module', '../../ffi.ts', '../../windows/silo.ts', 'node:fs', 'node:fs/promises'],
  ],
  [`${core}/linux/cgroup2.ts`, ['koffi', 'node:module', '../ffi.ts', '../windows/silo.ts', 'commander']],
  [
    `${render}/table.ts`,
    ['node:fs', 'node:fs/promises', 'node:process', 'node:tty', 'node:child_process', '../main.ts', 'commander'],
  ],
  ['packages/cli/src/commands/run.ts', ['koffi', 'silostat/dist/job.js', '../../../core/src/job.ts']],
];

/** The same files may import these. */
const allowed = [
  [`${core}/sampler.ts`, ['node:fs', 'node:timers/promises', './job.ts', './schema/statistics.ts']],
  [`${core}/schema/statistics.ts`, ['./process-details.ts', '../errors.ts']],
  [`${core}/ffi.ts`, ['koffi', 'node:module', './errors.ts']],
  [`${core}/windows/abi/job.ts`, ['./status.ts']],
  [`${core}/windows/call/job.ts`, ['../../ffi.ts', '../abi/job.ts', '../../errors.ts']],
  [`${core}/windows/job-object.ts`, ['./call/job.ts', '../job.ts', 'node:os']],
  [`${core}/linux/native.ts`, ['../ffi.ts', '../errors.ts']],
  [`${core}/linux/parse/memory-stat.ts`, ['./malformed.ts', '../errors.ts', '../../job.ts']],
  [`${core}/linux/cgroup2.ts`, ['./parse/memory-stat.ts', './native.ts', 'node:fs', '../job.ts']],
  [`${render}/table.ts`, ['node:util', 'silostat', './columns.ts']],
  ['packages/cli/src/commands/run.ts', ['silostat', 'commander', 'node:fs', '../render/table.ts']],
];

/** One line of code each; `n` keeps the names apart. */
const forms = {
  'static import': (from, n) => `import * as it${n} from '${from}'; export const same${n} = it${n};`,
  'named import': (from, n) => `import { one as it${n} } from '${from}'; export const same${n} = it${n};`,
  'type import': (from, n) => `import type { It as It${n} } from '${from}'; export type Same${n} = It${n};`,
  'dynamic import': (from, n) => `export const it${n} = async (): Promise<unknown> => await import('${from}');`,
  're-export': (from, n) => `export { one as it${n} } from '${from}';`,
  'namespace re-export': (from, n) => `export * as it${n} from '${from}';`,
  're-export of all': (from) => `export * from '${from}';`,
};

const restricted = 'lint/style/noRestrictedImports';

/** @type {{ file: string, what: string, line: (n: number) => string, category: string, clean?: boolean }[]} */
const cases = [
  ...casesOf(forbidden, Object.keys(forms), false),
  ...casesOf(allowed, Object.keys(forms), true),
  // host.ts alone loads a system, and only when it is asked for it
  ...casesOf([[`${core}/host.ts`, ['./linux/host.ts', './windows/host.ts']]], ['named import', 're-export'], false),
  ...casesOf([[`${core}/host.ts`, ['./linux/host.ts', './windows/host.ts']]], ['dynamic import'], true),
  ...casesOf([[`${core}/sampler.ts`, ['./linux/host.ts', './windows/host.ts']]], ['dynamic import'], false),
  other(`${core}/linux/cgroup2.ts`, 'require of koffi', restricted, (n) => `export const it${n} = require('koffi');`),
  other(`${core}/sampler.ts`, 'a log line', 'lint/suspicious/noConsole', () => "console.log('read');"),
  other(`${core}/sampler.ts`, 'any', 'lint/suspicious/noExplicitAny', (n) => `export type Any${n} = any;`),
  other(`${core}/sampler.ts`, 'a floating promise', 'lint/nursery/noFloatingPromises', () => 'Promise.resolve(1);'),
  other(`${core}/windows/abi/job.ts`, 'a function', 'plugin', (n) => `export function it${n}(): number { return 1; }`),
  other(`${core}/windows/abi/job.ts`, 'an arrow function', 'plugin', (n) => `export const it${n} = () => 1;`),
  other(`${core}/windows/abi/job.ts`, 'a call', 'plugin', (n) => `export const it${n} = Number('1');`),
  other(`${core}/windows/abi/job.ts`, 'a choice', 'plugin', (n) => `export const it${n} = 1 > 2 ? 1 : 2;`),
  {
    ...other(
      `${core}/windows/abi/job.ts`,
      'a layout',
      'plugin',
      (n) => `export const IT${n} = { size: 8, A: 1 << 2 } as const;`,
    ),
    clean: true,
  },
  other(`${render}/table.ts`, 'a write', 'lint/style/noRestrictedGlobals', () => "process.stdout.write('ID');"),
  other(`${render}/table.ts`, 'a log line', 'lint/style/noRestrictedGlobals', () => "console.log('ID');"),
];

function casesOf(list, names, clean) {
  return list.flatMap(([file, imports]) =>
    imports.flatMap((from) =>
      names.map((form) => ({
        file,
        what: `${form} of ${from}`,
        line: (n) => forms[form](from, n),
        category: restricted,
        clean,
      })),
    ),
  );
}

function other(file, what, category, line) {
  return { file, what, category, line, clean: false };
}

/** Lints all cases in one run: each file has one case a line. Gives `file:line category` of every error. */
function lint(folder) {
  for (const file of files) {
    const lines = cases.filter((one) => one.file === file).map(({ line }, n) => line(n));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
  for (const path of ['biome.jsonc', 'scripts/no-logic.grit']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(root, path), join(folder, path));
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', 'packages'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 1, stderr);
  const errors = JSON.parse(stdout).diagnostics.filter(({ severity }) => severity === 'error');
  return new Set(
    errors.map(({ location, category }) => `${location.path.replaceAll('\\', '/')}:${location.start.line} ${category}`),
  );
}

const files = [...new Set(cases.map(({ file }) => file))];

describe('the rules of biome.jsonc', () => {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-rules-'));
  let errors = new Set();
  before(() => {
    errors = lint(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const file of files) {
    const own = cases.filter((one) => one.file === file);
    it(`${file}: ${own.filter(({ clean }) => !clean).length} violations are errors, the rest is clean`, () => {
      const seen = own.map(({ category }, n) => errors.has(`${file}:${n + 1} ${category}`));
      const wrong = own
        .filter(({ clean }, n) => seen[n] === clean)
        .map(({ what, clean }) => `${what} ${clean ? 'fails' : 'passes'}`);
      assert.deepEqual(wrong, []);
    });
  }
});
