import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { cgroupFolders } from '../../support/cgroup-files.ts';
import { silostatBin } from '../../support/checkout.ts';
import { silostat } from '../../support/command.ts';
import { until } from '../../support/deadline.ts';
import { skipReason } from '../../support/requirements.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Undo } from '../../support/undo.ts';

/** A script for Node that uses half a second of CPU time. */
const burn = 'while (process.cpuUsage().user < 5e5) for (let i = 0; i < 1e6; i++);';

describe('silostat run', { skip: skipReason() }, () => {
  let before: string[];
  let undo: Undo;
  let folder: string;

  beforeEach(() => {
    before = jobCgroups();
    undo = new Undo();
    folder = scratchFolder(undo);
  });
  afterEach(async () => {
    undo[Symbol.dispose]();
    // Jobs of others, with processes in them, may come and go meanwhile.
    const left = (): string[] => jobCgroups().filter((folder) => !before.includes(folder) && isEmpty(folder));
    await until('no cgroup is left', () => left().length === 0, 3000);
  });

  const codes: [string, string[], number][] = [
    ['its own code', ['sh', '-c', 'exit 7'], 7],
    ['its own code, behind --', ['--', 'sh', '-c', 'exit 7'], 7],
    ['0', ['true'], 0],
    ['128 + its signal', ['sh', '-c', 'kill -TERM $$'], 143],
    ['128 + 9', ['sh', '-c', 'kill -KILL $$'], 137],
    ['127 for a command that is not found', ['no-such-command-anywhere'], 127],
    ['127 for a path that is not found', ['/no/such/command'], 127],
    ['126 for a file that is not executable', ['/etc/passwd'], 126],
    ['126 for a folder', ['/tmp'], 126],
    ['125 for wrong usage', ['--no-such-option', 'true'], 125],
    ['125 for no command', [], 125],
  ];
  for (const [name, args, expected] of codes) {
    test(`exits with ${name}`, async () => {
      const { code, stdout, stderr } = await silostat(['run', ...args]);
      assert.deepEqual([code, stdout], [expected, ''], stderr);
      if (expected >= 125 && expected <= 127) assert.match(stderr, /^[^\n]+\n$/, 'one line');
    });
  }

  test("passes stdin and stdout through, and the command's options are its own", async () => {
    const input = `${randomBytes(150_000).toString('hex')}\n`;
    const echoed = await silostat(['run', 'cat'], { input });
    assert.equal(echoed.code, 0, echoed.stderr);
    assert.equal(echoed.stdout, input);
    const options = await silostat(['run', 'echo', '--json', '--help', '-i', '--']);
    assert.equal(options.stdout, '--json --help -i --\n');
  });

  test('hands on the working folder and the environment', async () => {
    const script = 'process.stdout.write(JSON.stringify([process.cwd(), process.env["a.b"], process.env["PLAIN"]]))';
    const env = { ...process.env, 'a.b': 'dotted', PLAIN: 'two  words' };
    const { stdout } = await silostat(['run', process.execPath, '-e', script], { env, cwd: '/usr' });
    assert.deepEqual(JSON.parse(stdout), ['/usr', 'dotted', 'two  words']);
  });

  test('waits for what the command left in the background, and counts it', async () => {
    const file = `${folder}/report.json`;
    // It closes the pipes, so that only its job tells of it.
    const script = `setsid "$0" -e "$1" >/dev/null 2>&1 </dev/null & echo $! > "$2"`;
    const args = ['run', '--export-json', file, 'sh', '-c', script, process.execPath, burn, `${folder}/pid`];
    const { code, stderr } = await silostat(args);
    assert.equal(code, 0, stderr);
    assert.ok(!isAlive(readFileSync(`${folder}/pid`, 'utf8').trim()));
    assert.ok(JSON.parse(readFileSync(file, 'utf8')).Properties.Statistics.Processor.TotalRuntime100ns > 5e6);
  });

  test('Ctrl-C also ends what the command left in the background', async () => {
    const script = `setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $! > ${folder}/pid; echo running; exec sleep 600`;
    const { child, exit } = startGroup(['sh', '-c', script]);
    await once(child.stdout, 'data');
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    assert.deepEqual(await exit, [130, null]);
    const pid = readFileSync(`${folder}/pid`, 'utf8').trim();
    await until('the background process has ended', () => !isAlive(pid));
  });

  test('the command is inside its job before it executes anything, with its grandchildren', async () => {
    const { stdout } = await silostat(['run', 'sh', '-c', 'cat /proc/self/cgroup; sh -c "cat /proc/self/cgroup"']);
    const jobs = stdout.split('\n').filter((line) => /:(?:\/.*)?\/silostat\/[^/]+$/.test(line));
    assert.ok(jobs.length >= 2, stdout);
    assert.equal(new Set(jobs.map((line) => line.slice(line.lastIndexOf('/')))).size, 1, stdout);
  });

  test('--export-json says what the command used', async () => {
    const file = `${folder}/report.json`;
    const { code, stderr } = await silostat(['run', '--export-json', file, process.execPath, '-e', burn]);
    assert.equal(code, 0, stderr);
    const report = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([report.Command, report.ExitCode], [[process.execPath, '-e', burn], 0]);
    const { TotalRuntime100ns } = report.Properties.Statistics.Processor;
    assert.ok(TotalRuntime100ns > 5e6 && TotalRuntime100ns < 3e7, TotalRuntime100ns);
    assert.ok(report.WallTime100ns > 0);
  });

  test('Ctrl-C in the terminal ends the command, and nothing is left', async () => {
    const { child, exit } = startGroup(['sh', '-c', 'echo running; exec sleep 600']);
    await once(child.stdout, 'data');
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    assert.deepEqual(await exit, [130, null]);
  });

  test('a command that handles Ctrl-C decides with which code it ends', async () => {
    const { child, exit } = startGroup(['sh', '-c', 'trap "exit 5" INT; echo running; while :; do sleep 0.05; done']);
    await once(child.stdout, 'data');
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    assert.deepEqual(await exit, [5, null]);
  });

  test('SIGTERM to silostat alone ends the command too', async () => {
    const pidFile = `${folder}/pid`;
    const { child, exit } = startGroup(['sh', '-c', `echo $$ > ${pidFile}; echo running; exec sleep 600`]);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [143, null]);
    assert.ok(!isAlive(readFileSync(pidFile, 'utf8').trim()));
  });

  test('a script without #! is not executable for us either', async () => {
    writeFileSync(`${folder}/script`, 'exit 7\n', { mode: 0o755 });
    const { code } = await silostat(['run', `${folder}/script`]);
    assert.ok(code === 126 || code === 7, `${code}`);
  });
});

/** Starts it in a process group of its own, as a shell does. */
function startGroup(command: readonly string[]): { child: ReturnType<typeof spawnGroup>; exit: Promise<unknown[]> } {
  const child = spawnGroup(command);
  return { child, exit: once(child, 'exit') };
}

function spawnGroup(command: readonly string[]) {
  return spawn(process.execPath, [silostatBin, 'run', ...command], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The cgroups of job containers that there are, ours and those of others. */
function jobCgroups(): string[] {
  return cgroupFolders('/silostat').flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [`${folder}/${entry.name}`] : [],
    ),
  );
}

function isEmpty(folder: string): boolean {
  try {
    return readFileSync(`${folder}/cgroup.procs`, 'utf8') === '';
  } catch {
    return false;
  }
}

/** A zombie has ended: whoever is to wait for it is not our business. */
function isAlive(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
