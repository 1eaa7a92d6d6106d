import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ComputeSystemSummary } from 'silostat';
import { silostatBin } from '../../support/checkout.ts';
import type { Outcome } from '../../support/command.ts';
import { run } from '../../support/command.ts';
import { Crowd } from '../../support/crowd.ts';
import { libraryScript } from '../../support/node-script.ts';
import { skipReason } from '../../support/requirements.ts';
import { Undo } from '../../support/undo.ts';

const evil = '\u001b]0;owned\u0007\r\n\u202e\u009b2J';

/** What stands in the state file of one container of Docker each, by name; it is made within a tmpfs of its own. */
const files: Record<string, string> = {
  'ten gigabytes, sparse': `fs.writeFileSync(path, '{}'); fs.truncateSync(path, 10 * 2 ** 30);`,
  'a link to a device': `fs.symlinkSync('/dev/zero', path);`,
  'a FIFO': `execFileSync('mkfifo', [path]);`,
  'deep nesting': `fs.writeFileSync(path, '['.repeat(400_000));`,
  'deep nesting that ends': `fs.writeFileSync(path, '['.repeat(400_000) + ']'.repeat(400_000));`,
  'bad UTF-8': `fs.writeFileSync(path, Buffer.from([0x22, 0xc3, 0x28, 0xff, 0x22]));`,
  'a folder': `fs.mkdirSync(path);`,
  'control characters': `fs.writeFileSync(path, JSON.stringify({
    Name: '/' + evil, Config: { Image: evil, Labels: { [evil]: evil } }, State: { StartedAt: evil } }));`,
};
const names = Object.keys(files);

/** What lies about elsewhere, of containers that there are not. */
const others = `
  const put = (path, text) => { fs.mkdirSync(require('node:path').dirname(path), { recursive: true }); fs.writeFileSync(path, text); };
  put('/run/runc/' + evil.replace('/', '') + '/state.json', JSON.stringify({ cgroup_paths: { '': '/sys/fs/cgroup/../../etc', memory: '../..' } }));
  fs.mkdirSync('/run/runc/fifo'); execFileSync('mkfifo', ['/run/runc/fifo/state.json']);
  fs.symlinkSync('/etc', '/run/runc/away');
  put('/run/crun/up/status', JSON.stringify({ 'cgroup-path': '/../../etc', bundle: '/x/../y-containers/' + ids[0] + '/userdata' }));
  put('/run/user/4294967295999/runc/x/state.json', '{}');
  put('/var/lib/containers/storage/overlay-containers/containers.json', JSON.stringify([{ id: '../../../../etc/passwd', names: [evil] }, null, 7]));
  put('/run/containerd/io.containerd.runtime.v2.task/' + evil.replaceAll('/', '') + '/' + ids[0] + '/config.json', '{"annotations": []}');`;

/** What must not reach a terminal: control characters but the line's end, and what turns a line around. */
const raw = /(?!\n)[\p{Cc}\p{Cf}]/u;

describe('state files of strangers', { skip: skipReason({ tools: ['gcc', 'unshare'] }), timeout: 120_000 }, () => {
  const undo = new Undo();
  let crowd: Crowd;
  let ids: string[];

  before(async () => {
    const count = names.length + 1;
    crowd = new Crowd(undo, { count, together: count, milliseconds: 0 });
    await crowd.start();
    ids = Array.from({ length: count }, (_, number) => crowd.id(number));
  });
  after(() => undo[Symbol.dispose]());

  /** Runs Node where these files are, and nobody else sees them. */
  function among(args: readonly string[]): Promise<Outcome> {
    const makeFiles = names.map((name, number) => `{ const path = at(${number}); ${files[name]} }`).join('\n');
    const setup = `
      const fs = require('node:fs'); const { execFileSync } = require('node:child_process');
      const evil = ${JSON.stringify(evil)}; const ids = ${JSON.stringify(ids)};
      const at = (number) => { const folder = '/var/lib/docker/containers/' + ids[number];
        fs.mkdirSync(folder, { recursive: true }); return folder + '/config.v2.json'; };
      ${makeFiles}
      fs.writeFileSync(at(${names.length}), '{"Name": "/good", "Config": {"Image": "fine:1"}}');
      ${others}`;
    const mounts = 'mount --make-rprivate /; mount -t tmpfs x /var/lib; mount -t tmpfs x /run';
    const script = `${mounts}; node=$1; "$node" --eval "$2" && shift 2 && exec "$node" "$@"`;
    return run('unshare', ['--mount', 'sh', '-ec', script, 'sh', process.execPath, setup, ...args]);
  }

  test('are the reason of the containers that they are about: the list is whole', async () => {
    const { code, stdout, stderr } = await among([silostatBin, 'ls', '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const listed: ComputeSystemSummary[] = JSON.parse(stdout);
    for (const [number, name] of [...names, 'good'].entries()) {
      const [summary, ...more] = listed.filter(({ Id }) => Id === ids[number]);
      assert.deepEqual([summary?.Owner, summary?.ProcessCount, more.length], ['docker', 1, 0], name);
      if (name === 'good') assert.deepEqual([summary?.Names, summary?.Image], [['good'], 'fine:1']);
      else if (name === 'control characters') assert.deepEqual(summary?.Names, [evil]);
      else {
        assert.deepEqual(summary?.Names, [], name);
        assert.match(summary?.Absent?.['Names'] ?? '', /config\.v2\.json/, name);
      }
    }
  });

  test('neither block nor crash nor reach the terminal raw, by any command', async () => {
    const id = ids[names.indexOf('control characters')] ?? '';
    for (const args of [
      ['ls'],
      ['ls', '--all'],
      ['stats', '--interval', '0'],
      ['inspect', id],
      ['inspect', evil],
      ['inspect', 'good', '--json'],
    ]) {
      const { code, stdout, stderr } = await among([silostatBin, ...args]);
      assert.equal(code, args[1] === evil ? 2 : 0, `${args.join(' ')}: ${stderr}`);
      assert.doesNotMatch(stdout, raw, args.join(' '));
      assert.doesNotMatch(stderr, raw, args.join(' '));
    }
  });

  test('do not disturb a follower either', async () => {
    const script = libraryScript(`
      const follower = await silostat.followComputeSystems();
      for (let round = 0; round < 2; round++) {
        const { samples } = await follower.sample();
        console.log(samples.filter(({ summary, state }) => ${JSON.stringify(ids)}.includes(summary.Id) && state === 'read').length);
      }
      follower.close();`);
    const { code, stdout, stderr } = await among(script);
    assert.deepEqual([code, stdout, stderr], [0, `${ids.length}\n${ids.length}\n`, '']);
  });
});
