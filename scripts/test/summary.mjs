/** Pure: from what the suites did to the table, the lists and the closing line. */

/**
 * @typedef {{ name: string, seconds: number, passed: number, failures: { name: string, text: string }[],
 *   skips: { name: string, reason: string }[] }} SuiteResult
 */

/**
 * A suite that ran nothing at all is a failure; so is a skip where none is allowed.
 * @param {SuiteResult} result @param {{ skipsFail: boolean }} options @returns {SuiteResult}
 */
export function settle(result, { skipsFail }) {
  const failures = [...result.failures];
  const ran = result.passed + failures.length + result.skips.length;
  if (ran === 0) failures.push({ name: result.name, text: 'ran no test' });
  if (!skipsFail) return { ...result, failures };
  for (const { name, reason } of result.skips)
    failures.push({ name, text: `was skipped, and CI allows no skips: ${reason}` });
  return { ...result, failures, skips: [] };
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
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failures.length),
    skipped: sum((result) => result.skips.length),
  };
}

/** The last part of the output: what was skipped and why, what failed, the table, the closing line. @param {SuiteResult[]} results */
export function summary(results) {
  const skips = results.flatMap((result) => result.skips.map(({ name, reason }) => `  ${name}: ${reason}`));
  const failures = results.flatMap((result) =>
    result.failures.map(({ name, text }) => `  ${name}: ${firstLine(text)}`),
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
const firstLine = (text) => text.trim().split('\n', 1)[0];

function table(results) {
  const width = Math.max(...results.map((result) => result.name.length), 'suite'.length);
  const row = (name, ...cells) => `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const body = results.map(({ name, passed, failures, skips, seconds }) =>
    row(name, passed, failures.length, skips.length, seconds.toFixed(1)),
  );
  return [row('suite', 'passed', 'failed', 'skipped', 'seconds'), ...body];
}
