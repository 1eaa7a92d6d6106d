import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ComputeSystemSummary, Properties } from '#core/index.js';
import { Silo } from '#core/windows/silo.js';
import { until } from '../../support/deadline.js';
import { skipReason, uniqueId, Workload } from './lab.js';
import { noStandIn, propertyLine, systemLine, withoutStandIn } from './stand-in.js';

/** The built command line as it is started, under node.exe, with the hook and the stand-in for HCS in it. */
const skip = noStandIn() || skipReason({ programs: true, hook: true });
const main = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url));
const hookUrl = new URL('./load-hook.js', import.meta.url).href;
const jobOwner = fileURLToPath(new URL('./job-owner.js', import.meta.url));
const schemas = new URL('../../../../docs/schema/', import.meta.url);

type Test = { after(done: () => void | Promise<void>): void };
type Silostat = ChildProcessByStdio<null, Readable, Readable>;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts `silostat` with a stand-in that is told these lines. */
function start(t: Test, args: readonly string[], lines: readonly string[] = []): { child: Silostat; hangs: string } {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const script = join(folder, 'stand-in.txt');
  const hangs = join(folder, 'hangs.txt');
  writeFileSync(script, `${lines.join('\n')}\n`);
  const env = { ...process.env, SILOSTAT_STANDIN: script, SILOSTAT_STANDIN_LOG: hangs };
  const child = spawn(process.execPath, ['--import', hookUrl, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  t.after(() => void child.kill('SIGKILL'));
  return { child, hangs };
}

async function ended(child: Silostat): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

function run(t: Test, args: readonly string[], lines: readonly string[] = []): Promise<Ended> {
  return ended(start(t, args, lines).child);
}

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
if (skip === false) {
  for (const name of readdirSync(schemas))
    ajv.addSchema(JSON.parse(readFileSync(new URL(name, schemas), 'utf8')) as object);
}

function valid<T>(schema: string, { stdout, stderr, code }: Ended): T {
  assert.equal(code, 0, stderr);
  const document: unknown = JSON.parse(stdout);
  assert.ok(ajv.validate(`${schema}.json`, document), `${ajv.errorsText()}: ${stdout}`);
  return document as T;
}

/** A container, a job container and a VM, and what HCS is to know of them. */
async function threeSystems(t: Test) {
  const [container, job, vm] = [uniqueId(), uniqueId(), uniqueId()];
  await Workload.start(t, Silo.path(container), 2);
  await Workload.start(t, `\\BaseNamedObjects\\JobContainer_${job}`, 1);
  const lines = [
    systemLine(container, { owner: 'MixedCase' }),
    systemLine(vm, { kind: 'VirtualMachine', os: '-', owner: 'Me' }),
    propertyLine(vm, 'Statistics', { Statistics: { Processor: { TotalRuntime100ns: 123_456_789 } } }),
    propertyLine(vm, 'Memory', { Memory: { VirtualMachineMemory: { AssignedMemory: 262_144 } } }),
  ];
  return { container, job, vm, lines, ids: [container, job, vm] };
}

test('ls, stats and inspect show a container, a job container and a virtual machine', { skip }, async (t) => {
  const { container, job, vm, lines, ids } = await threeSystems(t);
  const listed = valid<ComputeSystemSummary[]>('ls', await run(t, ['ls', '--json'], lines));
  const mine = listed.filter(({ Id }) => ids.includes(Id));
  assert.deepEqual(
    mine.map(({ Id, SystemType, Owner }) => [Id, SystemType, Owner]),
    [
      [container, 'Container', 'MixedCase'],
      [job, 'Container', ''],
      [vm, 'VirtualMachine', 'Me'],
    ],
  );
  const stats = valid<Properties[]>('stats', await run(t, ['stats', '--json', ...ids], lines));
  assert.deepEqual(
    stats.map(({ Id }) => Id),
    ids,
  );
  for (const { Id, Statistics } of stats) assert.ok((Statistics?.Processor?.TotalRuntime100ns ?? -1) >= 0, Id);
  const table = await run(t, ['stats', ...ids], lines);
  assert.equal(table.code, 0, table.stderr);
  for (const id of ids) assert.ok(table.stdout.includes(id), table.stdout);
  for (const [id, args] of [
    [container, []],
    [job, []],
    [vm, ['--types', 'Statistics,Memory']],
  ] as const) {
    const document = valid<Properties>('properties', await run(t, ['inspect', id, '--json', ...args], lines));
    assert.equal(document.Id, id);
    assert.ok(document.Statistics !== undefined);
    if (id !== vm) assert.ok((document.ProcessList?.length ?? 0) > 0);
    else assert.deepEqual(document.Memory, { VirtualMachineMemory: { AssignedMemory: 262_144 } });
  }
});

test('without vmcompute.dll what the kernel shows is listed and read, with exit code 0', { skip }, async (t) => {
  const { container, job, vm } = await threeSystems(t);
  await withoutStandIn(async () => {
    const list = await run(t, ['ls', '--json']);
    const listed = valid<ComputeSystemSummary[]>('ls', list).map(({ Id }) => Id);
    assert.ok(listed.includes(container) && listed.includes(job) && !listed.includes(vm));
    assert.match(list.stderr, /there may be more .* Containers/);
    assert.equal(list.stderr.trim().split('\n').length, 1);
    const [one, two] = valid<Properties[]>('stats', await run(t, ['stats', '--json', container, job]));
    for (const stats of [one, two]) {
      assert.ok((stats?.Statistics?.Memory?.MemoryUsagePrivateWorkingSetBytes ?? 0) > 0);
    }
    const explained = valid<{ Report: { Types: { Memory?: { ServiceFailure?: { Message: string } } } } }>(
      'explained',
      await run(t, ['inspect', container, '--json', '--explain', '--types', 'Statistics,Memory']),
    );
    assert.match(explained.Report.Types.Memory?.ServiceFailure?.Message ?? '', /vmcompute\.dll.*Containers/);
  });
});

test('ten systems that hang in HCS: the others are shown, and the end comes with the deadline', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const { container, job, lines } = await threeSystems(t);
  const hanging = Array.from({ length: 10 }, () => uniqueId());
  const { child, hangs } = start(
    t,
    ['stats', ...hanging, container, job],
    [...lines, ...hanging.flatMap((id) => [systemLine(id), `fault HcsOpenComputeSystem ${id} 1000 hang`])],
  );
  const exited = once(child, 'exit').then(() => Date.now());
  const { code, stdout, stderr } = await ended(child);
  assert.equal(code, 1, stderr);
  const took = (await exited) - statSync(hangs).mtimeMs;
  assert.ok(took > 9000 && took < 11_000, `${took} ms after the first call began to hang`);
  assert.equal(readFileSync(hangs, 'utf8').trim().split('\n').length, 2, 'two calls are under way, the others wait');
  for (const id of [container, job]) assert.ok(stdout.includes(id), stdout);
  for (const id of hanging) assert.match(stderr, new RegExp(`${id}.*no answer within 10 s`));
});

test('while stats --watch looks on, a job container ends with its owner', { skip }, async (t) => {
  const id = uniqueId();
  const owner = spawn(process.execPath, ['--import', hookUrl, jobOwner, id], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => void owner.kill('SIGKILL'));
  const [first] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  const { pid } = JSON.parse(first) as { pid: number };
  const { child } = start(t, ['stats', '--watch', '--json', id]);
  const frames = createInterface({ input: child.stdout });
  await once(frames, 'line');
  await once(frames, 'line');
  const killed = performance.now();
  owner.kill('SIGKILL');
  await until('its process has ended', () => !isAlive(pid));
  const took = performance.now() - killed;
  t.diagnostic(`${Math.round(took)} ms`);
  assert.ok(took < 10_000, `${took} ms`);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
