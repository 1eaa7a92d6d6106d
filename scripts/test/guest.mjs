/** Runs test files in the guest (test/guest): one boot for all of them, each in a process of its own, and judged like any other. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingForGuest, runInGuest } from '../../test/guest/guest.mjs';
import { testFiles } from './source-files.mjs';
import { judge } from './test-file.mjs';

const reporter = fileURLToPath(new URL('./reporter.mjs', import.meta.url));
const fileSeconds = 120;

/**
 * @param {import('./run-suite.mjs').Context & { seconds: number }} context
 * @returns {Promise<import('./test-file.mjs').Outcome>}
 */
export async function guestTests({ root, results, seconds }) {
  const missing = missingForGuest();
  if (missing !== undefined) throw new Error(missing);
  await compilePrograms(root);
  const files = testFiles(root, 'test/live/guest');
  const folder = join(results, 'guest');
  const script = guestScript({ root, files: files.map((file) => relative(root, file)) });
  const guest = await runInGuest({ script, folder, timeoutMs: seconds * 1000, diskBytes: 128 << 20 });
  writeFileSync(join(folder, 'serial.log'), guest.serial);
  const outcomes = files.map((file) => outcomeOf(relative(root, file), join(folder, 'out'), guest));
  return {
    passed: outcomes.flatMap((outcome) => outcome.passed),
    failures: outcomes.flatMap((outcome) => outcome.failures),
    skips: outcomes.flatMap((outcome) => outcome.skips),
  };
}

/** The C programs of the tests are compiled here: the guest is slow, and forgets. */
async function compilePrograms(root) {
  const { compiled } = await import(join(root, 'test/dist/support/compile.js'));
  for (const source of ['workload.c', 'loop-disk.c', 'report.c']) compiled(source);
}

/** Pure: what the guest does. A file that was not run leaves no exit code, which its outcome then says. */
export function guestScript({ root, files, node = process.execPath }) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const runs = files.map((file) => {
    const to = `/out/${nameOf(file)}`;
    const args = [`--test-reporter=${reporter}`, `--test-reporter-destination=${to}.jsonl`, join(root, file)].map(
      quoted,
    );
    return `timeout --signal=KILL ${fileSeconds} ${quoted(node)} ${args.join(' ')} >${to}.log 2>&1 </dev/null; echo $? >${to}.code`;
  });
  const environment = process.env.CI === undefined ? [] : [`export CI=${quoted(process.env.CI)}`];
  return [...environment, `cd ${quoted(root)}`, ...runs, ''].join('\n');
}

const nameOf = (file) => file.replaceAll('/', '+').replaceAll(/[^\w.+-]/g, '_');

function outcomeOf(file, out, guest) {
  const text = (ending) => textOf(join(out, `${nameOf(file)}.${ending}`));
  const code = text('code').trim();
  const log = text('log') || `${guest.output}\n${guest.serial.slice(-2000)}`;
  if (code === '') {
    const end = { code: null, signal: null, timedOut: false, error: 'the guest did not come so far', seconds: 0 };
    return judge(file, text('jsonl'), end, log);
  }
  const timedOut = code === '137';
  return judge(file, text('jsonl'), { code: Number(code), signal: null, timedOut, seconds: fileSeconds }, log);
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
