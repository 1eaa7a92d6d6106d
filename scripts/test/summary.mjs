/** Pure: from what the suites did to the table, the lists and the closing line. */

/**
 * @typedef {import('./test-file.mjs').Outcome & { name: string, seconds: number }} SuiteResult
 */

/**
 * Decides what a skip is worth. A test that another suite ran was not left out: one system skips what is only another's.
 * Any other skip stays one, with its reason, and is a failure where none is allowed.
 * @param {SuiteResult[]} results @param {{ skipsFail: boolean }} options @returns {SuiteResult[]}
 */
export function settle(results, { skipsFail }) {
  const ran = withGroups(results.flatMap(({ passed, failures }) => [...passed, ...failures.map(({ name }) => name)]));
  return results.map((result) => {
    const skips = result.skips.filter(({ name }) => !ran.has(name));
    if (!skipsFail) return { ...result, skips };
    const text = (reason) => `was skipped, and CI allows no skips: ${reason}`;
    return {
      ...result,
      failures: [...result.failures, ...skips.map(({ name, reason }) => ({ name, text: text(reason) }))],
      skips: [],
    };
  });
}

/** `file: group > test` stands for its group as well: a group may be skipped whole. */
function withGroups(names) {
  const all = new Set(names);
  for (const name of names) {
    for (let end = name.lastIndexOf(' > '); end > 0; end = name.lastIndexOf(' > ', end - 1))
      all.add(name.slice(0, end));
  }
  return all;
}

/** @param {SuiteResult[]} results */
export function exitCode(results) {
  return results.length > 0 && total(results).failed === 0 ? 0 : 1;
}

/** @param {SuiteResult[]} results */
export function closingLine(results) {
  const { passed, failed, skipped } = total(results);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function total(results) {
  const sum = (count) => results.reduce((before, result) => before + count(result), 0);
  return {
    passed: sum((result) => result.passed.length),
    failed: sum((result) => result.failures.length),
    skipped: sum((result) => result.skips.length),
  };
}

/** The end of the output: what was skipped and why, what failed, the table, the closing line. @param {SuiteResult[]} results */
export function summary(results) {
  const skips = results.flatMap((suite) => suite.skips.map(({ name, reason }) => entry(suite, name, reason)));
  const failures = results.flatMap((suite) =>
    suite.failures.map(({ name, text }) => entry(suite, name, firstLine(text))),
  );
  return [
    '',
    ...section('skipped:', skips),
    ...section('failed:', failures),
    ...table(results),
    '',
    closingLine(results),
  ];
}

const section = (title, lines) => (lines.length === 0 ? [] : [title, ...lines, '']);
const entry = (suite, name, text) => `  ${suite.name === name ? '' : `${suite.name}: `}${name}: ${text}`;
const firstLine = (text) => text.trim().split('\n', 1)[0];

function table(results) {
  const width = Math.max(...results.map((result) => result.name.length), 'suite'.length);
  const row = (name, ...cells) => `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const body = results.map(({ name, passed, failures, skips, seconds }) =>
    row(name, passed.length, failures.length, skips.length, seconds.toFixed(1)),
  );
  return [row('suite', 'passed', 'failed', 'skipped', 'seconds'), ...body];
}
