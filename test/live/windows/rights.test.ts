import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowsHost } from '#core/windows/host.js';
import { JobObject } from '#core/windows/job-object.js';
import { readDirectory } from '#core/windows/object-directory.js';
import { readOwner } from '#core/windows/object-owner.js';
import { Silo } from '#core/windows/silo.js';
import { hook, skipReason, uniqueId, useHook, Workload } from './lab.js';
import { type OwnHandle, ownHandles } from './own-handles.js';

useHook();
const skip = skipReason();
const withHook = skipReason({ programs: true, hook: true });

const query = 0x4;
const own = 0x1 | 0x2 | 0x4 | 0x8;
const processQueryLimited = 0x1000;
const inheritable = 0x2;

/** The handles that `make` left open. */
function madeBy<T>(make: () => T): { made: T; handles: OwnHandle[] } {
  const before = ownHandles();
  const made = make();
  return { made, handles: [...ownHandles().values()].filter(({ handle }) => !before.has(handle)) };
}

test('a job that is opened for reading has JOB_OBJECT_QUERY and nothing else, and is not inherited', { skip }, (t) => {
  const id = uniqueId();
  const owner = JobObject.create({ name: Silo.path(id) });
  t.after(() => owner.close());
  for (const open of [() => Silo.open(id), () => JobObject.open(Silo.path(id))]) {
    const { made, handles } = madeBy(open);
    made.close();
    assert.deepEqual(
      handles.map(({ access, attributes }) => ({ access, inherited: attributes & inheritable })),
      [{ access: query, inherited: 0 }],
    );
  }
});

test('a job of our own has what its operations need, never all access, and is not inherited', { skip }, () => {
  const { made, handles } = madeBy(() => JobObject.create({ limits: { killOnClose: true } }));
  made.close();
  assert.deepEqual(
    handles.map(({ access, attributes }) => ({ access, inherited: attributes & inheritable })),
    [{ access: own, inherited: 0 }],
  );
});

test('every handle of a query has the one right that it needs', { skip: withHook }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 5);
  const lab = hook();
  lab.reset();
  const job = Silo.open(id);
  job.privateWorkingSet();
  job.processList();
  job.oldestProcess();
  job.identity();
  job.close();
  const processes = lab.granted('NtOpenProcess');
  assert.deepEqual(processes, { count: 20, any: processQueryLimited, all: processQueryLimited, attributes: 0 });
  assert.deepEqual(lab.granted('NtOpenJobObject'), { count: 1, any: query, all: query, attributes: 0 });
});

test('a list of containers takes query rights for the jobs, and READ_CONTROL apart', { skip: withHook }, async (t) => {
  const id = uniqueId();
  await Workload.start(t, Silo.path(id), 1);
  const lab = hook();
  lab.reset();
  readDirectory('\\', () => false);
  assert.deepEqual(lab.granted('NtOpenDirectoryObject'), { count: 1, any: 0x1, all: 0x1, attributes: 0 });
  readOwner(Silo.path(id));
  assert.deepEqual(lab.granted('NtOpenJobObject'), { count: 1, any: 0x20000, all: 0x20000, attributes: 0 });
  lab.reset();
  await windowsHost.list({});
  assert.equal(lab.granted('NtOpenJobObject').any, 0x20000 | query);
  assert.equal(lab.granted('NtOpenProcess').count, 0);
});
