import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, it, type TestContext } from 'node:test';
import type { FallbackEvent, QueryEvent } from '../dist/index.js';
import { ComputeSystem } from '../dist/index.js';
import { ScriptedService } from './scripted/service.ts';
import { failure, identity, stage } from './scripted/system.ts';

/** Everything that is published on a channel until the test ends. */
function heard<Event>(context: TestContext, channel: string): Event[] {
  const events: Event[] = [];
  const listener = (event: unknown): void => {
    events.push(event as Event);
  };
  subscribe(channel, listener);
  context.after(() => unsubscribe(channel, listener));
  return events;
}

describe('silostat:query', () => {
  it('tells of each query, with its report', async (context) => {
    const events = heard<QueryEvent>(context, 'silostat:query');
    const { system } = stage();
    const { report } = await system.query(['Statistics']);
    await system.query(['ProcessList']);
    assert.deepEqual(
      events.map(({ id, report }) => [id, Object.keys(report.types)]),
      [
        ['web', ['Statistics']],
        ['web', ['ProcessList']],
      ],
    );
    assert.equal(events[0]?.report, report);
    assert.equal('error' in (events[0] ?? {}), false);
  });

  it('tells of one that failed, with what it threw', async (context) => {
    const events = heard<QueryEvent>(context, 'silostat:query');
    const { system, access } = stage();
    access.failure = failure('ERR_ACCESS_DENIED');
    await assert.rejects(system.query(['Statistics']));
    assert.equal(events[0]?.error, access.failure);
    assert.equal(events[0]?.report.notOpened?.code, 'ERR_ACCESS_DENIED');
  });
});

describe('silostat:fallback', () => {
  it('tells of each change of who answers, once, not of each query', async (context) => {
    const events = heard<FallbackEvent>(context, 'silostat:fallback');
    const service = new ScriptedService({ Statistics: {} });
    const { system, job } = stage({ service });
    const query = (): Promise<unknown> => system.query(['Statistics', 'ProcessList']).catch(() => undefined);
    await query();
    await query();
    assert.equal(events.length, 0);

    job.failures.memory = failure('ERR_PARSE');
    for (let again = 0; again < 3; again++) await query();
    service.failure = failure('ERR_TIMEOUT');
    for (let again = 0; again < 3; again++) await query();
    delete job.failures.memory;
    for (let again = 0; again < 3; again++) await query();
    assert.deepEqual(
      events.map(({ id, type, from, to, reason }) => [id, type, from, to, reason?.code]),
      [
        ['web', 'Statistics', 'kernel', 'service', 'ERR_PARSE'],
        ['web', 'Statistics', 'service', 'nobody', 'ERR_PARSE'],
        ['web', 'Statistics', 'nobody', 'kernel', undefined],
      ],
    );
  });

  it('has the reason why the job was not opened', async (context) => {
    const events = heard<FallbackEvent>(context, 'silostat:fallback');
    const { system, access } = stage({ service: new ScriptedService({ Statistics: {} }) });
    access.failure = failure('ERR_ACCESS_DENIED', 'not SYSTEM');
    await system.query(['Statistics']);
    assert.deepEqual([events.length, events[0]?.to, events[0]?.reason?.code], [1, 'service', 'ERR_ACCESS_DENIED']);
  });

  it('keeps apart what each system had before', async (context) => {
    const events = heard<FallbackEvent>(context, 'silostat:fallback');
    for (const Id of ['a', 'b']) {
      const { system, job } = stage({ identity: { ...identity, Id } });
      job.failures.processList = failure('ERR_PARSE');
      await system.query(['Statistics', 'ProcessList']);
    }
    assert.deepEqual(
      events.map(({ id, to }) => [id, to]),
      [
        ['a', 'nobody'],
        ['b', 'nobody'],
      ],
    );
  });

  it('has no word on what is not the kernel’s: no fallback, but the only way', async (context) => {
    const events = heard<FallbackEvent>(context, 'silostat:fallback');
    const service = new ScriptedService({ Memory: {}, Statistics: {} });
    await stage({ service }).system.query(['Memory']);
    await new ComputeSystem({ identity, service }).query(['Statistics', 'Memory']);
    assert.equal(events.length, 0);
  });
});
