import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { deliver } from '#core/windows/completion-port.js';
import { JobObject } from '#core/windows/job-object.js';
import { until } from '../../support/deadline.js';
import { hook, skipReason, useHook, Workload } from './lab.js';

useHook();
const skip = skipReason();
const withHook = skipReason({ hook: true });
const withPrograms = skipReason({ programs: true });

function watch(test: { after(done: () => void): void }) {
  const job = JobObject.create();
  test.after(() => job.close());
  const heard: (string | number | boolean | undefined)[][] = [];
  const notifications = job.notifications();
  for (const event of ['start', 'exit', 'empty', 'limit'] as const) {
    notifications.on(event, (...args: (string | number | boolean | undefined)[]) => heard.push([event, ...args]));
  }
  const isHeard = (...wanted: unknown[]) => heard.some((event) => JSON.stringify(event) === JSON.stringify(wanted));
  return { job, heard, isHeard, notifications };
}

function shortProcess(test: { after(done: () => void): void }, exitCode: number) {
  const child = spawn(process.execPath, ['-e', `process.stdin.on('end', () => process.exit(${exitCode})).resume()`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  test.after(() => void child.kill());
  assert.ok(child.pid !== undefined);
  return { pid: child.pid, end: () => child.stdin.end(), exited: once(child, 'exit') };
}

test('a job tells of processes that start and exit, and when none is left', { skip }, async (t) => {
  const { job, heard, isHeard } = watch(t);
  const [first, second] = [shortProcess(t, 0), shortProcess(t, 0)];
  for (const { pid } of [first, second]) {
    job.assign(pid);
    await until(`start of ${pid}`, () => isHeard('start', pid));
  }
  first.end();
  await until('exit of the first', () => isHeard('exit', first.pid, false));
  assert.ok(!isHeard('empty'), 'one is left');
  second.end();
  await until('exit of the second', () => isHeard('exit', second.pid, false));
  await until('nobody left', () => isHeard('empty'));
  assert.equal(heard.filter(([event]) => event === 'empty').length, 1);
  assert.equal(job.notifications(), job.notifications());
});

test('a job is told to be empty each time that it becomes so', { skip }, async (t) => {
  const { job, heard } = watch(t);
  const emptied = () => heard.filter(([event]) => event === 'empty').length;
  for (let round = 1; round <= 3; round++) {
    const { pid, end, exited } = shortProcess(t, 0);
    job.assign(pid);
    end();
    await exited;
    await until(`empty for the ${round}. time`, () => emptied() === round);
  }
  // The look that is taken once a second must not tell it again.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal(emptied(), 3);
});

test('that a job is empty is found out without its messages', { skip: withHook }, async (t) => {
  hook().reset();
  hook().fail({ call: 'NtSetInformationJobObject', of: 7, times: 1 }, 0);
  const { job, heard, isHeard } = watch(t);
  const { pid, end, exited } = shortProcess(t, 0);
  job.assign(pid);
  end();
  await exited;
  await until('nobody left', () => isHeard('empty'));
  assert.deepEqual(heard, [['empty']], 'no message came');
  hook().reset();
});

test('limits that were hit are told with their kind and process', { skip: withHook }, async (t) => {
  hook().reset();
  const { heard } = watch(t);
  const messages = [
    [1, 'job time'],
    [2, 'process time'],
    [3, 'process count'],
    [9, 'process memory'],
    [10, 'job memory'],
    [11, 'notification'],
    [12, 'cycle time'],
  ] as const;
  messages.forEach(([message], i) => {
    hook().post(message, i === 0 ? 0 : 4000 + i);
  });
  await until('all are heard', () => heard.length === messages.length);
  assert.deepEqual(
    heard,
    messages.map(([, kind], i) => ['limit', kind, i === 0 ? undefined : 4000 + i]),
  );
});

test('no message is lost in a storm, and none reaches another job', { skip: withPrograms }, async (t) => {
  const [mine, other] = [watch(t), watch(t)];
  const workload = Workload.bare(t);
  mine.job.assign(workload.pid);
  const pids: number[] = [];
  for (let i = 0; i < 5; i++) pids.push(...(await workload.spawn(40)));
  for (const pid of pids) await until(`start of ${pid}`, () => mine.isHeard('start', pid));
  await workload.ask('exitall');
  for (const pid of pids) {
    await until(`exit of ${pid}`, () => mine.isHeard('exit', pid, false) || mine.isHeard('exit', pid, true));
  }
  // A start that Wine gave up on (workload tries again then) is told as well, with a pid that nobody has been given.
  const told = mine.heard.filter(([event, pid]) => event === 'start' && [workload.pid, ...pids].includes(Number(pid)));
  assert.equal(told.length, pids.length + 1);
  assert.deepEqual(other.heard, []);
});

test('what has arrived is delivered when the job is closed, and nothing after it', { skip }, async (t) => {
  const { job, isHeard, heard } = watch(t);
  const { pid } = shortProcess(t, 0);
  job.assign(pid);
  const end = performance.now() + 5;
  while (performance.now() < end); // The message is on its way; no timer runs meanwhile.
  job.close();
  assert.ok(isHeard('start', pid));
  const count = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(heard.length, count);
});

test('a listener that throws loses nobody else a message', { skip: withHook }, (t) => {
  hook().reset();
  const { heard, notifications } = watch(t);
  notifications.once('limit', () => {
    throw new Error('of the listener');
  });
  for (let i = 0; i < 3; i++) hook().post(10, 4000 + i);
  // In one go, before the timer has its turn.
  assert.throws(() => deliver(), /of the listener/);
  deliver();
  assert.deepEqual(
    heard.map(([, , pid]) => pid),
    [4000, 4001, 4002],
  );
});

test('notifications keep no program alive', { skip }, async (t) => {
  const module = import.meta.resolve('#core/windows/job-object.js');
  const script = `
    const { JobObject } = await import(${JSON.stringify(module)});
    const job = JobObject.create();
    job.notifications().on('empty', () => {});
    job.assign(process.pid);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  t.after(() => void child.kill());
  const timer = setTimeout(() => child.kill(), 20_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  assert.equal(code, 0);
});
