// A guest with a kernel of its own: cgroup v2 only, systemd as PID 1, Debian's kernel under qemu's software emulation.
// The guest's root is this machine's root, read-only over 9p, below a tmpfs: nothing that the guest does stays.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const modules = ['virtio_pci', 'virtio_blk', '9pnet_virtio', '9p', 'overlay'];

/** Units that need hardware, a writable host or minutes of 9p traffic, and that no test needs. */
const maskedUnits = [
  ...['tmpfiles-setup', 'tmpfiles-setup-dev', 'journald', 'journal-flush', 'udevd', 'udev-trigger', 'logind'],
  ...['update-utmp', 'sysusers', 'firstboot', 'random-seed', 'binfmt'],
].map((name) => `systemd-${name}.service`);
const maskedSockets = ['journald', 'journald-dev-log', 'journald-audit', 'udevd-control', 'udevd-kernel'].map(
  (name) => `systemd-${name}.socket`,
);

/** What the guest cannot do without, as a sentence; undefined when all is there. */
export function missingForGuest() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the guest is an x64 Linux on Linux';
  if (process.getuid?.() !== 0) return 'the guest reads this machine as root';
  if (kernelVersion() === undefined) return 'no Debian kernel in /boot';
  for (const program of ['qemu-system-x86_64', 'busybox', 'cpio', 'modprobe', 'systemctl']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed`;
  }
  return undefined;
}

/**
 * Boots the guest, runs a shell script in it and waits for the power-off.
 * @param {{ script: string, folder: string, timeoutMs: number, diskBytes?: number }} options
 *   folder: where the guest's /out is, made anew; diskBytes: an empty disk, /dev/vda in the guest.
 * @returns {Promise<{ status?: number, output: string, serial: string, seconds: number }>} status: the script's, absent when the
 *   guest did not get as far as its end.
 */
export async function runInGuest({ script, folder, timeoutMs, diskBytes = 64 << 20 }) {
  const out = join(folder, 'out');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'script.sh'), script);
  const disk = join(folder, 'disk.raw');
  writeFileSync(disk, '');
  spawnSync('truncate', ['-s', String(diskBytes), disk]);
  const version = kernelVersion();
  const initramfs = buildInitramfs(folder, version);
  const began = performance.now();
  const serial = await boot(qemuArguments({ version, initramfs, out, disk }), timeoutMs);
  const seconds = (performance.now() - began) / 1000;
  const status = textOf(join(out, 'status'));
  return { ...(status && { status: Number(status) }), output: textOf(join(out, 'output.txt')), serial, seconds };
}

function textOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function kernelVersion() {
  const images = existsSync('/boot') ? readdirSync('/boot').filter((name) => name.startsWith('vmlinuz-')) : [];
  const versions = images.map((name) => name.slice('vmlinuz-'.length));
  return versions.sort().find((version) => existsSync(`/lib/modules/${version}/modules.dep`));
}

function buildInitramfs(folder, version) {
  const root = join(folder, 'initramfs');
  const units = join(root, 'overlay/etc/systemd/system');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'modules']) mkdirSync(join(root, name), { recursive: true });
  mkdirSync(units, { recursive: true });
  cpSync(run('sh', ['-c', 'command -v busybox']).trim(), join(root, 'bin/busybox'), { dereference: true });
  cpSync(join(here, 'init.sh'), join(root, 'init'));
  copyModules(root, version);
  cpSync(join(here, 'overlay'), units, { recursive: true });
  for (const unit of [...maskedUnits, ...maskedSockets]) symlinkSync('/dev/null', join(units, unit));
  const archive = join(folder, 'initramfs.cpio');
  run('sh', ['-c', `chmod +x init && find . | cpio -o -H newc -R 0:0 --quiet > "$0"`, archive], { cwd: root });
  return archive;
}

/** Copies the kernel modules and writes down the order in which they go in. */
function copyModules(root, version) {
  const inserts = modules.flatMap((name) => run('modprobe', ['-S', version, '--show-depends', name]).split('\n'));
  const paths = inserts.filter((line) => line.startsWith('insmod')).map((line) => line.split(' ')[1]);
  const unique = [...new Set(paths)];
  for (const path of unique) cpSync(path, join(root, 'modules', basename(path)));
  writeFileSync(join(root, 'modules/order'), `${unique.map((path) => basename(path)).join('\n')}\n`);
}

function qemuArguments({ version, initramfs, out, disk }) {
  const share = (path, tag, more) => `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '3000'],
    ...['-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
    ...['-kernel', `/boot/vmlinuz-${version}`, '-initrd', initramfs],
    ...['-append', `console=ttyS0 quiet panic=-1 psi=1 systemd.show_status=0 silostat.checkout=${checkout}`],
    ...['-virtfs', share('/', 'root', ',readonly=on'), '-virtfs', share(out, 'out', '')],
    ...['-drive', `file=${disk},if=virtio,format=raw`],
  ];
}

function boot(args, timeoutMs) {
  return new Promise((resolve, reject) => {
    const guest = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let serial = '';
    const take = (chunk) => {
      serial += chunk;
    };
    guest.stdout.on('data', take);
    guest.stderr.on('data', take);
    const timer = setTimeout(() => guest.kill('SIGKILL'), timeoutMs);
    guest.on('error', reject);
    guest.on('close', () => {
      clearTimeout(timer);
      resolve(serial);
    });
  });
}

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
