import assert from 'node:assert/strict';
import { openComputeSystem } from 'silostat';
import { cgroupFile } from './cgroup-files.ts';
import type { EngineFigures } from './engine-figures.ts';
import type { EngineContainer } from './engines.ts';
import { freeze, thaw } from './engines.ts';
import type { KernelFigures } from './kernel-figures.ts';
import { readKernelFigures } from './kernel-figures.ts';

const MiB = 1024 * 1024;

/** What both said of a container that could not move meanwhile: figures by name, the engine's and silostat's. */
export type Comparison = ReadonlyMap<string, readonly [engine: number, ours: number | undefined]>;

/** Holds 120 MiB, has used both kinds of CPU time, and written 50 MiB and read 16 MiB of the disk; then it is compared, frozen. */
export async function workAndCompare(container: EngineContainer, disk: string): Promise<Comparison> {
  const { workload } = container;
  await workload.touch(120);
  await workload.fork(2);
  await workload.write(50, disk);
  await workload.read(16, disk);
  await workload.burn(1500);
  // The kernel brings memory.stat up to date every 2 s.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await freeze(container);
  try {
    return await compare(container);
  } finally {
    thaw(container);
  }
}

async function compare(container: EngineContainer): Promise<Comparison> {
  const path = container.cgroups.get('pids') ?? container.cgroups.get('') ?? '';
  using system = await openComputeSystem(path);
  const engine = container.figures();
  const before = readKernelFigures(container.cgroups);
  const { Statistics, Linux, ProcessList } = await system.properties(['Statistics', 'Linux', 'ProcessList']);
  const { Memory, Processor, Storage } = Statistics ?? {};
  assertTold({ ...Statistics }, before);
  assert.equal(ProcessList?.length, 3);
  assert.ok((Memory?.MemoryUsagePrivateWorkingSetBytes ?? 0) >= 100 * MiB, JSON.stringify(Memory));
  const pairs: [string, number | undefined, number | undefined][] = [
    ['memory usage', engine.usage, Memory?.MemoryUsageCommitBytes],
    ['private', engine.anonymous, Memory?.MemoryUsagePrivateWorkingSetBytes],
    ['CPU', engine.cpu, hundred(Processor?.TotalRuntime100ns)],
    ['user', engine.user, hundred(Processor?.RuntimeUser100ns)],
    ['kernel', engine.kernel, hundred(Processor?.RuntimeKernel100ns)],
    ['pids', engine.pids, Linux?.PidsCurrent],
    ['read', engine.read, Storage?.ReadSizeBytes],
    ['written', engine.written, Storage?.WriteSizeBytes],
  ];
  const told = pairs.filter((pair): pair is [string, number, number | undefined] => pair[1] !== undefined);
  assertEqualButForRounding(told, engine, cpuTickNs(container));
  assert.equal(Storage?.WriteSizeBytes, 50 * MiB);
  assert.equal(Storage?.ReadSizeBytes, 16 * MiB);
  return new Map(told.map(([name, theirs, ours]) => [name, [theirs, ours]]));
}

/** Nothing moves, so each figure is exactly one of those that the kernel's files have. */
function assertTold(statistics: object, kernel: KernelFigures): void {
  const sections = statistics as Record<string, Record<string, number> | undefined>;
  for (const [path, told] of kernel) {
    const [section = '', member = ''] = path.split('.');
    const value = sections[section]?.[member];
    assert.ok(value !== undefined && told.includes(value), `${path}: ${value}, the kernel says ${told}`);
  }
}

function hundred(ticks: number | undefined): number | undefined {
  return ticks === undefined ? undefined : ticks * 100;
}

/** v1's split of CPU time comes from samples of the clock tick, in files that differ by up to one tick for each processor. */
function cpuTickNs({ cgroups }: EngineContainer): number {
  return cgroupFile(cgroups, 'cpuacct', 'cpuacct.usage') === undefined ? 0 : 20_000_000;
}

function assertEqualButForRounding(
  pairs: readonly (readonly [string, number, number | undefined])[],
  engine: EngineFigures,
  tickNs: number,
): void {
  for (const [name, theirs, ours] of pairs) {
    assert.ok(ours !== undefined, `${name}: the engine says ${theirs}, and we nothing`);
    const slack = slackOf(name, theirs, engine, tickNs);
    assert.ok(
      Math.abs(ours - theirs) <= slack,
      `${name}: the engine says ${theirs}, we ${ours} (may differ by ${slack})`,
    );
  }
}

function slackOf(name: string, theirs: number, engine: EngineFigures, tickNs: number): number {
  if (name === 'pids') return 0;
  if (name === 'read' || name === 'written') return engine.ioStep ?? 0;
  const steps = new Map([
    ['memory usage', engine.memoryStep],
    ['private', engine.memoryStep],
    ['CPU', engine.cpuStep],
  ]);
  const ticks = name === 'user' || name === 'kernel' ? tickNs : 0;
  return Math.max(theirs / 100, steps.get(name) ?? 0, ticks);
}
