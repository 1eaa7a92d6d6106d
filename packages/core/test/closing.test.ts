/** Rules 10 and 12: what is kept between queries, and how it is let go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedAccess } from './scripted/job.ts';
import { ScriptedService } from './scripted/service.ts';
import { failure, stage, thrownBy } from './scripted/system.ts';

const questions = [
  'memory',
  'processor',
  'storage',
  'privateWorkingSet',
  'processList',
  'oldestProcess',
  'identity',
] as const;

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe('rule 10: a job is held during a query alone', () => {
  it('rule 10: each query acquires and releases once; nothing is closed in between', async () => {
    const { system, access } = stage();
    for (let query = 1; query <= 3; query++) {
      await system.query(['Statistics', 'ProcessList'], { identity: true });
      assert.deepEqual([access.acquired, access.released, access.closed], [query, query, 0]);
    }
  });

  it('rule 10: the job is let go before the service is waited for', async () => {
    const service = new ScriptedService({ ProcessList: [] });
    const { promise, open } = gate();
    service.gate = promise;
    const { system, access, job } = stage({ service });
    job.failures.processList = failure('ERR_PARSE');
    const query = system.query(['ProcessList']);
    assert.deepEqual([access.acquired, access.released], [1, 1]);
    open();
    await query;
  });

  for (const question of questions) {
    it(`rule 10: it is let go also when ${question} throws, whatever it throws`, async () => {
      for (const thrown of [failure('ERR_NOT_FOUND'), failure('ERR_PARSE'), new TypeError('a mistake'), 'no error']) {
        const { system, access, job } = stage();
        job.failures[question] = thrown;
        await system.query(['Statistics', 'ProcessList'], { identity: true }).catch(() => undefined);
        assert.deepEqual([access.acquired, access.released], [1, 1]);
      }
    });
  }

  it('rule 10: what could not be acquired is not released', async () => {
    const { system, access } = stage();
    access.failure = failure('ERR_ACCESS_DENIED');
    await assert.rejects(system.query(['Statistics']));
    assert.equal(access.released, 0);
  });
});

describe('rule 12: close()', () => {
  it('rule 12: new calls get ERR_CLOSED, and touch nothing', async () => {
    const service = new ScriptedService();
    const { system, access } = stage({ service });
    system.close();
    const error = await thrownBy(system.query(['Statistics']));
    assert.deepEqual([error.code, error.subject], ['ERR_CLOSED', 'web']);
    await assert.rejects(system.query([]), { code: 'ERR_CLOSED' });
    await assert.rejects(system.properties(['Memory']), { code: 'ERR_CLOSED' });
    assert.deepEqual([access.acquired, service.calls.length], [0, 0]);
  });

  it('rule 12: what is in flight returns, then the job access is closed, once', async () => {
    const service = new ScriptedService({ Memory: { answer: 1 } });
    const { promise, open } = gate();
    service.gate = promise;
    const { system, access } = stage({ service });
    const first = system.query(['Statistics', 'Memory']);
    const second = system.query(['Memory']);
    system.close();
    system.close();
    await assert.rejects(system.query(['Statistics']), { code: 'ERR_CLOSED' });
    assert.equal(access.closed, 0);
    open();
    assert.deepEqual((await first).properties.Memory, { answer: 1 });
    assert.deepEqual((await second).properties.Memory, { answer: 1 });
    assert.deepEqual([access.closed, access.releasedAtClose], [1, 1]);
    system.close();
    assert.equal(access.closed, 1);
  });

  it('rule 12: a query in flight that fails lets go as well', async () => {
    const service = new ScriptedService();
    const { promise, open } = gate();
    service.gate = promise;
    service.failure = failure('ERR_SERVICE');
    const { system, access } = stage({ service });
    const query = system.query(['Memory']);
    system.close();
    open();
    await assert.rejects(query, { code: 'ERR_SERVICE' });
    assert.equal(access.closed, 1);
  });

  it('rule 12: with nothing in flight it is closed at once, also when it is disposed of', async () => {
    const { system, access } = stage();
    await system.query(['Statistics']);
    system[Symbol.dispose]();
    assert.equal(access.closed, 1);
  });

  it('rule 12: a job that closes the system while it is asked is released first', async () => {
    const { system, access, job } = stage();
    job.onAsked = () => system.close();
    assert.ok((await system.query(['Statistics'])).properties.Statistics);
    assert.deepEqual([access.releasedAtClose, access.closed], [1, 1]);
  });

  it('rule 12: a system without a job closes too', async () => {
    const service = new ScriptedService();
    const access = new ScriptedAccess();
    const { system } = stage({ service });
    system.close();
    assert.equal(access.closed, 0);
    await assert.rejects(system.query(['Memory']), { code: 'ERR_CLOSED' });
  });
});
