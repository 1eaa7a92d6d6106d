/** What is published works for those who install it: both packages are packed and installed into an empty project. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { npm } from '../../scripts/npm.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = { silostat: 'packages/core', '@silostat/cli': 'packages/cli' };
const manifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

const work = mkdtempSync(join(tmpdir(), 'silostat-packages-'));
const project = join(work, 'project');

/** @type {{ name: string, version: string, filename: string, files: { path: string, mode: number }[] }[]} */
let packed = [];

before(() => {
  const workspaces = Object.values(folders).map((folder) => `--workspace=${folder}`);
  packed = JSON.parse(succeeded(npm(['pack', '--json', '--pack-destination', work, ...workspaces], { cwd: root })));
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module', private: true }),
  );
  const tarballs = packed.map(({ filename }) => join(work, filename));
  succeeded(npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project }));
});
after(() => rmSync(work, { recursive: true, force: true }));

/** @param {import('node:child_process').SpawnSyncReturns<string>} result */
function succeeded({ status, stdout, stderr, error }) {
  assert.equal(status, 0, `${stdout}${stderr}${error ?? ''}`);
  return stdout;
}

const node = (...args) => spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', timeout: 60_000 });

describe('the tarballs', () => {
  for (const [name, folder] of Object.entries(folders)) {
    it(`${name} has its licence, its readme and what its manifest points to`, () => {
      const paths = filesOf(name);
      const { exports, bin, man } = manifest(folder);
      const pointed = [exports['.']?.types, exports['.']?.default, bin?.silostat, man];
      const entries = pointed.filter((path) => path !== undefined);
      for (const path of ['LICENSE', 'README.md', 'package.json', ...entries])
        assert.ok(paths.includes(path.replace('./', '')), path);
      assert.equal(readFileSync(join(root, folder, 'LICENSE'), 'utf8'), readFileSync(join(root, 'LICENSE'), 'utf8'));
    });
    it(`${name} has no tests, no build state and nothing whose source is gone`, () => {
      const strange = filesOf(name).filter(
        (path) => !/^(dist|bin|man)\/|^(LICENSE|README\.md|package\.json)$/.test(path),
      );
      assert.deepEqual(strange, []);
      const tests = filesOf(name).filter((path) => /test|tsbuildinfo|fixture/.test(path));
      assert.deepEqual(tests, []);
      const sources = filesOf(name).filter((path) => /^dist\/.*\.js$/.test(path));
      assert.ok(sources.length > 0);
      const stale = sources.filter(
        (path) => !existsSync(join(root, folder, path.replace(/^dist(.*)\.js$/, 'src$1.ts'))),
      );
      assert.deepEqual(stale, [], `stale build output: delete ${folder}/dist and build again`);
    });
  }

  it('the command may be executed', () => {
    const files = packed.flatMap((one) => one.files).filter(({ path }) => path === 'bin/silostat.js');
    assert.deepEqual(
      files.map(({ mode }) => mode & 0o111),
      [0o111],
    );
  });
});

function filesOf(name) {
  return packed.filter((one) => one.name === name).flatMap(({ files }) => files.map(({ path }) => path));
}

describe('an empty project that installed them', () => {
  it('has one copy of the library, from the tarball', () => {
    assert.ok(existsSync(join(project, 'node_modules/silostat/dist/index.js')));
    assert.ok(!existsSync(join(project, 'node_modules/@silostat/cli/node_modules')));
  });

  it("imports 'silostat' and loads no native code by that", () => {
    const script =
      "import * as it from 'silostat'; const native = Object.keys((await import('node:module')).createRequire(import.meta.url).cache);" +
      'console.log(JSON.stringify({ names: Object.keys(it), native }));';
    const { names, native } = JSON.parse(succeeded(node('--input-type=module', '--eval', script)));
    for (const name of ['listComputeSystems', 'openComputeSystem', 'createJobContainer', 'SilostatError', 'fields'])
      assert.ok(names.includes(name), name);
    assert.deepEqual(native, []);
  });

  for (const [resolution, module] of [
    ['nodenext', 'nodenext'],
    ['bundler', 'preserve'],
  ]) {
    it(`type-checks the import for moduleResolution ${resolution}`, () => typeCheck(resolution, module));
  }

  it('runs the command: npx silostat --version', () => {
    const { version } = manifest('packages/cli');
    const output = succeeded(npm(['exec', '--offline', '--', 'silostat', '--version'], { cwd: project }));
    assert.equal(output.trim(), version);
  });
});

/** The expected error shows that what is checked is our types, not `any`. */
const use = `
import { listComputeSystems, openComputeSystem, type Properties } from 'silostat';
const system = await openComputeSystem('web');
const properties: Properties = await system.properties(['Statistics', 'ProcessList']);
export const bytes: number | undefined = properties.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes;
export const ids: string[] = (await listComputeSystems()).map(({ Id }) => Id);
// @ts-expect-error a figure is a number
export const wrong: string | undefined = properties.Statistics?.Memory?.MemoryUsageCommitBytes;
// @ts-expect-error no such type
await system.properties(['Statistic']);
`;

function typeCheck(moduleResolution, module) {
  writeFileSync(join(project, 'use.ts'), use);
  const types = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module,
    moduleResolution,
    ...types,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  succeeded(node(join(root, 'node_modules/typescript/bin/tsc'), '--project', project));
}
