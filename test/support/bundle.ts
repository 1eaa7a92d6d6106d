import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { compiled } from './compile.ts';

/** A device that a container may use, at this path inside. */
interface ContainerDevice {
  path: string;
  major: number;
  minor: number;
}

export interface BundleOptions {
  /** The OCI `cgroupsPath`; runc's own choice if left out. */
  cgroupsPath?: string;
  devices?: readonly ContainerDevice[];
  /** The command; the workload if left out. */
  args?: readonly string[];
  /** True: no network namespace of its own. */
  hostNetwork?: boolean;
}

/** Fills `root` with busybox under some of its names, and the workload. */
export function makeRootfs(root: string): void {
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(`${root}/${folder}`, { recursive: true });
  copyFileSync('/bin/busybox', `${root}/bin/busybox`);
  for (const applet of ['sh', 'sleep', 'cat', 'true']) symlinkSync('busybox', `${root}/bin/${applet}`);
  copyFileSync(compiled('workload.c'), `${root}/bin/workload`);
  chmodSync(`${root}/bin/workload`, 0o755);
}

/** Writes the OCI configuration of one container into the folder `bundle`. */
export function writeBundle(bundle: string, root: string, options: BundleOptions): void {
  mkdirSync(bundle, { recursive: true });
  writeFileSync(`${bundle}/config.json`, JSON.stringify(ociConfig(root, options), undefined, 2));
}

function ociConfig(root: string, options: BundleOptions): object {
  const { cgroupsPath, devices = [], args = ['/bin/workload'], hostNetwork = false } = options;
  const namespaces = ['pid', 'ipc', 'uts', 'mount', ...(hostNetwork ? [] : ['network'])];
  return {
    ociVersion: '1.0.2',
    process: { terminal: false, user: { uid: 0, gid: 0 }, args, env: ['PATH=/bin'], cwd: '/' },
    root: { path: root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: {
      ...(cgroupsPath === undefined ? {} : { cgroupsPath }),
      namespaces: namespaces.map((type) => ({ type })),
      devices: devices.map(({ path, major, minor }) => ({ path, major, minor, type: 'b', fileMode: 0o660 })),
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          ...devices.map(({ major, minor }) => ({ allow: true, type: 'b', major, minor, access: 'rwm' })),
        ],
      },
    },
  };
}
