/** The benchmarks, only to see that they run: no figure is judged. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from './run-process.mjs';

/**
 * @param {import('./run-suite.mjs').Context & { seconds: number }} context
 * @returns {Promise<import('./test-file.mjs').Outcome>}
 */
export async function benchSmoke({ root, results, seconds }) {
  const log = join(results, 'bench.log');
  const args = [join(root, 'bench/dist/main.js'), '--smoke'];
  const end = await runProcess({ command: process.execPath, args, cwd: root, log, seconds });
  return judgeBench(end, readFileSync(log, 'utf8'));
}

/** Pure: a benchmark that was left out is a skip, with the reason that it printed; one that ran printed figures. */
export function judgeBench({ code, timedOut }, output) {
  const name = 'npm run bench -- --smoke';
  const skips = [...output.matchAll(/^ *left out: (.*)$/gm)].map(([, reason]) => ({ name, reason }));
  const failures = [];
  if (timedOut) failures.push({ name, text: `was ended before its end\n${output}` });
  else if (code !== 0) failures.push({ name, text: `exit code ${code}\n${output}` });
  const ran = /\d µs/.test(output);
  return { passed: ran && failures.length === 0 ? [name] : [], failures, skips };
}
