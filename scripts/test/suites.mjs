/**
 * Every suite of `npm test`, as data. A new suite is one more entry.
 *
 * - `needs`: what the machine must have; where that cannot be had the suite is skipped with the reason. The `debian` packages of
 *   all suites are installed by one apt call before anything runs, and `node: '22'` comes from test/toolchain/nodes.
 * - `files`: node:test files, each run in a process of its own, `together` at a time, by this Node, by the one that it needs, or
 *   by its `runtime`; or `steps`: a function that gives an outcome.
 * - `seconds`: the time limit of the suite; `fileSeconds`: of one file.
 */
import { availableParallelism } from 'node:os';
import { smokeFiles } from '../../test/windows/lab.mjs';
import { runChecks } from '../check.mjs';
import { benchSmoke } from './bench.mjs';
import { guestTests } from './guest.mjs';
import { builtFile, testFiles } from './source-files.mjs';
import { windowsRuntime } from './windows-lab.mjs';

const thisNode = process.versions.node.split('.')[0];
const otherNodes = ['22', '24'].filter((major) => major !== thisNode);

const packageTests = (root) => ['packages/core/test', 'packages/cli/test'].flatMap((folder) => testFiles(root, folder));
const windowsTests = (root) => testFiles(root, 'test/live/windows');

const unit = {
  files: (root) => [...packageTests(root), ...testFiles(root, 'scripts')],
  together: availableParallelism(),
  seconds: 600,
  fileSeconds: 120,
};

const live = {
  needs: {
    platform: 'linux',
    root: true,
    debian: [
      'runc',
      'containerd',
      'podman',
      'busybox-static',
      'strace',
      'gcc',
      'libc6-dev',
      'util-linux',
      'tmux',
      'zsh',
      'fish',
      'mandoc',
    ],
  },
  files: (root) => testFiles(root, 'test/live/linux'),
  seconds: 1800,
  fileSeconds: 300,
};

/** One boot of a kernel with cgroup v2 alone, and systemd: of that, qemu's emulation takes 20 s. */
const guest = {
  needs: {
    platform: 'linux',
    root: true,
    debian: [
      ...['qemu-system-x86', 'linux-image-amd64', 'busybox-static', 'cpio', 'kmod', 'systemd', 'dbus'],
      ...['podman', 'runc', 'containerd', 'gcc', 'libc6-dev'],
    ],
  },
  steps: guestTests,
  seconds: 240,
};

const wine = {
  platform: 'linux',
  debian: ['wine', 'wine64', 'gcc-mingw-w64-x86-64-win32', 'mingw-w64-x86-64-dev'],
};

/** Linux' floors and peers, and Windows' under Wine. */
const benches = {
  platform: 'linux',
  root: true,
  debian: [...wine.debian, ...live.needs.debian, 'procps', 'python3-psutil'],
};

const underWine = [
  {
    name: 'unit on Wine',
    needs: wine,
    files: packageTests,
    runtime: (context) => windowsRuntime(context, 22, { hook: false }),
    together: availableParallelism(),
    seconds: 600,
    fileSeconds: 120,
  },
  {
    name: 'windows on Wine',
    needs: wine,
    files: windowsTests,
    runtime: (context) => windowsRuntime(context, 22, { hook: true }),
    seconds: 1200,
    fileSeconds: 300,
  },
  {
    name: 'windows on bare Wine',
    needs: wine,
    files: windowsTests,
    runtime: (context) => windowsRuntime(context, 22, { hook: false }),
    seconds: 1200,
    fileSeconds: 300,
  },
  {
    name: 'windows smoke on Wine with Node 20',
    needs: wine,
    files: (root) => smokeFiles.map((source) => builtFile(root, source)),
    runtime: (context) => windowsRuntime(context, 20, { hook: true }),
    seconds: 600,
    fileSeconds: 300,
  },
  {
    name: 'console on Wine',
    needs: { ...wine, debian: [...wine.debian, 'tmux'] },
    files: (root) => testFiles(root, 'test/live/wine'),
    seconds: 300,
    fileSeconds: 200,
  },
  { name: 'bench smoke', needs: benches, steps: benchSmoke, seconds: 300 },
];

const onWindows = [
  {
    name: 'windows',
    needs: { platform: 'win32' },
    files: windowsTests,
    runtime: (context) => windowsRuntime(context, 22),
    seconds: 1200,
    fileSeconds: 300,
  },
];

/** @type {import('./run-suite.mjs').Suite[]} */
export const suites = [
  { name: `unit on Node ${thisNode}`, unit: true, needs: {}, ...unit },
  ...otherNodes.map((major) => ({ name: `unit on Node ${major}`, needs: { node: major }, ...unit })),
  { name: 'check', needs: {}, steps: () => runChecks(), seconds: 300 },
  { name: 'packages', needs: {}, files: (root) => testFiles(root, 'test/packages'), seconds: 600 },
  { name: 'fuzz', needs: {}, files: (root) => testFiles(root, 'test/fuzz'), seconds: 120, fileSeconds: 90 },
  { name: 'live', ...live },
  { name: 'guest', ...guest },
  ...(process.platform === 'win32' ? onWindows : underWine),
];
