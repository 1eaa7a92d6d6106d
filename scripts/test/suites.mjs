/**
 * Every suite of `npm test`, as data. A new suite is one more entry.
 *
 * - `needs`: what the machine must have; where that cannot be had the suite is skipped with the reason. The `debian` packages of
 *   all suites are installed by one apt call before anything runs, and `node: '22'` comes from test/toolchain/nodes.
 * - `files`: node:test files, each run in a process of its own, `together` at a time; or `steps`: a function that gives an outcome.
 * - `seconds`: the time limit of the suite; `fileSeconds`: of one file.
 */
import { availableParallelism } from 'node:os';
import { runChecks } from '../check.mjs';
import { testFiles } from './source-files.mjs';

const thisNode = process.versions.node.split('.')[0];
const otherNodes = ['22', '24'].filter((major) => major !== thisNode);

const unit = {
  files: (root) => ['packages/core/test', 'packages/cli/test', 'scripts'].flatMap((folder) => testFiles(root, folder)),
  together: availableParallelism(),
  seconds: 300,
  fileSeconds: 60,
};

const live = {
  needs: {
    platform: 'linux',
    root: true,
    debian: ['runc', 'busybox-static', 'strace', 'gcc', 'libc6-dev', 'util-linux'],
  },
  files: (root) => testFiles(root, 'test/live/linux'),
  together: 1,
  seconds: 1800,
  fileSeconds: 300,
};

/** @type {import('./run-suite.mjs').Suite[]} */
export const suites = [
  { name: `unit, Node ${thisNode}`, unit: true, needs: {}, ...unit },
  ...otherNodes.map((major) => ({ name: `unit, Node ${major}`, needs: { node: major }, ...unit })),
  { name: 'check', needs: {}, steps: () => runChecks(), seconds: 300 },
  { name: 'packages', needs: {}, files: (root) => testFiles(root, 'test/packages'), seconds: 600 },
  { name: 'live', ...live },
];
