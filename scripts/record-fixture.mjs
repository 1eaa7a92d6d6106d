// Records what silostat reads of a living container as a tree of plain files, for packages/core/test/fixtures/linux (after a build,
// as root):
//   node scripts/record-fixture.mjs ID|/CGROUP/PATH FOLDER
// FOLDER gets proc/ and sys/ as the host has them, and expected.json: the document that silostat makes of them, to be read through
// before it is committed. `--expect FOLDER...` writes only expected.json anew.
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComputeSystem, listComputeSystems } from '../packages/core/dist/index.js';
import { openCgroupJobAccess, readPids, resolveCgroupPaths } from '../packages/core/dist/linux/cgroup/cgroup.js';
import { directoryOf, readHierarchies } from '../packages/core/dist/linux/mounts.js';

/** What is read of a cgroup; of what it stands in, the limits alone. */
const limitFiles = /^(memory\.(max|limit_in_bytes)|cpu\.(max|cfs_quota_us|cfs_period_us)|pids\.max)$/;
const cgroupFiles = [
  limitFiles,
  /^cgroup\.(procs|events)$|^freezer\.state$/,
  /^memory\.(current|peak|stat|events|swap\.current|usage_in_bytes|max_usage_in_bytes|kmem\.usage_in_bytes|oom_control)$/,
  /^cpu\.stat$|^cpuacct\.usage(_user|_sys)?$|^pids\.(current|peak)$/,
  /^io\.stat$|^blkio\.throttle\.io_service(d|_bytes)_recursive$/,
  /^(cpu|memory|io)\.pressure$|^hugetlb\.\d+[KMG]B\.(current|usage_in_bytes)$/,
];
const processFiles = ['cgroup', 'stat', 'status', 'statm', 'net/dev'];
/** @type {import('../packages/core/dist/index.js').PropertyType[]} */
const types = ['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux'];

async function record(reference, folder) {
  const hierarchies = readHierarchies();
  const path = reference.startsWith('/') ? reference : await pathOfContainer(reference);
  const { paths, primary } = resolveCgroupPaths({ hierarchies, path });
  copyHost(folder);
  for (const pid of [1, ...readPids(primary, paths.get(primary) ?? path).pids]) copyProcess(pid, folder);
  for (const [hierarchy, at] of paths) copyCgroup(hierarchy, at, folder);
  write(join(folder, 'path'), `${path}\n`);
  await expect(folder);
}

async function pathOfContainer(id) {
  const found = (await listComputeSystems({ all: true })).filter(({ Id, Names }) => Id === id || Names.includes(id));
  const [only] = found;
  if (found.length !== 1 || only?.CgroupPath === undefined) throw new Error(`${found.length} containers are ${id}`);
  return only.CgroupPath;
}

/** Of the mounts those of cgroups alone: the others are nobody's business. */
function copyHost(folder) {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  write(join(folder, 'proc/self/mountinfo'), `${mounts.filter((line) => / - cgroup2? /.test(line)).join('\n')}\n`);
  write(join(folder, 'proc/self/auxv'), readFileSync('/proc/self/auxv'));
  write(join(folder, 'proc/swaps'), readFileSync('/proc/swaps'));
  const boot = readFileSync('/proc/stat', 'utf8').match(/^btime .*\n/m)?.[0] ?? '';
  write(join(folder, 'proc/stat'), boot);
}

/** Of process 1 only that it has a network: the host's, and ours. */
function copyProcess(pid, folder) {
  const target = join(folder, `proc/${pid}`);
  if (pid === 1) return write(join(target, 'net/dev'), '');
  if (statSync(`/proc/${pid}/net/dev`).ino === statSync('/proc/1/net/dev').ino) {
    throw new Error(`process ${pid} has the network of the host: two plain files cannot be one namespace`);
  }
  for (const name of processFiles) write(join(target, name), readFileSync(`/proc/${pid}/${name}`));
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    for (const name of ['statm', 'status']) {
      const file = `task/${thread}/${name}`;
      write(join(target, file), readFileSync(`/proc/${pid}/${file}`));
    }
  }
}

function copyCgroup(hierarchy, path, folder) {
  const top = directoryOf(hierarchy, path);
  if (top === undefined) throw new Error(`${path} is not below ${hierarchy.mountPoint}`);
  copyBelow(top, folder);
  for (let at = dirname(top); at.startsWith(hierarchy.mountPoint); at = dirname(at)) {
    copyFiles(at, [limitFiles], folder);
  }
}

function copyBelow(directory, folder) {
  copyFiles(directory, cgroupFiles, folder);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) copyBelow(join(directory, entry.name), folder);
  }
}

function copyFiles(directory, wanted, folder) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !wanted.some((pattern) => pattern.test(entry.name))) continue;
    const file = join(directory, entry.name);
    write(join(folder, file), readFileSync(file));
  }
}

function write(file, content) {
  if (file.includes(':')) throw new Error(`Windows has no file name like ${file}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o644);
}

/** What silostat makes of a recorded tree, 30 days after its host booted. */
async function expect(folder) {
  const hierarchies = readHierarchies({ procRoot: join(folder, 'proc'), fsRoot: folder });
  const path = readFileSync(join(folder, 'path'), 'utf8').trim();
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync(join(folder, 'proc/stat'), 'utf8'))?.[1]);
  const system = new ComputeSystem({
    identity: { Id: 'recorded', SystemType: 'Cgroup', RuntimeOsType: 'Linux', Owner: '' },
    names: [],
    jobs: openCgroupJobAccess({ hierarchies, path }),
    clock: { now: () => (bootSeconds + 30 * 86400) * 1000, monotonicNs: () => 0n },
  });
  try {
    const { properties, report } = await system.query([...types]);
    const absent = Object.fromEntries(
      Object.entries(report.types).map(([type, entry]) => [
        type,
        Object.fromEntries(
          Object.entries(entry?.absent ?? {}).map(([at, { code, message }]) => [at, { code, message }]),
        ),
      ]),
    );
    const document = { kernel: report.kernel, properties, absent };
    writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(document, undefined, 2)}\n`);
  } finally {
    system.close();
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--expect') for (const folder of rest) await expect(folder);
else if (first !== undefined && rest[0] !== undefined) await record(first, rest[0]);
else throw new Error('usage: record-fixture.mjs ID|/CGROUP/PATH FOLDER');
