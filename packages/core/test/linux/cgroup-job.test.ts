import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SilostatError } from '../../dist/errors.js';
import type { JobAccess, JobIdentity, Reading } from '../../dist/job.js';
import type { Cgroup, PidList } from '../../dist/linux/cgroup/cgroup.js';
import { CgroupJobAccess } from '../../dist/linux/cgroup/cgroup-job.js';
import { KeptCgroup } from '../../dist/linux/cgroup/kept-cgroup.js';
import { ProcFs } from '../../dist/linux/process/proc.js';
import type { Faults, Limits, LinuxFigures } from '../../dist/schema/own.js';
import type { MemoryStatistics, ProcessorStatistics, StorageStatistics } from '../../dist/schema/statistics.js';

/** A cgroup that can be removed: then every question is ERR_NOT_FOUND, as a kept descriptor's ENODEV makes it. */
class ScriptedCgroup implements Cgroup {
  readonly kind = 'scripted cgroup';
  readonly number: number;
  isRemoved = false;
  isClosed = false;
  /** How often it was looked for to be identified. */
  looks = 0;
  failure: SilostatError | undefined;

  constructor(number: number) {
    this.number = number;
  }

  memory = (): Reading<MemoryStatistics> => this.#answer({ MemoryUsageCommitBytes: this.number });
  anonymousMemory = (): Reading<number> => this.#answer(this.number);
  processor = (): Reading<ProcessorStatistics> => this.#answer({ TotalRuntime100ns: this.number });
  storage = (): Reading<StorageStatistics> => this.#answer({ ReadSizeBytes: this.number });
  readonly own = {
    limits: (): Reading<Limits> => this.#answer({ MemoryBytes: this.number }),
    faults: (): Reading<Faults> => this.#answer({ PageFaultCount: this.number }),
    linux: (): Reading<LinuxFigures> => this.#answer({ PidsCurrent: this.number }),
  };
  pids = (): PidList => ({ pids: [], hidden: 0 });
  holds = (): boolean => true;
  identity = (hasAnswered: boolean): JobIdentity => {
    if (!hasAnswered) this.looks += this.#answer(1).values ?? 0;
    return { object: String(this.number) };
  };
  letGo = (): void => undefined;
  close = (): void => {
    this.isClosed = true;
  };

  #answer<T>(values: T): Reading<T> {
    if (this.isRemoved) throw failed('ERR_NOT_FOUND');
    if (this.failure !== undefined) throw this.failure;
    return { values, sources: { 'Memory.MemoryUsagePrivateWorkingSetBytes': 'scripted' } };
  }
}

const failed = (code: 'ERR_NOT_FOUND' | 'ERR_PARSE') =>
  new SilostatError(code, { subject: '/x', operation: 'read', reason: 'scripted' });

/** Opens the cgroups one after the other; when there is no more, the container has gone. */
function accessTo(cgroups: readonly ScriptedCgroup[], partial = false) {
  const opened: ScriptedCgroup[] = [];
  const clock = { now: 0 };
  const open = () => {
    const cgroup = cgroups[opened.length];
    if (cgroup === undefined) throw failed('ERR_NOT_FOUND');
    opened.push(cgroup);
    return { cgroup, isPartial: partial };
  };
  const kept = new KeptCgroup('/lab', open, { now: () => clock.now });
  const access: JobAccess = new CgroupJobAccess(kept, new ProcFs('/none'));
  return { access, opened, clock };
}

const two = () => [new ScriptedCgroup(1), new ScriptedCgroup(2)] as const;
const gone = { code: 'ERR_NOT_FOUND', subject: '/lab' };

describe('a cgroup behind many queries', () => {
  it('is opened with the first and kept for the others', () => {
    const [cgroup] = two();
    const { access, opened } = accessTo([cgroup]);
    assert.equal(opened.length, 0);
    for (let query = 0; query < 3; query += 1) {
      const job = access.acquire();
      assert.deepEqual(job.memory().values, { MemoryUsageCommitBytes: 1 });
      assert.equal(job.privateWorkingSet().values, 1);
      access.release(job);
    }
    assert.equal(opened.length, 1);
    assert.equal(cgroup.isClosed, false);
  });
  it('that was removed before the query is replaced by a new one of its name', () => {
    const [old, replacement] = two();
    const { access } = accessTo([old, replacement]);
    assert.deepEqual(access.acquire().identity(), { object: '1' });
    old.isRemoved = true;
    const job = access.acquire();
    assert.deepEqual(job.memory().values, { MemoryUsageCommitBytes: 2 });
    assert.deepEqual(job.processor().values, { TotalRuntime100ns: 2 });
    assert.deepEqual(job.identity(), { object: '2' });
    assert.equal(replacement.looks, 0, 'its answers told that it is there');
    assert.equal(old.isClosed, true);
  });
  it('that is removed during the query is never mixed with a new one', () => {
    const [old, replacement] = two();
    const { access } = accessTo([old, replacement]);
    const job = access.acquire();
    job.memory();
    old.isRemoved = true;
    assert.throws(() => job.processor(), gone);
    assert.throws(() => job.processor(), gone, 'nor when it is asked again');
    assert.equal(old.isClosed, true);
    assert.deepEqual(access.acquire().processor().values, { TotalRuntime100ns: 2 });
  });
  it('that was removed, with no new one of its name, is gone', () => {
    const [old] = two();
    const { access } = accessTo([old]);
    access.acquire().memory();
    old.isRemoved = true;
    assert.throws(() => access.acquire().memory(), gone);
    assert.throws(() => access.acquire(), { code: 'ERR_NOT_FOUND' });
  });
  it('is replaced once only in a query', () => {
    const [old, replacement] = two();
    replacement.isRemoved = true;
    const { access, opened } = accessTo([old, replacement, new ScriptedCgroup(3)]);
    old.isRemoved = true;
    assert.throws(() => access.acquire().memory(), gone);
    assert.equal(opened.length, 2);
  });
  it('is kept when a question fails for another reason', () => {
    const [cgroup] = two();
    const { access, opened } = accessTo([cgroup]);
    const job = access.acquire();
    cgroup.failure = failed('ERR_PARSE');
    assert.throws(() => job.memory(), { code: 'ERR_PARSE' });
    cgroup.failure = undefined;
    assert.deepEqual(job.memory().values, { MemoryUsageCommitBytes: 1 });
    assert.equal(opened.length, 1);
  });
  it('that lacked something is looked at once more, after a second', () => {
    const [old, replacement] = two();
    const { access, opened, clock } = accessTo([old, replacement, new ScriptedCgroup(3)], true);
    const numberAt = (now: number) => {
      clock.now = now;
      return access.acquire().privateWorkingSet().values;
    };
    assert.deepEqual([0, 999, 1000, 5000].map(numberAt), [1, 1, 2, 2]);
    assert.deepEqual([old.isClosed, replacement.isClosed, opened.length], [true, false, 2]);
  });
  it('is closed with the access, and not opened again', () => {
    const [cgroup, replacement] = two();
    const { access } = accessTo([cgroup, replacement]);
    const job = access.acquire();
    access.close();
    access.close();
    assert.equal(cgroup.isClosed, true);
    assert.throws(() => job.memory(), { code: 'ERR_CLOSED' });
    assert.throws(() => access.acquire(), { code: 'ERR_CLOSED' });
  });
});
