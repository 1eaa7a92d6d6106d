import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Properties } from 'silostat';
import { cgroupFile } from '../../support/cgroup-files.ts';
import { silostat } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { diskInside, setThrottleRule } from '../../support/full-container.ts';
import { readKernelFigures, readKernelProcess } from '../../support/kernel-figures.ts';
import type { LoopDisk } from '../../support/loop-disk.ts';
import { makeLoopDisk } from '../../support/loop-disk.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { testPrefix } from '../../support/sweep.ts';
import { Undo } from '../../support/undo.ts';

const MiB = 1024 * 1024;
const placements: [string, string | undefined][] = [
  ['where runc puts it', undefined],
  ['at a path of its own', `/${testPrefix}-${process.pid}/inspected`],
];

for (const [where, cgroupsPath] of placements) {
  describe(`silostat inspect of a runc container ${where}`, {
    skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }),
  }, () => {
    const undo = new Undo();
    let disk: LoopDisk;
    let container: RuncContainer;

    before(async () => {
      disk = makeLoopDisk(undo, 64);
      const devices = [{ ...disk, path: diskInside }];
      const engine = new RuncEngine(undo);
      container = await engine.start({ devices, ...(cgroupsPath === undefined ? {} : { cgroupsPath }) });
    });
    after(() => undo[Symbol.dispose]());

    test('the private working set is under 8 MiB before it touched 100 MiB, and 100 to 104 MiB after', async () => {
      const before = (await inspect(container)).Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes ?? Number.NaN;
      assert.ok(before > 0 && before < 8 * MiB, `${before}`);
      await container.workload.touch(100);
      await settled(container, 100 * MiB);
      const after = (await inspect(container)).Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes ?? Number.NaN;
      assert.ok(after >= 100 * MiB && after <= 104 * MiB, `${after}`);
    });

    test('CPU time agrees with the getrusage of the workload within 2 %', async () => {
      const [first, before] = [await inspect(container), await container.workload.usage()];
      await container.workload.burn(1500);
      const [last, after] = [await inspect(container), await container.workload.usage()];
      const reported = cpuTime(last) - cpuTime(first);
      assertWithin2Percent(reported / 10, total(after) - total(before));
      assertWithin2Percent(cpuTime(last) / 10, total(after));
      const { RuntimeUser100ns: user = Number.NaN, RuntimeKernel100ns: kernel = Number.NaN } =
        last.Statistics?.Processor ?? {};
      // The kernel samples the two by its clock tick: they are coarser than their sum.
      assert.ok(Math.abs(user / 10 - after.user) < 150_000, `user ${user}, ${after.user} us`);
      assert.ok(Math.abs(kernel / 10 - after.system) < 150_000, `kernel ${kernel}, ${after.system} us`);
    });

    test('three processes are exactly three pids', async () => {
      assert.deepEqual(pids(await inspect(container)), [container.pid]);
      await container.workload.fork(2);
      const members = (
        cgroupFile(container.cgroups, 'pids', 'cgroup.procs') ??
        cgroupFile(container.cgroups, '', 'cgroup.procs') ??
        ''
      )
        .trim()
        .split('\n')
        .map(Number);
      assert.equal(members.length, 3);
      assert.deepEqual(
        pids(await inspect(container)),
        members.sort((a, b) => a - b),
      );
      await container.workload.reap();
      assert.deepEqual(pids(await inspect(container)), [container.pid]);
    });

    test('without a throttle rule v1 counts no I/O: Storage is absent, and the reason is told', {
      skip: skipReason({ cgroup: 1 }),
    }, async () => {
      await container.workload.write(50, diskInside);
      const { Properties: document, Report: report } = await explain(container);
      assert.equal(document.Statistics?.Storage, undefined);
      assert.ok(document.Statistics?.Memory !== undefined);
      const reason = report.Types?.Statistics?.Absent?.Storage;
      assert.equal(reason?.Code, 'ERR_UNSUPPORTED', JSON.stringify(report));
      assert.match(reason?.Message ?? '', /throttle/);
    });

    test('50 MiB with O_DIRECT are 52428800 bytes written, 16 MiB are 16777216 read', async () => {
      setThrottleRule(container, disk);
      const before = (await inspect(container)).Statistics?.Storage?.WriteSizeBytes ?? 0;
      await container.workload.write(50, diskInside);
      const { WriteSizeBytes = Number.NaN, ReadSizeBytes } = (await inspect(container)).Statistics?.Storage ?? {};
      assert.equal(WriteSizeBytes - before, 52_428_800);
      assert.equal(ReadSizeBytes, 0);
      await container.workload.read(16, diskInside);
      const read = (await inspect(container)).Statistics?.Storage;
      assert.deepEqual([read?.ReadSizeBytes, read?.WriteSizeBytes], [16 * MiB, WriteSizeBytes]);
    });

    test("every figure lies between two readings of the kernel's own file", async () => {
      await container.workload.fork(2);
      // So that the peak is not what is in use.
      await container.workload.touch(16);
      await container.workload.release();
      await settled(container, 100 * MiB);
      const before = readKernelFigures(container.cgroups);
      const document = await inspect(container);
      const after = readKernelFigures(container.cgroups);
      const seen = figuresOf(document);
      for (const [path, first] of before) {
        const value = seen.get(path);
        assert.ok(value !== undefined, `${path} is absent`);
        assert.ok(
          liesBetween(value, first, after.get(path) ?? []),
          `${path}: ${value}, kernel ${first} ... ${after.get(path)}`,
        );
      }
      assert.deepEqual([...seen.keys()].sort(), [...before.keys()].sort(), 'and there is no figure beside these');
    });

    test('every figure of each process lies between two readings of its /proc files', async () => {
      const list = pids(await inspect(container));
      const before = list.map(readKernelProcess);
      const processes = (await inspect(container)).ProcessList ?? [];
      const after = list.map(readKernelProcess);
      for (const [index, pid] of list.entries()) {
        const { ImageName, CreateTimestamp, ...figures } = processes.find(({ ProcessId }) => ProcessId === pid) ?? {};
        assert.equal(ImageName, 'workload');
        assert.ok(Date.now() - Date.parse(CreateTimestamp ?? '') < 60_000, CreateTimestamp);
        assert.deepEqual(Object.keys(figures).sort(), [...(before[index]?.keys() ?? [])].sort());
        for (const [name, value] of Object.entries(figures)) {
          assert.ok(
            liesBetween(value, [before[index]?.get(name)], [after[index]?.get(name)]),
            `${pid} ${name}: ${value}`,
          );
        }
      }
    });

    test('the clock of the reading, the start and the uptime agree', async () => {
      const earliest = Date.now();
      const {
        Timestamp = '',
        ContainerStartTime = '',
        Uptime100ns = Number.NaN,
      } = (await inspect(container)).Statistics ?? {};
      const at = Date.parse(Timestamp);
      assert.ok(at >= earliest && at <= Date.now(), Timestamp);
      const oldest = (await inspect(container)).ProcessList?.find(({ ProcessId }) => ProcessId === container.pid);
      assert.ok(
        Math.abs(Date.parse(ContainerStartTime) - Date.parse(oldest?.CreateTimestamp ?? '')) < 1000,
        ContainerStartTime,
      );
      assert.ok(Math.abs(at - Date.parse(ContainerStartTime) - Uptime100ns / 10_000) < 1000, `${Uptime100ns}`);
    });
  });
}

interface Explanation {
  Properties: Properties;
  Report: { Types?: { Statistics?: { Absent?: { Storage?: { Code: string; Message: string } } } } };
}

async function inspect({ id }: RuncContainer): Promise<Properties> {
  const { code, stdout, stderr } = await silostat(['inspect', id, '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

async function explain({ id }: RuncContainer): Promise<Explanation> {
  const { code, stdout, stderr } = await silostat(['inspect', id, '--json', '--explain']);
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

/** Waits until the kernel has added up its per-processor counts, which it does every 2 s. */
async function settled({ cgroups }: RuncContainer, privateBytes: number): Promise<void> {
  await until(`memory.stat tells ${privateBytes}`, () => {
    const tellings = readKernelFigures(cgroups).get('Memory.MemoryUsagePrivateWorkingSetBytes') ?? [];
    return tellings.some((figure) => figure !== undefined && figure >= privateBytes);
  });
}

/** The figures of Statistics by path. */
function figuresOf({ Statistics: { Processor, Memory, Storage } = {} }: Properties): Map<string, number> {
  const sections = Object.entries({ Processor, Memory, Storage });
  return new Map(
    sections.flatMap(([section, figures]) =>
      Object.entries(figures ?? {}).map(([name, value]): [string, number] => [`${section}.${name}`, value]),
    ),
  );
}

/** One way that the kernel tells the figure was at or below it before, and at or above it after; or the other way round. */
function liesBetween(
  value: number,
  before: readonly (number | undefined)[],
  after: readonly (number | undefined)[],
): boolean {
  return before.some((first, way) => {
    const last = after[way];
    return (
      first !== undefined && last !== undefined && value >= Math.min(first, last) && value <= Math.max(first, last)
    );
  });
}

function pids({ ProcessList = [] }: Properties): number[] {
  return ProcessList.map(({ ProcessId }) => ProcessId).sort((a, b) => a - b);
}

function cpuTime({ Statistics }: Properties): number {
  return Statistics?.Processor?.TotalRuntime100ns ?? Number.NaN;
}

function total({ user, system }: { user: number; system: number }): number {
  return user + system;
}

function assertWithin2Percent(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected * 0.02, `${actual} us reported, ${expected} us by getrusage`);
}
