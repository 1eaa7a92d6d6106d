import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { makeRootfs, writeBundle } from './bundle.ts';
import { cgroupFolder, cgroupMounts, membership, removeEmptyCgroup } from './cgroup-files.ts';
import { mustRun, run } from './command.ts';
import { until } from './deadline.ts';
import type { EngineFigures } from './engine-figures.ts';
import { parseCtrMetrics, parsePodmanStats, parseRuncStats } from './engine-figures.ts';
import type { LoopDisk as Disk } from './loop-disk.ts';
import { scratchFolder } from './scratch.ts';
import { sweep, testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';
import { Workload } from './workload.ts';

/** A container of some engine, with the workload as its first process. */
export interface EngineContainer {
  /** As the engine calls it. */
  id: string;
  pid: number;
  workload: Workload;
  cgroups: ReadonlyMap<string, string>;
  /** The engine's own statistics. */
  figures(): EngineFigures;
}

/** Makes one container, which can use the disk under its path on this host. All that is left goes with `undo`. */
export type StartContainer = (undo: Undo, disk: Disk) => Promise<EngineContainer>;

const top = `${testPrefix}-${process.pid}`;

/** Stops every process of the container, on either version, so that its figures stand still. */
export async function freeze({ cgroups }: EngineContainer): Promise<void> {
  const v1 = cgroupFolder(cgroups, 'freezer');
  if (v1 !== undefined) {
    writeFileSync(`${v1}/freezer.state`, 'FROZEN');
    return until('it is frozen', () => readFileSync(`${v1}/freezer.state`, 'utf8') === 'FROZEN\n');
  }
  const v2 = cgroupFolder(cgroups, '');
  writeFileSync(`${v2}/cgroup.freeze`, '1');
  return until('it is frozen', () => readFileSync(`${v2}/cgroup.events`, 'utf8').includes('frozen 1'));
}

/** Lets it go on. */
export function thaw({ cgroups }: EngineContainer): void {
  const v1 = cgroupFolder(cgroups, 'freezer');
  if (v1 !== undefined) writeFileSync(`${v1}/freezer.state`, 'THAWED');
  else writeFileSync(`${cgroupFolder(cgroups, '')}/cgroup.freeze`, '0');
}

/** runc by hand; with `systemdCgroup` systemd makes its scope. */
export function runcEngine({ systemdCgroup = false } = {}): StartContainer {
  return async (undo, disk) => {
    sweep();
    const folder = scratchFolder(undo);
    makeRootfs(`${folder}/rootfs`);
    const id = `${top}-${systemdCgroup ? 'scope' : 'engine'}`;
    const bundle = `${folder}/bundle`;
    const cgroupsPath = systemdCgroup ? `system.slice:runc:${id}` : `/${top}-runc/${id}`;
    writeBundle(bundle, `${folder}/rootfs`, { cgroupsPath, devices: [disk] });
    const workload = new Workload(bundle, undo);
    const flags = systemdCgroup ? ['--systemd-cgroup'] : [];
    undo.add(() => {
      mustRun('runc', [...flags, 'delete', '--force', id]);
      removeEmptyCgroup(`/${top}-runc`);
    });
    const args = [...flags, 'run', '--detach', '--bundle', bundle, '--pid-file', `${bundle}/pid`, id];
    await workload.startedBy(({ stdin, stdout }) => ended('runc', args, `${bundle}/log`, [stdin, stdout]));
    const pid = Number(readFileSync(`${bundle}/pid`, 'utf8'));
    const figures = (): EngineFigures => parseRuncStats(mustRun('runc', ['events', '--stats', id]));
    return { id, pid, workload, cgroups: membership(pid), figures };
  };
}

/** A containerd of our own, with ctr. */
export const containerd: StartContainer = async (undo, disk) => {
  sweep();
  const folder = scratchFolder(undo);
  makeRootfs(`${folder}/rootfs`);
  const [id, socket] = [`${top}-ctr`, `${folder}/containerd.sock`];
  removeNewCgroups(undo, ['default']);
  await startContainerd(undo, folder, socket);
  const ctr = ['-a', socket];
  const workload = new Workload(folder, undo);
  undo.add(() => mustRun('ctr', [...ctr, 'task', 'delete', '--force', id]));
  const mount = `type=bind,src=${folder},dst=/tmp,options=rbind:rw`;
  const options = ['-d', '--null-io', '--mount', mount, '--device', disk.path, '--rootfs'];
  let pid = Number.NaN;
  await workload.startedBy(async () => {
    await ended('ctr', [...ctr, 'run', ...options, `${folder}/rootfs`, id, ...fifoWorkload], `${folder}/log`);
    pid = Number(new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(mustRun('ctr', [...ctr, 'task', 'ls']))?.[1]);
    await untilWorkload(pid);
  });
  const figures = (): EngineFigures =>
    parseCtrMetrics(mustRun('ctr', [...ctr, 'task', 'metrics', '--format', 'json', id]));
  return { id, pid, workload, cgroups: membership(pid), figures };
};

async function startContainerd(undo: Undo, folder: string, socket: string): Promise<void> {
  const disabled = [
    'grpc.v1.cri',
    'snapshotter.v1.btrfs',
    'snapshotter.v1.devmapper',
    'snapshotter.v1.zfs',
    'snapshotter.v1.aufs',
  ];
  const config = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    `disabled_plugins = [${disabled.map((name) => `"io.containerd.${name}"`).join(', ')}]`,
    `[grpc]\n  address = "${socket}"`,
  ];
  writeFileSync(`${folder}/config.toml`, config.join('\n'));
  const log = openSync(`${folder}/containerd.log`, 'w');
  const daemon = spawn('containerd', ['-c', `${folder}/config.toml`], { stdio: ['ignore', log, log] });
  closeSync(log);
  daemon.unref();
  undo.add(() => {
    // Its end is waited for: it writes into its folder until then.
    mustRun('sh', [
      '-c',
      'kill "$0"; while [ -d "/proc/$0" ] && ! grep -q "^State:.Z" "/proc/$0/status"; do sleep 0.1; done',
      String(daemon.pid),
    ]);
  });
  await until('containerd answers', async () => (await run('ctr', ['-a', socket, 'version'])).code === 0, 30_000);
}

/** Podman of root, with storage of its own. */
export const podman: StartContainer = async (undo, disk) => {
  sweep();
  const folder = scratchFolder(undo);
  makeRootfs(`${folder}/rootfs`);
  const config = ['[storage]', 'driver = "vfs"', `graphroot = "${folder}/graph"`, `runroot = "${folder}/run"`];
  writeFileSync(`${folder}/storage.conf`, config.join('\n'));
  const environment = `CONTAINERS_STORAGE_CONF=${folder}/storage.conf`;
  const managed = [
    '--runtime',
    'runc',
    '--cgroup-manager=cgroupfs',
    '--events-backend=file',
    '--tmpdir',
    `${folder}/libpod`,
  ];
  const command = (...args: string[]): string => mustRun('env', [environment, 'podman', ...managed, ...args]);
  removeNewCgroups(undo, ['libpod_parent/conmon', 'libpod_parent']);
  undo.add(() => {
    patiently(() => removeEmptyCgroup(`/${top}-podman`));
    patiently(() => rmSync(`${folder}/graph`, { recursive: true, force: true }));
  });
  mustRun('tar', ['-C', `${folder}/rootfs`, '-cf', `${folder}/image.tar`, '.']);
  command('import', '--quiet', `${folder}/image.tar`, 'silostat-test:1');
  const workload = new Workload(folder, undo);
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'];
  const placed = [
    '--cgroup-parent',
    `/${top}-podman`,
    '--network',
    'none',
    '--device',
    disk.path,
    '-v',
    `${folder}:/tmp`,
  ];
  let [id, pid] = ['', Number.NaN];
  undo.add(() => command('rm', '--force', '--time', '0', '--all'));
  await workload.startedBy(async () => {
    const log = `${folder}/log`;
    await ended(
      'env',
      [
        environment,
        'podman',
        ...managed,
        'run',
        '-d',
        '--name',
        `${top}-podman`,
        ...limits,
        ...placed,
        'silostat-test:1',
        ...fifoWorkload,
      ],
      log,
    );
    [id = '', pid = Number.NaN] = command('inspect', '--format', '{{.Id}} {{.State.Pid}}', `${top}-podman`)
      .trim()
      .split(' ')
      .map((word, index) => (index === 0 ? word : Number(word))) as [string, number];
    await untilWorkload(pid);
  });
  const cgroups = membership(pid);
  const memory = cgroups.has('memory') ? 'usage' : 'anonymous';
  const figures = (): EngineFigures =>
    parsePodmanStats(command('stats', '--no-stream', '--format', 'json', id), memory);
  return { id, pid, workload, cgroups, figures };
};

/** Parents that an engine makes in every hierarchy and leaves; one that was there before is somebody else's. */
function removeNewCgroups(undo: Undo, names: readonly string[]): void {
  const all = [...new Set(cgroupMounts().values())].flatMap((mount) => names.map((name) => `${mount}/${name}`));
  const ours = all.filter((folder) => !existsSync(folder));
  undo.add(() => {
    for (const folder of ours) patiently(() => existsSync(folder) && rmdirSync(folder));
  });
}

/** A container's monitor ends a moment after the container. */
function patiently(step: () => void): void {
  const end = performance.now() + 10_000;
  for (;;) {
    try {
      step();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** Engines that keep stdin and stdout for themselves: the workload's FIFOs are below the container's /tmp. */
const fifoWorkload = ['/bin/sh', '-c', 'exec /bin/workload </tmp/in >/tmp/out'];

/** Until then the container has not opened the FIFOs. */
function untilWorkload(pid: number): Promise<void> {
  return until('the workload runs', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'workload\n');
}

/** Runs a program that leaves a container behind: its output goes to a file, since the container may inherit it. */
async function ended(
  program: string,
  args: readonly string[],
  log: string,
  [stdin, stdout]: number[] = [],
): Promise<void> {
  const file = openSync(log, 'w');
  const child = spawn(program, args, { stdio: [stdin ?? 'ignore', stdout ?? file, file] });
  closeSync(file);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${readFileSync(log, 'utf8')}`);
}
