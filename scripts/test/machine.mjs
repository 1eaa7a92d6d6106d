/** What this machine offers to the tests, after the set-up did what it could. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../npm.mjs';

/**
 * @typedef {{ platform?: string, root?: boolean, debian?: string[], node?: string }} Needs
 * @typedef {{ platform: string, root: boolean, missing: Map<string, string>, nodes: Map<string, string>, noNodes: string }} Machine
 *   `missing`: package -> why it is not there; `nodes`: major version -> binary; `noNodes`: why there are no others
 */

/**
 * @param {Needs} needs @param {Machine} machine
 * @returns {string | undefined} why a suite cannot run here
 */
export function whyNot(needs, machine) {
  if (needs.platform !== undefined && needs.platform !== machine.platform) return `runs on ${needs.platform} only`;
  if (needs.root && !machine.root) return 'needs root';
  if (needs.node !== undefined && !machine.nodes.has(needs.node)) return machine.noNodes;
  const missing = (needs.debian ?? []).filter((name) => machine.missing.has(name));
  if (missing.length > 0) return `${missing.join(', ')} not installed: ${machine.missing.get(missing[0])}`;
  return undefined;
}

/** @param {string} root the repository @param {Needs[]} needs @returns {Machine} */
export function setUpMachine(root, needs) {
  const machine = {
    platform: process.platform,
    root: process.getuid?.() === 0,
    missing: new Map(),
    nodes: new Map(),
    noNodes: '',
  };
  const possible = needs.filter((need) => whyNot({ ...need, node: undefined }, machine) === undefined);
  const packages = [...new Set(possible.flatMap((need) => need.debian ?? []))];
  machine.missing = installPackages(root, packages);
  if (possible.some((need) => need.node !== undefined)) Object.assign(machine, installNodes(root));
  return machine;
}

/** @returns {Map<string, string>} what is still missing -> why */
function installPackages(root, packages) {
  if (packages.length === 0) return new Map();
  const script = join(root, 'scripts/setup-tests.sh');
  const { status, stdout, stderr, error } = spawnSync('sh', [script, ...packages], {
    encoding: 'utf8',
    timeout: 900_000,
  });
  if (status === 0) return new Map();
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  const missing = (stdout ?? '').split('\n').filter(Boolean);
  return new Map((missing.length > 0 ? missing : packages).map((name) => [name, why]));
}

/** The other versions of Node come from npm, with a lock file of their own: test/toolchain/nodes. */
function installNodes(root) {
  const folder = join(root, 'test/toolchain/nodes');
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { noNodes: 'other versions of Node are installed on Linux x64 only' };
  if (!isInstalled(folder)) {
    const { status, stderr } = npm(['ci', '--no-audit'], { cwd: folder });
    if (status !== 0) return { noNodes: `other versions of Node could not be installed: ${stderr.trim()}` };
  }
  return { nodes: new Map(['22', '24'].map((major) => [major, join(folder, `node_modules/node-${major}/bin/node`)])) };
}

/** npm keeps a copy of the lock file in node_modules: the same versions there mean that nothing is to be done. */
function isInstalled(folder) {
  const done = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(done)) return false;
  const versions = (path) =>
    Object.entries(JSON.parse(readFileSync(path, 'utf8')).packages)
      .filter(([name]) => name !== '')
      .map(([name, { version }]) => `${name}@${version}`)
      .join();
  return versions(done) === versions(join(folder, 'package-lock.json'));
}
