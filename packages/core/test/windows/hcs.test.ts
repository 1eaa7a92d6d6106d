import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { EngineRecords } from '../../dist/windows/engine-records.js';
import { codeOfHresult, hresultError } from '../../dist/windows/errors.js';
import { CallQueue } from '../../dist/windows/hcs/call-queue.js';
import { withDeadline } from '../../dist/windows/hcs/deadline.js';
import { parseDocument, parseObject } from '../../dist/windows/hcs/document.js';
import { mergeSystems } from '../../dist/windows/known-system.js';
import { namedJobAt } from '../../dist/windows/named-jobs.js';

const attempt = { operation: 'ask HCS for', subject: 'web' };

test('HRESULTs of HCS mean the same in both spellings', () => {
  for (let low = 0x100; low <= 0x121; low++) {
    assert.equal(codeOfHresult(0xc0370000 + low), codeOfHresult(0x80370000 + low), low.toString(16));
  }
  assert.equal(codeOfHresult(0xc037010e), 'ERR_NOT_FOUND');
  assert.equal(codeOfHresult(0x80070005), 'ERR_ACCESS_DENIED');
  assert.equal(codeOfHresult(0x80070490), 'ERR_NOT_FOUND');
  assert.equal(codeOfHresult(0x80004005), 'ERR_SERVICE');
  const error = hresultError('HcsOpenComputeSystem', 0x80070005, attempt, new Error('said more'));
  assert.match(error.message, /HcsOpenComputeSystem: ERROR_ACCESS_DENIED 0x80070005.*administrator/);
  assert.equal((error.cause as Error).cause instanceof Error, true);
});

test('a number above 2^53 is left out with its digits, and no other is touched', () => {
  const text =
    '{"Statistics":{"Uptime100ns":18446744073709551615,"Memory":{"MemoryUsageCommitBytes":9007199254740991}},' +
    '"Name":"18446744073709551615 \\" 18446744073709551615","Memory":{"VirtualMachineMemory":{"AssignedMemory":9007199254740993}},' +
    '"ProcessList":[{"ProcessId":4,"MemoryCommitBytes":18446744073709551615},{"ProcessId":5}]}';
  const { value, absent } = parseObject(text, attempt);
  assert.deepEqual(value, {
    Statistics: { Memory: { MemoryUsageCommitBytes: 9007199254740991 } },
    Name: '18446744073709551615 " 18446744073709551615',
    Memory: { VirtualMachineMemory: {} },
    ProcessList: [{ ProcessId: 4 }, { ProcessId: 5 }],
  });
  const paths = [
    'Memory.VirtualMachineMemory.AssignedMemory',
    'ProcessList.MemoryCommitBytes',
    'Statistics.Uptime100ns',
  ];
  assert.deepEqual(Object.keys(absent).sort(), paths);
  assert.match(absent['Statistics.Uptime100ns']?.message ?? '', /^18446744073709551615 is above 2\^53/);
});

test('a figure that is no unsigned integer is left out', () => {
  for (const bad of ['"5"', '5.5', '-1', 'true', '{}', '[]', '1e300']) {
    const text = `{"Statistics":{"Memory":{"MemoryUsageCommitBytes":${bad},"MemoryUsageCommitPeakBytes":7}}}`;
    const { value, absent } = parseDocument(text, attempt);
    assert.deepEqual(value, { Statistics: { Memory: { MemoryUsageCommitPeakBytes: 7 } } }, bad);
    assert.deepEqual(Object.keys(absent), ['Statistics.Memory.MemoryUsageCommitBytes'], bad);
  }
});

test('any JSON of numbers that a number can hold comes out as it went in', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const plain: unknown = JSON.parse(text);
      if (/\d{16}|\d[eE]|\\u0000|Bytes|100ns|Normalized|ProcessId/.test(text)) return;
      assert.deepEqual(parseDocument(text, attempt).value, plain);
    }),
  );
});

test('no text, no JSON and no object are told apart', () => {
  for (const nothing of [undefined, '']) assert.throws(() => parseDocument(nothing, attempt), { code: 'ERR_SERVICE' });
  for (const text of ['{', '{"a":18446744073709551615', 'null', '[]', '1']) {
    assert.throws(() => parseObject(text, attempt), { code: 'ERR_PARSE' }, text);
  }
});

/** A task that ends when it is told to. */
function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

test('so many tasks run at a time, in order; one that is let go keeps its place until it ends', async () => {
  const queue = new CallQueue(2);
  const gates = [gate(), gate(), gate()];
  const started: number[] = [];
  const stop = new AbortController();
  const runs = gates.map(({ promise }, i) =>
    queue.run(
      async () => {
        started.push(i);
        await promise;
        return i;
      },
      i === 2 ? undefined : stop.signal,
    ),
  );
  assert.deepEqual(started, [0, 1]);
  const waiting = new AbortController();
  const never = queue.run(async () => started.push(9), waiting.signal);
  waiting.abort(new Error('enough'));
  await assert.rejects(never, /enough/);
  assert.equal(queue.isStuck, false);
  stop.abort(new Error('late'));
  await assert.rejects(runs[0] ?? Promise.resolve(), /late/);
  await assert.rejects(runs[1] ?? Promise.resolve(), /late/);
  assert.equal(queue.isStuck, true);
  assert.equal(queue.running, 2);
  gates[0]?.open();
  gates[2]?.open();
  assert.equal(await runs[2], 2);
  assert.equal(queue.isStuck, false);
  gates[1]?.open();
  await queue.run(async () => {});
  assert.deepEqual(started, [0, 1, 2]);
  assert.equal(queue.running, 0);
});

test('a deadline ends the wait with ERR_TIMEOUT, an abort with its own reason', async () => {
  const never = (signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  await assert.rejects(withDeadline({ attempt, timeoutMs: 10 }, never), {
    code: 'ERR_TIMEOUT',
    message: /within 0.01 s/,
  });
  const stop = new AbortController();
  const waiting = withDeadline({ attempt, timeoutMs: 60_000, signal: stop.signal }, never);
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(withDeadline({ attempt, timeoutMs: 60_000, signal: stop.signal }, never), /enough/);
  assert.equal(await withDeadline({ attempt, timeoutMs: 60_000 }, async () => 5), 5);
});

const records = new EngineRecords(join(tmpdir(), 'no-such-folder'));
const listed = (Id: string, SystemType = 'Container') => ({
  Id,
  SystemType,
  RuntimeOsType: 'Windows',
  Owner: 'Docker',
  State: 'Running',
});

test('each system is there once, whoever told of it', () => {
  const jobs = ['\\Container_abc', '\\BaseNamedObjects\\JobContainer_vm', '\\Container_alone'].map(namedJobAt);
  const systems = mergeSystems(jobs, [listed('ABC'), listed('vm', 'VirtualMachine'), listed('new')], records);
  assert.deepEqual(
    systems.map(({ id, job, hcs, isContainer }) => [id, job?.path, hcs?.Id, isContainer]),
    [
      ['ABC', '\\Container_abc', 'ABC', true],
      ['vm', '\\BaseNamedObjects\\JobContainer_vm', undefined, true],
      ['alone', '\\Container_alone', undefined, true],
      ['vm', undefined, 'vm', false],
      ['new', undefined, 'new', true],
    ],
  );
});

test('names, image, pod and labels come from what Docker and containerd wrote down', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-program-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, json: object) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(json));
  };
  write('docker/containers/d1/config.v2.json', {
    Name: '/web',
    Config: { Image: 'nano:1', Labels: { tier: 'front' } },
    State: { StartedAt: '2026-01-02T03:04:05.6789012Z' },
  });
  write('containerd/state/io.containerd.runtime.v2.task/k8s.io/c1/config.json', {
    annotations: { 'io.kubernetes.cri.container-name': 'app', 'io.kubernetes.cri.sandbox-name': 'pod-1' },
  });
  const engines = new EngineRecords(folder);
  const docker = engines.factsOf('d1');
  assert.deepEqual([docker.owner, docker.names, docker.image], ['docker', ['web'], 'nano:1']);
  assert.deepEqual(docker.labels, { tier: 'front' });
  assert.equal(docker.startTime?.text, '2026-01-02T03:04:05.6789012Z');
  const { owner, names, pod } = engines.factsOf('c1');
  assert.deepEqual([owner, names, pod], ['containerd', ['app'], { Name: 'pod-1' }]);
  assert.equal(engines.factsOf('none').owner, '');
  const [first] = mergeSystems([namedJobAt('\\Container_d1')], [{ ...listed('d1'), Name: 'given' }], engines);
  assert.deepEqual([first?.names, first?.identity.Owner], [['web', 'given'], 'Docker']);
});
