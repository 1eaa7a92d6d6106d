import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { createJobContainer } from 'silostat';
import { cgroupFolders } from '../../support/cgroup-files.ts';
import { silostatBin } from '../../support/checkout.ts';
import { silostat } from '../../support/command.ts';
import { skipReason } from '../../support/requirements.ts';

const spawns = 1000;
const atATime = 20;

describe('job containers leave nothing', { skip: skipReason(), timeout: 240_000 }, () => {
  test(`${spawns} quick commands through the library`, async () => {
    const warmUp = await createJobContainer({ countProcesses: true });
    await spawnMany(warmUp, 20);
    await warmUp.wait();
    await warmUp.close();
    const before = held();
    const job = await createJobContainer({ countProcesses: true });
    await spawnMany(job, 50);
    assert.deepEqual(job.started(), { count: 50, isLowerBound: false, source: 'perf_event_open task records' });
    await job.close();
    const many = await createJobContainer();
    await spawnMany(many, spawns);
    await many.wait();
    assert.deepEqual((await many.properties(['ProcessList'])).ProcessList, []);
    await many.close();
    for (const id of [job.id, many.id]) assert.deepEqual([cgroupFolders(`/silostat/${id}`), locks(id)], [[], []]);
    assert.deepEqual(held(), before);
  });

  test('a leak would be seen', async () => {
    const before = held();
    const job = await createJobContainer();
    assert.notDeepEqual(held(), before);
    assert.ok(cgroupFolders(`/silostat/${job.id}`).length > 0 && locks(job.id).length > 0);
    await job.close();
    assert.deepEqual(held(), before);
  });

  test('50 times run -- true', async () => {
    const prefix = `leak-${randomBytes(4).toString('hex')}`;
    const files = () => readdirSync(tmpdir()).filter((name) => name.includes('silostat') && name.includes(prefix));
    const ids = Array.from({ length: 50 }, (_, index) => `${prefix}-${index}`);
    for (let at = 0; at < ids.length; at += 5) {
      const outcomes = ids.slice(at, at + 5).map((id) => silostat(['run', '--name', id, '--', 'true']));
      for (const { code, stderr } of await Promise.all(outcomes)) assert.equal(code, 0, stderr);
    }
    for (const id of ids) assert.deepEqual([cgroupFolders(`/silostat/${id}`), locks(id)], [[], []]);
    assert.deepEqual([files(), processesWith(prefix)], [[], []]);
  });

  test('100 MB pass through unchanged', async () => {
    const chunk = randomBytes(1_000_000);
    const [sent, got] = [createHash('sha256'), createHash('sha256')];
    const child = spawn(process.execPath, [silostatBin, 'run', '--quiet', '--', 'cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let length = 0;
    child.stdout.on('data', (data: Buffer) => {
      got.update(data);
      length += data.length;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    for (let count = 0; count < 100; count++) {
      sent.update(chunk);
      if (!child.stdin.write(chunk)) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.deepEqual([length, got.digest('hex')], [100_000_000, sent.digest('hex')]);
  });
});

async function spawnMany(job: Awaited<ReturnType<typeof createJobContainer>>, count: number): Promise<void> {
  for (let at = 0; at < count; at += atATime) {
    const children = Array.from({ length: Math.min(atATime, count - at) }, () => job.spawn('/bin/true'));
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))));
  }
}

/** What this process holds of the kernel's: descriptors, children, mappings of perf's. */
function held(): object {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    children: readdirSync('/proc/self/task').flatMap((task) => childrenOf(task)),
    mappings: maps.filter((line) => line.includes('perf_event')).length,
  };
}

function childrenOf(task: string): string[] {
  return readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean);
}

function locks(id: string): string[] {
  const folder = '/run/silostat';
  return existsSync(folder) ? readdirSync(folder).filter((name) => name === `${id}.lock`) : [];
}

function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}
