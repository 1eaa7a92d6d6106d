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
import { runSuite } from './test/run-suite.mjs';
import { suites } from './test/suites.mjs';
import { closingLine, reasons, settle, table, totals } from './test/summary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'test-results');

const { values: options } = parseArgs({
  options: { unit: { type: 'boolean' }, only: { type: 'string' }, list: { type: 'boolean' } },
});

function chosen() {
  if (options.unit) return suites.filter((suite) => suite.unit);
  if (options.only === undefined) return suites;
  const names = options.only.split(',').map((name) => name.trim());
  return suites.filter((suite) => names.some((name) => suite.name.startsWith(name)));
}

function build() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`;
}

async function main() {
  if (options.list) return console.log(suites.map((suite) => suite.name).join('\n'));
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const done = await runAll(chosen());
  finish(done);
}

async function runAll(list) {
  const skipsFail = isSet(process.env.CI);
  const broken = build();
  if (broken !== undefined) return [report(settle(failed('build', broken), { skipsFail }))];
  if (list.length === 0) return [report(settle(failed('suites', `no suite is called ${options.only}`), { skipsFail }))];
  const machine = setUp(list);
  const done = [];
  for (const suite of list) {
    done.push(report(settle(await runSuite(suite, { root, results, machine }), { skipsFail })));
  }
  return done;
}

function setUp(list) {
  const start = performance.now();
  const machine = setUpMachine(
    root,
    list.map((suite) => suite.needs),
  );
  console.log(`set-up: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return machine;
}

/** Failures in full as soon as they are known; of what passed only the count. */
function report(result) {
  const { name, seconds } = result;
  console.log(`${name}: ${closingLine([result])} (${seconds.toFixed(1)} s)`);
  for (const failure of result.failures) console.log(`\nFAILED ${failure.name}\n${indent(failure.text)}\n`);
  return result;
}

function finish(done) {
  const closing = closingLine(done);
  writeFileSync(join(results, 'closing-line.txt'), `${closing}\n`);
  console.log(['', ...reasons(done), ...table(done), '', closing].join('\n'));
  process.exitCode = totals(done).failed > 0 ? 1 : 0;
}

const failed = (name, text) => ({ name, seconds: 0, passed: 0, failures: [{ name, text }], skips: [] });
const isSet = (variable) => variable !== undefined && variable !== '' && variable !== 'false' && variable !== '0';
const indent = (text) => text.replaceAll(/^/gm, '  ');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

await main();
