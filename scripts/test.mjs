/**
 * `npm test`: sets up what the tests need, builds, runs every suite and adds them up into one closing line.
 *
 *   --unit         the unit tests on this Node alone: needs nothing, takes seconds (`npm run test:unit`)
 *   --only A,B     only the suites whose names begin so (`--only live`, `--only check,packages`)
 *   --list         print the names of the suites
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setUpMachine } from './test/machine.mjs';
import { endAll } from './test/run-process.mjs';
import { runSuites } from './test/run-suite.mjs';
import { suites } from './test/suites.mjs';
import { closingLine, exitCode, settle, summary } from './test/summary.mjs';
import { closeWindowsLab } from './test/windows-lab.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'test-results');
const minutesForAll = 75;

const { values: options } = parseArgs({
  options: { unit: { type: 'boolean' }, only: { type: 'string' }, list: { type: 'boolean' } },
});

function chosenSuites() {
  if (options.unit) return suites.filter((suite) => suite.unit);
  if (options.only === undefined) return suites;
  const names = options.only.split(',').map((name) => name.trim());
  return suites.filter((suite) => names.some((name) => suite.name.startsWith(name)));
}

async function runChosen(chosen) {
  const deadline = Date.now() + minutesForAll * 60_000;
  if (chosen.length === 0) return [failed('suites', `none is called ${options.only}`)];
  const broken = timed('build', build);
  if (broken !== undefined) return [failed('build', broken)];
  const needs = chosen.map((suite) => suite.needs);
  const machine = timed('set-up', () => setUpMachine(root, needs));
  try {
    return await runSuites(chosen, { root, results, machine, deadline, report });
  } finally {
    await closeWindowsLab();
  }
}

function build() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`;
}

function timed(name, step) {
  const start = performance.now();
  const result = step();
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}

function failed(name, text) {
  const result = { name, seconds: 0, passed: [], failures: [{ name, text }], skips: [] };
  report(result);
  return result;
}

/** Failures in full as soon as they are known; of what passed only the count. */
function report(result) {
  console.log(`${result.name}: ${closingLine([result])} (${result.seconds.toFixed(1)} s)`);
  for (const { name, text } of result.failures) console.log(`\nFAILED ${name}\n${text.replaceAll(/^/gm, '  ')}\n`);
}

const isSet = (variable) => ![undefined, '', '0', 'false'].includes(variable);

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    endAll();
    process.exit(code);
  });
}

if (options.list) {
  console.log(suites.map((suite) => suite.name).join('\n'));
} else {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const done = settle(await runChosen(chosenSuites()), { skipsFail: isSet(process.env.CI) });
  writeFileSync(join(results, 'closing-line.txt'), `${closingLine(done)}\n`);
  console.log(summary(done).join('\n'));
  process.exitCode = exitCode(done);
}
