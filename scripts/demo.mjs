/**
 * `npm run demo`: builds, runs a command as a job container on this host, shows its statistics while it runs and the report
 * when it has ended, then all containers found. Uses the built program as a user would. Ends by itself with 0, also without
 * the rights to make a job container: then it says so and shows what can be read.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../packages/cli/bin/silostat.js', import.meta.url));
const workload = fileURLToPath(new URL('./demo/workload.mjs', import.meta.url));
const frames = 3;
const longestRunMs = 40_000;

function build() {
  say('Building');
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed; was `npm ci` run before?');
}

/** Runs the workload in a job container, and looks at it from outside meanwhile. */
async function runAndWatch() {
  say('A command as a job container: it computes, takes memory, writes to a disk, and starts processes of its own');
  prompt('run', '--', 'node', 'scripts/demo/workload.mjs');
  const before = new Set(ownJobs());
  const run = spawn(process.execPath, [program, 'run', '--', process.execPath, workload], { stdio: 'inherit' });
  const ended = once(run, 'exit').then(([code, signal]) => code ?? signal);
  const alarm = setTimeout(() => run.kill('SIGTERM'), longestRunMs);
  const isRunning = () => run.exitCode === null && run.signalCode === null;
  const id = await jobThatStarted(before, isRunning);
  for (let frame = 0; id !== undefined && frame < frames && isRunning(); frame++) {
    // The workload needs a moment between two frames to do something that shows.
    await delay(frame === 0 ? 500 : 1000);
    if (isRunning()) show('stats', id);
  }
  const code = await ended;
  clearTimeout(alarm);
  return code;
}

/** The id of the job container that is there now and was not before. */
async function jobThatStarted(before, isRunning) {
  while (isRunning()) {
    const id = ownJobs().find((job) => !before.has(job));
    if (id !== undefined) return id;
    await delay(100);
  }
  return undefined;
}

function ownJobs() {
  return listed()
    .filter((system) => system.Owner === 'silostat')
    .map((system) => system.Id);
}

function listed() {
  const { stdout } = spawnSync(process.execPath, [program, 'ls', '--json'], { encoding: 'utf8' });
  try {
    return JSON.parse(stdout);
  } catch {
    return [];
  }
}

function showContainers() {
  say('All containers of this host');
  show('ls');
  if (listed().length > 0) return show('stats');
  say('None runs here. What else has processes of its own');
  show('ls', '--all');
}

function show(...argv) {
  prompt(...argv);
  spawnSync(process.execPath, [program, ...argv], { stdio: 'inherit' });
  console.log();
}

function prompt(...argv) {
  console.log(`$ npx silostat ${argv.join(' ')}`);
}

function say(text) {
  console.log(`\n== ${text}\n`);
}

build();
const code = await runAndWatch();
console.log();
if (code === 125)
  say('No job container can be made here, for the reason above (try as root). What can be read all the same');
else if (code !== 0) throw new Error(`the workload should have ended with 0, and ended with ${code}`);
showContainers();
