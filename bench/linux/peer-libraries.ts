import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { checkout } from '#test/support/checkout.js';
import { mustRun } from '#test/support/command.js';
import type { Undo } from '#test/support/undo.js';
import type { Contestant } from '../measure.ts';
import { awaited } from '../measure.ts';

/** A library that is asked about processes, and the resident memory that it gives for all of them together. */
export interface PeerLibrary extends Contestant {
  /** True for a library of Node's. */
  readonly isNode: boolean;
  /** Absent where it gives a percentage only. */
  residentBytes?(): Promise<number>;
}

const folder = `${checkout}/bench/peers`;

/** systeminformation gives its last answer again for half a second. */
const repeatsItselfMs = 600;

interface Peers {
  pidusage(pids: readonly number[]): Promise<Record<string, { memory: number }>>;
  psList(): Promise<{ pid: number }[]>;
  processes(): Promise<{ list: { pid: number; memRss: number }[] }>;
}

/** Installs them where they are not yet, with their own lock file. */
async function loadPeers(): Promise<Peers> {
  const modules = `${folder}/node_modules`;
  const lock = (file: string) => (existsSync(file) ? versionsIn(readFileSync(file, 'utf8')) : undefined);
  if (lock(`${modules}/.package-lock.json`) !== lock(`${folder}/package-lock.json`)) {
    mustRun('npm', ['ci', '--no-audit', '--prefix', folder]);
  }
  const require = createRequire(`${folder}/package.json`);
  const psList = (await import(pathToFileURL(require.resolve('ps-list')).href)) as { default: Peers['psList'] };
  return {
    pidusage: require('pidusage') as Peers['pidusage'],
    psList: psList.default,
    processes: (require('systeminformation') as Peers).processes,
  };
}

function versionsIn(lock: string): string {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string }> };
  return Object.entries(packages)
    .flatMap(([name, { version }]) => (name === '' ? [] : `${name}@${version}`))
    .join();
}

/** Each used as its own README says; those that take pids are handed them. */
export async function peerLibraries(undo: Undo, pids: readonly number[]): Promise<PeerLibrary[]> {
  const { pidusage, psList, processes } = await loadPeers();
  const ours = new Set(pids);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const node = (name: string, read: () => Promise<number>): PeerLibrary => ({
    ...inTurn(name, read),
    residentBytes: read,
  });
  return [
    node('pidusage', async () => sum(Object.values(await pidusage(pids)).map(({ memory }) => memory))),
    inTurn('ps-list', async () => (await psList()).filter(({ pid }) => ours.has(pid))),
    afterPause(
      node('systeminformation', async () => {
        const { list } = await processes();
        return sum(list.filter(({ pid }) => ours.has(pid)).map(({ memRss }) => memRss * 1024));
      }),
      repeatsItselfMs,
    ),
    psutil(undo, pids),
  ];
}

/** Some take a second on a host with thousands of processes: one sample a turn is enough of that. */
function inTurn(name: string, read: () => Promise<unknown>): PeerLibrary {
  const { sample } = awaited(name, read);
  return { name, sample: () => sample(1), isNode: true };
}

/** Waits before each sample, which does not count. */
function afterPause(library: PeerLibrary, milliseconds: number): PeerLibrary {
  return {
    ...library,
    sample: async (count) => {
      await delay(milliseconds);
      return library.sample(count);
    },
  };
}

/** Python's own times: library beside library, without the pipe between. */
function psutil(undo: Undo, pids: readonly number[]): PeerLibrary {
  const child = spawn('/usr/bin/python3', [`${folder}/reading.py`, ...pids.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  undo.add(() => void child.kill('SIGKILL'));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (count: number): Promise<{ ns: number[]; rss: number }> => {
    child.stdin.write(`${count}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error('psutil has ended');
    return JSON.parse(value) as { ns: number[]; rss: number };
  };
  return {
    name: 'psutil (Python)',
    isNode: false,
    sample: async (count) => (await ask(count)).ns,
    residentBytes: async () => (await ask(1)).rss,
  };
}
