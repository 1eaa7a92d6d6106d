import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSilostatError, NativeError } from '#core/errors.js';
import type { ErrorCode } from '#core/index.js';
import { hcsCalls } from '#core/windows/hcs/calls.js';
import { hostComputeService } from '#core/windows/hcs/compute-service.js';
import { HcsSystem } from '#core/windows/hcs/hcs-system.js';
import { until } from '../../support/deadline.js';
import { uniqueId } from './lab.js';
import { noStandIn, standIn } from './stand-in.js';

/** The client of HCS against a stand-in that speaks its protocol, and does wrong whatever can be done wrong. */
const skip = noStandIn();
const exited = 1;
const serviceDisconnect = 0x1000000;

function balanced(hcs: ReturnType<typeof standIn>): void {
  assert.equal(hcs.count('strings-freed'), hcs.count('strings-given'), 'strings');
  assert.equal(hcs.count('handles-closed'), hcs.count('handles-opened'), 'handles');
  assert.equal(hcs.count('callbacks-unregistered'), hcs.count('callbacks-registered'), 'callbacks');
}

/** A system that is there, opened. */
async function opened(
  t: { after(done: () => Promise<void>): void },
  hcs: ReturnType<typeof standIn>,
  state = 'Running',
) {
  const id = uniqueId();
  hcs.system(id, { state });
  const system = await HcsSystem.open(id);
  t.after(() => system.close());
  return { id, system };
}

test('systems are listed by a query, with the identity as HCS spells it', { skip }, async () => {
  const hcs = standIn();
  const [a, b] = [uniqueId(), uniqueId()];
  hcs.system(a, { owner: 'MixedCase' });
  hcs.system(b, { kind: 'VirtualMachine', os: '-', state: 'Paused' });
  const all = await hostComputeService.list();
  assert.ok([a, b].every((id) => all.some(({ Id }) => Id === id)));
  const [only, ...others] = await hostComputeService.list({ Ids: [b] });
  assert.deepEqual(others, []);
  assert.deepEqual(only, {
    Id: b,
    Name: b,
    SystemType: 'VirtualMachine',
    RuntimeOsType: '',
    Owner: 'Docker',
    State: 'Paused',
  });
  assert.equal(all.find(({ Id }) => Id === a)?.Owner, 'MixedCase');
  hcs.system(a, { os: '-', kind: 'container' });
  const [asBefore1809] = await hostComputeService.list({ Ids: [a] });
  assert.deepEqual([asBefore1809?.SystemType, asBefore1809?.RuntimeOsType], ['Container', 'Windows']);
  assert.deepEqual(await hostComputeService.list({ Ids: ['none-such'] }), []);
  balanced(hcs);
});

test('properties: one question, on a handle that does not outlive it', { skip }, async () => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  hcs.property(id, 'Statistics', { Statistics: { Memory: { MemoryUsageCommitBytes: 5 } } });
  const { document } = await hostComputeService.properties(id, ['Statistics', 'GuestConnection']);
  assert.equal(document.Statistics?.Memory?.MemoryUsageCommitBytes, 5);
  assert.equal(document.Owner, 'Docker');
  for (const call of ['HcsOpenComputeSystem', 'HcsGetComputeSystemProperties', 'HcsCloseComputeSystem']) {
    assert.equal(hcs.count(call), 1, call);
  }
  assert.equal(hcs.count('calls'), 3);
  balanced(hcs);
});

const meanings: readonly [number, ErrorCode][] = [
  [0xc037010e, 'ERR_NOT_FOUND'],
  [0x8037010e, 'ERR_NOT_FOUND'],
  [0x80070490, 'ERR_NOT_FOUND'],
  [0xc0370110, 'ERR_NOT_FOUND'],
  [0x80370110, 'ERR_NOT_FOUND'],
  [0x80070005, 'ERR_ACCESS_DENIED'],
  [0x8037011b, 'ERR_ACCESS_DENIED'],
  [0x80070006, 'ERR_CLOSED'],
  [0x80070032, 'ERR_UNSUPPORTED'],
  [0x8007000d, 'ERR_UNSUPPORTED'],
  [0x8007007f, 'ERR_UNSUPPORTED'],
  [0x80070422, 'ERR_UNSUPPORTED'],
  [0x80004001, 'ERR_UNSUPPORTED'],
  [0xc037010b, 'ERR_UNSUPPORTED'],
  [0xc037010c, 'ERR_UNSUPPORTED'],
  [0xc037010d, 'ERR_UNSUPPORTED'],
  [0x80370102, 'ERR_UNSUPPORTED'],
  [0x80370114, 'ERR_UNSUPPORTED'],
  [0xc037010f, 'ERR_ALREADY_EXISTS'],
  [0xc0370109, 'ERR_TIMEOUT'],
  [0x80370118, 'ERR_TIMEOUT'],
  [0xc0370105, 'ERR_SERVICE'],
  [0x80370105, 'ERR_SERVICE'],
  [0xc0370106, 'ERR_SERVICE'],
  [0x8037011e, 'ERR_SERVICE'],
  [0x800706ba, 'ERR_SERVICE'],
  [0x8000ffff, 'ERR_SERVICE'],
];

test('an HRESULT becomes a code by its meaning, and keeps what HCS said of it', { skip }, async () => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  for (const [hresult, code] of meanings) {
    for (const call of ['HcsOpenComputeSystem', 'HcsGetComputeSystemProperties']) {
      hcs.fault(call, id, 1, 'hr', hresult);
      const error: unknown = await hostComputeService.properties(id, ['Statistics']).catch((thrown: unknown) => thrown);
      assert.ok(isSilostatError(error), String(error));
      assert.equal(error.code, code, hresult.toString(16));
      assert.ok(error.cause instanceof NativeError);
      assert.deepEqual([error.cause.kind, error.cause.status, error.cause.api], ['hresult', hresult, call]);
      assert.match(String(error.cause.cause), /refuses .*; told to do so/);
    }
  }
  balanced(hcs);
});

test('an answer that is none, or no JSON, or not of the right kind', { skip }, async () => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  const ask = () => hostComputeService.properties(id, ['Statistics']);
  const call = 'HcsGetComputeSystemProperties';
  hcs.fault(call, id, 1, 'null');
  await assert.rejects(ask, { code: 'ERR_SERVICE', message: /empty/ });
  hcs.fault(call, id, 1, 'text', '');
  await assert.rejects(ask, { code: 'ERR_SERVICE', message: /empty/ });
  for (const text of ['{', 'null', '[]', '"text"', '5', '{"Id":']) {
    hcs.fault(call, id, 1, 'text', text);
    await assert.rejects(ask, { code: 'ERR_PARSE' }, text);
  }
  hcs.fault('HcsEnumerateComputeSystems', '*', 1, 'text', '{}');
  await assert.rejects(hostComputeService.list(), { code: 'ERR_PARSE' });
  hcs.fault('HcsEnumerateComputeSystems', '*', 1, 'text', '[null,5,{"State":"Running"},{"Id":"x"}]');
  assert.deepEqual(await hostComputeService.list(), [
    { Id: 'x', SystemType: '', RuntimeOsType: '', Owner: '', State: 'Unknown' },
  ]);
  balanced(hcs);
});

test('a change of state waits for the notification that matches, and for no other', { skip }, async (t) => {
  const hcs = standIn();
  const { system } = await opened(t, hcs, 'Created');
  hcs.fault('HcsStartComputeSystem', '*', 1, 'pending', 300);
  const began = performance.now();
  await system.start();
  assert.ok(performance.now() - began >= 290);
  hcs.fault('HcsPauseComputeSystem', '*', 1, 'early');
  await system.pause();
  hcs.fault('HcsResumeComputeSystem', '*', 1, 'outcome', 0xc0370105);
  await assert.rejects(system.resume(), { code: 'ERR_SERVICE', message: /0xC0370105/ });
  await assert.rejects(system.start(), { code: 'ERR_SERVICE' });
  await system.modify({ ResourcePath: 'x' });
  assert.equal((await system.properties([])).document.State, 'Running');
  const ended = system.waitForExit();
  await system.terminate();
  assert.deepEqual(await ended, { exitType: 'GracefulExit' });
  assert.deepEqual(await system.waitForExit(), { exitType: 'GracefulExit' });
  await system.terminate();
  await system.shutdown();
  await system.close();
  await system.close();
  await system.terminate();
  await assert.rejects(system.start(), { code: 'ERR_CLOSED' });
  await assert.rejects(system.waitForExit(), { code: 'ERR_CLOSED' });
  balanced(hcs);
});

test('a notification that never comes ends at the deadline, or when the system ends or HCS is lost', {
  skip,
}, async (t) => {
  const hcs = standIn();
  const { id, system } = await opened(t, hcs, 'Created');
  hcs.fault('HcsStartComputeSystem', '*', 1, 'silent');
  await assert.rejects(system.start({ timeoutMs: 200 }), { code: 'ERR_TIMEOUT' });
  const broken: [number, RegExp][] = [
    [serviceDisconnect, /lost/],
    [exited, /ended/],
  ];
  for (const [type, message] of broken) {
    hcs.system(id, { state: 'Running' });
    hcs.fault('HcsPauseComputeSystem', '*', 1, 'silent');
    const paused = system.pause();
    await until('the call is made', () => hcs.count('HcsPauseComputeSystem') > 0);
    hcs.notify(id, type);
    await assert.rejects(paused, { code: 'ERR_SERVICE', message });
    hcs.reset();
  }
  const waiting = system.waitForExit();
  assert.deepEqual(await waiting, { exitType: 'GracefulExit' }, 'it has been told before');
});

test('closing ends what is waited for', { skip }, async (t) => {
  const hcs = standIn();
  const { system } = await opened(t, hcs);
  const ended = assert.rejects(system.waitForExit(), { code: 'ERR_CLOSED' });
  const stopped = AbortSignal.abort(new Error('enough'));
  await assert.rejects(system.waitForExit({ signal: stopped }), /enough/);
  await system.close();
  await ended;
  balanced(hcs);
});

test('a system is made; one that is not made in time is terminated', { skip }, async (t) => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.fault('HcsCreateComputeSystem', '*', 1, 'pending', 50);
  const made = await HcsSystem.create(id, { SchemaVersion: { Major: 2, Minor: 1 } });
  t.after(() => made.close());
  await made.start();
  await assert.rejects(HcsSystem.create(id, {}), { code: 'ERR_ALREADY_EXISTS' });
  await made.close();
  hcs.fault('HcsCreateComputeSystem', '*', 1, 'silent');
  await assert.rejects(HcsSystem.create(uniqueId(), {}, { timeoutMs: 200 }), { code: 'ERR_TIMEOUT' });
  assert.equal(hcs.count('HcsTerminateComputeSystem'), 1);
  hcs.fault('HcsCreateComputeSystem', '*', 1, 'hang');
  await assert.rejects(HcsSystem.create(uniqueId(), {}, { timeoutMs: 200 }), { code: 'ERR_TIMEOUT' });
  hcs.release();
  await until('the late one is terminated and closed', () => hcsCalls.running === 0);
  assert.equal(hcs.count('HcsTerminateComputeSystem'), 2);
  balanced(hcs);
});

test('a callback that cannot be registered leaves nothing open', { skip }, async () => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  hcs.fault('HcsRegisterComputeSystemCallback', '*', 1, 'hr', 0x80070005);
  await assert.rejects(HcsSystem.open(id), { code: 'ERR_ACCESS_DENIED' });
  await assert.rejects(HcsSystem.open('none-such'), { code: 'ERR_NOT_FOUND' });
  balanced(hcs);
});

test('at most two calls are under way; what waits behind a call that hangs ends at its own deadline', {
  skip,
}, async () => {
  const hcs = standIn();
  const ids = Array.from({ length: 10 }, () => uniqueId());
  for (const id of ids) {
    hcs.system(id);
    hcs.property(id, 'Statistics', { Statistics: {} });
    hcs.fault('HcsGetComputeSystemProperties', id, 1, 'hang');
  }
  const began = performance.now();
  const asked = ids.map((id) => hostComputeService.properties(id, ['Statistics'], { timeoutMs: 1000 }));
  const answers = await Promise.allSettled(asked);
  const took = performance.now() - began;
  for (const answer of answers) assert.equal(answer.status === 'rejected' && answer.reason.code, 'ERR_TIMEOUT');
  assert.ok(took >= 990 && took < 2000, `${took} ms`);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 2);
  assert.equal(hcsCalls.isStuck, true);
  hcs.release();
  await until('the late answers are let go of', () => hcsCalls.running === 0);
  assert.equal(hcsCalls.isStuck, false);
  assert.equal(hcs.count('most-in-flight'), 2);
  assert.ok(hcs.count('strings-given') >= 2);
  balanced(hcs);
  const [id = ''] = ids.slice(-1);
  hcs.reset();
  assert.equal((await hostComputeService.properties(id, ['Statistics'])).document.Id, id);
});

test('an abort gives the caller his own reason back, and what comes late is let go of', { skip }, async () => {
  const hcs = standIn();
  const id = uniqueId();
  hcs.system(id);
  hcs.fault('HcsOpenComputeSystem', id, 1, 'hang');
  const stop = new AbortController();
  const asked = hostComputeService.properties(id, ['Statistics'], { signal: stop.signal });
  await until('the call is made', () => hcs.count('HcsOpenComputeSystem') === 1);
  stop.abort(new Error('enough'));
  await assert.rejects(asked, /enough/);
  hcs.release();
  await until('the handle is closed', () => hcsCalls.running === 0);
  assert.equal(hcs.count('HcsGetComputeSystemProperties'), 0);
  balanced(hcs);
});
