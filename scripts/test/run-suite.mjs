/** Runs suites one after the other, and a suite's files a few at a time. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { whyNot } from './machine.mjs';
import { nodeRuntime, runTestFile } from './test-file.mjs';

/**
 * @typedef {import('./test-file.mjs').Outcome} Outcome
 * @typedef {import('./summary.mjs').SuiteResult} SuiteResult
 * @typedef {{
 *   name: string, needs: import('./machine.mjs').Needs, seconds: number, unit?: boolean,
 *   files?: (root: string) => string[], together?: number, fileSeconds?: number, runtime?: (context: Context) => Promise<import('./test-file.mjs').Runtime>,
 *   steps?: (context: Context & { seconds: number }) => Outcome | Promise<Outcome>,
 * }} Suite see suites.mjs
 * @typedef {{ root: string, results: string, machine: import('./machine.mjs').Machine, deadline: number }} Context
 *   `deadline`: when all suites together must be done, in ms since the epoch
 */

/**
 * @param {Suite[]} suites
 * @param {Context & { report?: (result: SuiteResult) => void }} context
 * @returns {Promise<SuiteResult[]>}
 */
export async function runSuites(suites, { report, ...context }) {
  const results = [];
  for (const suite of suites) {
    const result = await runSuite(suite, context);
    results.push(result);
    report?.(result);
  }
  return results;
}

/** @param {Suite} suite @param {Context} context @returns {Promise<SuiteResult>} */
async function runSuite(suite, context) {
  const start = performance.now();
  const outcomes = await outcomesOf(suite, context);
  const result = {
    name: suite.name,
    seconds: (performance.now() - start) / 1000,
    passed: outcomes.flatMap((outcome) => outcome.passed),
    failures: outcomes.flatMap((outcome) => outcome.failures),
    skips: outcomes.flatMap((outcome) => outcome.skips),
  };
  const count = result.passed.length + result.failures.length + result.skips.length;
  return count > 0 ? result : { ...result, failures: [{ name: suite.name, text: 'ran no test' }] };
}

/** @returns {Promise<Outcome[]>} */
async function outcomesOf(suite, context) {
  const reason = whyNot(suite.needs, context.machine);
  if (reason !== undefined) return [{ passed: [], failures: [], skips: [{ name: suite.name, reason }] }];
  const seconds = Math.min(suite.seconds, secondsUntil(context.deadline));
  if (seconds <= 0) return [failure(suite.name, 'was not run: the time for all suites is over')];
  try {
    if (suite.steps !== undefined) return [await suite.steps({ ...context, seconds })];
    return await runFiles(suite, context, Date.now() + seconds * 1000);
  } catch (error) {
    return [failure(suite.name, `could not be run: ${error?.stack ?? error}`)];
  }
}

async function runFiles(suite, context, end) {
  const { root, results, machine } = context;
  const runtime = (await suite.runtime?.(context)) ?? nodeRuntime(machine.nodes.get(suite.needs.node));
  const folder = join(results, suite.name.replaceAll(/[^\w]+/g, '-'));
  const queue = suite.files(root);
  const outcomes = [];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const seconds = Math.min(suite.fileSeconds ?? suite.seconds, secondsUntil(end));
      outcomes.push(await runOne({ root, file, runtime, results: folder, seconds }));
    }
  };
  await Promise.all(Array.from({ length: suite.together ?? 1 }, worker));
  return outcomes;
}

function runOne(job) {
  const name = relative(job.root, job.file);
  if (!existsSync(job.file)) return failure(name, 'is missing: it was not built');
  if (job.seconds <= 0) return failure(name, 'was not run: the time of its suite is over');
  return runTestFile(job);
}

const failure = (name, text) => ({ passed: [], failures: [{ name, text }], skips: [] });
const secondsUntil = (time) => (time - Date.now()) / 1000;
