import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { openComputeSystem } from '#core/index.js';
import { checkout } from '#test/support/checkout.js';
import { mustRun } from '#test/support/command.js';

/** What is read: a container, and the processes in it. */
export interface Target {
  readonly path: string;
  readonly id: string;
  readonly pids: readonly number[];
}

/** One reading; gives the resident memory of all the processes together, in bytes, where it tells that. */
type Read = () => Promise<number | undefined>;

/** A library on the work, as its own README says. */
export interface Library {
  readonly name: string;
  /** Each sample is the mean of so many readings; 1 if left out. */
  readonly batch?: number;
  /** It lists all of the host, and takes a second where there are thousands of processes: one sample a turn is enough. */
  readonly isSlow?: boolean;
  /** Before each sample, which does not count. */
  readonly pauseMs?: number;
  start(target: Target): Promise<Read>;
}

export const folder = `${checkout}/bench/peers`;

export const ours = {
  statistics: 'silostat: Statistics',
  both: 'silostat: and ProcessList',
  onceById: 'silostat: open by id, Statistics, close',
  onceByPath: 'silostat: open by path, Statistics, close',
} as const;

const ownWays: readonly Library[] = [
  {
    name: ours.statistics,
    batch: 20,
    start: async ({ path }) => {
      const system = await openComputeSystem(path);
      return async () => void (await system.properties(['Statistics']));
    },
  },
  {
    name: ours.both,
    batch: 2,
    start: async ({ path }) => {
      const system = await openComputeSystem(path);
      return async () => {
        const { properties } = await system.query(['Statistics', 'ProcessList'], { againInMs: 1000 });
        const processes = properties.ProcessList ?? [];
        return sum(
          processes.map((each) => (each.MemoryWorkingSetPrivateBytes ?? 0) + (each.MemoryWorkingSetSharedBytes ?? 0)),
        );
      };
    },
  },
  { name: ours.onceById, start: async ({ id }) => readingOnce(id) },
  { name: ours.onceByPath, start: async ({ path }) => readingOnce(path) },
];

function readingOnce(reference: string): Read {
  return async () => {
    const system = await openComputeSystem(reference);
    await system.properties(['Statistics']);
    system.close();
    return undefined;
  };
}

/** Those of Node's. */
export const peers: readonly Library[] = [
  {
    name: 'pidusage',
    start: async ({ pids }) => {
      const pidusage = required('pidusage') as (pids: readonly number[]) => Promise<Record<string, { memory: number }>>;
      return async () => sum(Object.values(await pidusage(pids)).map(({ memory }) => memory));
    },
  },
  {
    name: 'ps-list',
    isSlow: true,
    start: async ({ pids }) => {
      const wanted = new Set(pids);
      const module = pathToFileURL(resolved('ps-list')).href;
      const { default: psList } = (await import(module)) as { default: () => Promise<{ pid: number }[]> };
      // It tells of memory as a percentage alone.
      return async () => void (await psList()).filter(({ pid }) => wanted.has(pid));
    },
  },
  {
    name: 'systeminformation',
    isSlow: true,
    // It gives its last answer again for half a second.
    pauseMs: 600,
    start: async ({ pids }) => {
      const wanted = new Set(pids);
      const { processes } = required('systeminformation') as {
        processes: () => Promise<{ list: { pid: number; memRss: number }[] }>;
      };
      return async () => {
        const { list } = await processes();
        return sum(list.filter(({ pid }) => wanted.has(pid)).map(({ memRss }) => memRss * 1024));
      };
    },
  },
];

export const libraries: readonly Library[] = [...ownWays, ...peers];

/** Installs the peers where they are not yet, with their own lock file. */
export function installPeers(): void {
  const lock = (file: string) => (existsSync(file) ? versionsIn(readFileSync(file, 'utf8')) : undefined);
  if (lock(`${folder}/node_modules/.package-lock.json`) === lock(`${folder}/package-lock.json`)) return;
  mustRun('npm', ['ci', '--no-audit', '--prefix', folder]);
}

function versionsIn(lock: string): string {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string }> };
  return Object.entries(packages)
    .flatMap(([name, { version }]) => (name === '' ? [] : `${name}@${version}`))
    .join();
}

function required(name: string): unknown {
  return createRequire(`${folder}/package.json`)(name);
}

function resolved(name: string): string {
  return createRequire(`${folder}/package.json`).resolve(name);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
