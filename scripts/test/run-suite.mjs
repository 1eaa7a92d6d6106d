/** Runs one suite and adds its files up. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { whyNot } from './machine.mjs';
import { nodeRuntime, runTestFile } from './test-file.mjs';

/**
 * @param {any} suite see suites.mjs
 * @param {{ root: string, results: string, machine: import('./machine.mjs').Machine }} context
 * @returns {Promise<import('./summary.mjs').SuiteResult>}
 */
export async function runSuite(suite, context) {
  const start = performance.now();
  const outcomes = await outcomesOf(suite, context);
  return {
    name: suite.name,
    seconds: (performance.now() - start) / 1000,
    passed: outcomes.reduce((sum, outcome) => sum + outcome.passed, 0),
    failures: outcomes.flatMap((outcome) => outcome.failures),
    skips: outcomes.flatMap((outcome) => outcome.skips),
  };
}

async function outcomesOf(suite, context) {
  const reason = whyNot(suite.needs, context.machine);
  if (reason !== undefined) return [{ passed: 0, failures: [], skips: [{ name: suite.name, reason }] }];
  try {
    if (suite.steps !== undefined) return [await suite.steps(context)];
    return await runFiles(suite, context);
  } catch (error) {
    return [failure(suite.name, `could not be run: ${error?.stack ?? error}`)];
  }
}

async function runFiles(suite, { root, results, machine }) {
  const runtime = suite.runtime?.() ?? nodeRuntime(machine.nodes.get(suite.needs.node));
  const queue = suite.files(root);
  const folder = join(results, suite.name.replaceAll(/[^\w]+/g, '-'));
  const outcomes = [];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      outcomes.push(await runOne({ root, file, runtime, results: folder, seconds: suite.seconds }));
    }
  };
  await Promise.all(Array.from({ length: suite.together }, worker));
  return outcomes;
}

function runOne(job) {
  if (existsSync(job.file)) return runTestFile(job);
  return failure(relative(job.root, job.file), 'was not built');
}

const failure = (name, text) => ({ passed: 0, failures: [{ name, text }], skips: [] });
