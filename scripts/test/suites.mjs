/**
 * Every suite of `npm test`, as data. A new suite is one more entry.
 *
 * - `needs` says what the machine must have; where it cannot be had the suite is skipped with that reason.
 *   `debian` packages are installed together by one apt call before anything runs.
 * - `files` are run one process each by `runtime`, `together` at a time; `steps` are suites that are no node:test files.
 * - `seconds` is the time limit of one file or of the steps.
 */
import { availableParallelism } from 'node:os';
import { runChecks } from '../check.mjs';
import { testFiles } from './source-files.mjs';

const unitFolders = ['packages/core/test', 'packages/cli/test', 'scripts'];
const unitFiles = (root) => unitFolders.flatMap((folder) => testFiles(root, folder));

const runningMajor = process.versions.node.split('.')[0];

const unit = { files: unitFiles, together: availableParallelism(), seconds: 120 };

export const suites = [
  { name: `unit, Node ${runningMajor}`, unit: true, needs: {}, ...unit },
  { name: 'check', needs: {}, steps: runChecks, seconds: 300 },
  ...['22', '24']
    .filter((major) => major !== runningMajor)
    .map((major) => ({ name: `unit, Node ${major}`, needs: { node: major }, ...unit })),
  {
    name: 'live',
    needs: {
      platform: 'linux',
      root: true,
      debian: ['runc', 'busybox-static', 'strace', 'gcc', 'libc6-dev', 'util-linux'],
    },
    files: (root) => testFiles(root, 'test/live', { except: ['test/live/windows'] }),
    together: 1,
    seconds: 600,
  },
  { name: 'packages', needs: {}, files: (root) => testFiles(root, 'test/packages'), together: 1, seconds: 300 },
];
