/** Runs one test file in a process of its own and says what became of it. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from './run-process.mjs';

const reporter = fileURLToPath(new URL('./reporter.mjs', import.meta.url));

/**
 * What starts a test file: a node binary, or node.exe under Wine.
 * @typedef {{ label: string, command: string, prefix: string[], env: Record<string, string | undefined>,
 *   path: (path: string) => string, stop?: () => void }} Runtime
 * @typedef {{ passed: string[], failures: { name: string, text: string }[], skips: { name: string, reason: string }[] }} Outcome
 */

/** @returns {Runtime} */
export function nodeRuntime(command = process.execPath, label = `Node ${process.versions.node.split('.')[0]}`) {
  return { label, command, prefix: [], env: {}, path: (path) => path };
}

/**
 * @param {{ root: string, file: string, runtime: Runtime, results: string, seconds: number }} job
 * @returns {Promise<Outcome>}
 */
export async function runTestFile({ root, file, runtime, results, seconds }) {
  const name = relative(root, file).replaceAll('\\', '/');
  const report = join(results, `${name.replaceAll('/', '+')}.jsonl`);
  const log = report.replace(/jsonl$/, 'log');
  mkdirSync(dirname(report), { recursive: true });
  for (const path of [report, log]) rmSync(path, { force: true });
  const { path } = runtime;
  const args = [
    `--test-reporter=${fileUrl(path(reporter))}`,
    `--test-reporter-destination=${path(report)}`,
    path(file),
  ];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...runtime.env };
  const command = { command: runtime.command, args: [...runtime.prefix, ...args], cwd: root, env };
  const end = await runProcess({ ...command, log, seconds, onTimeout: runtime.stop });
  return judge(name, readIfThere(report), { ...end, seconds }, readIfThere(log));
}

/** node:url's pathToFileURL knows this system's paths only; under Wine the path is a Windows one. */
function fileUrl(path) {
  return `file://${path.startsWith('/') ? '' : '/'}${encodeURI(path.replaceAll('\\', '/')).replaceAll('#', '%23')}`;
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Pure: from the report's text, how the process ended and what it printed to an outcome.
 * @returns {Outcome}
 */
export function judge(file, report, end, log) {
  const lines = report.split('\n').flatMap(parseLine);
  const named = (line) => `${file}: ${line.name}`;
  const passed = lines.filter((line) => line.status === 'passed').map(named);
  const skips = lines
    .filter((line) => line.status === 'skipped')
    .map((line) => ({ name: named(line), reason: line.reason }));
  const failures = lines
    .filter((line) => line.status === 'failed')
    .map((line) => ({ name: named(line), text: line.text }));
  const count = passed.length + skips.length + failures.length;
  const reason = whyIncomplete(
    end,
    lines.some((line) => line.end === true),
    count,
    failures.length,
  );
  if (reason !== undefined) failures.push({ name: file, text: reason });
  if (failures.length > 0 && log.trim() !== '') {
    const last = failures.at(-1);
    failures[failures.length - 1] = { name: last.name, text: `${last.text}\n--- output of ${file}:\n${log.trimEnd()}` };
  }
  return { passed, failures, skips };
}

function parseLine(line) {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return []; // a line cut short by the death of its writer; the missing end says so
  }
}

function whyIncomplete(end, finished, count, failed) {
  if (end.error !== undefined) return `could not be started: ${end.error}`;
  if (end.timedOut) return `was ended after ${end.seconds} s`;
  if (end.signal !== null) return `was killed by ${end.signal}`;
  if (!finished) return `ended without its summary (exit code ${end.code})`;
  if (count === 0) return 'ran no test';
  if (end.code !== 0 && failed === 0) return `exited with ${end.code} though no test failed`;
  return undefined;
}
