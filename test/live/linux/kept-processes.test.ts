import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { ComputeSystem } from '#core/index.js';
import { openComputeSystem } from '#core/index.js';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import { Undo } from '../../support/undo.ts';

const soon = { againInMs: 1000 };

describe('a process list that is read again soon', { skip: skipReason({ tools: ['runc', 'busybox', 'gcc'] }) }, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let system: ComputeSystem;

  before(async () => {
    container = await new RuncEngine(undo).start();
    await container.workload.fork(3);
    const path = [...container.cgroups.values()].find((each) => each !== '/') ?? '';
    system = await openComputeSystem(path);
  });
  after(() => undo[Symbol.dispose]());

  const list = async (options?: { againInMs: number }) => {
    const { properties, report } = await system.query(['ProcessList'], options);
    return {
      pids: properties.ProcessList?.map(({ ProcessId }) => ProcessId),
      tally: report.types.ProcessList?.processes,
    };
  };

  test('keeps two files a process, lets go of those that have gone, and of all in the end', async () => {
    const first = await list(soon);
    assert.equal(first.pids?.length, 4);
    assert.deepEqual(openProcessFiles(), filesOf(first.pids));
    assert.deepEqual(await list(soon), first);

    await container.workload.reap();
    await container.workload.fork(1);
    const second = await list(soon);
    assert.equal(second.pids?.length, 2);
    assert.equal(second.tally?.read, 2);
    assert.deepEqual(openProcessFiles(), filesOf(second.pids));

    assert.deepEqual((await list()).pids, second.pids);
    assert.deepEqual(openProcessFiles(), [], 'who does not say that he reads it again keeps none');
    await list(soon);
    system.close();
    assert.deepEqual(openProcessFiles(), []);
  });
});

function filesOf(pids: readonly number[] = []): string[] {
  return pids.flatMap((pid) => [`/proc/${pid}/stat`, `/proc/${pid}/statm`]).sort();
}

/** What this process has open of others in /proc. */
function openProcessFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    })
    .filter((path) => /^\/proc\/\d+\/statm?$/.test(path))
    .sort();
}
