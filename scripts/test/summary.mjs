/** Pure: from what the suites did to the table, the lists and the closing line. */

/**
 * @typedef {{ name: string, seconds: number, passed: number, failures: { name: string, text: string }[],
 *   skips: { name: string, reason: string }[] }} SuiteResult
 */

/** A suite that ran nothing at all is a failure, whatever it says; so is a skip where none is allowed. */
export function settle(result, { skipsFail }) {
  const failures = [...result.failures];
  if (result.passed + failures.length + result.skips.length === 0)
    failures.push({ name: result.name, text: 'ran no test' });
  if (!skipsFail) return { ...result, failures };
  for (const { name, reason } of result.skips)
    failures.push({ name, text: `skipped, which CI does not allow: ${reason}` });
  return { ...result, failures, skips: [] };
}

/** @param {SuiteResult[]} results */
export function closingLine(results) {
  const { passed, failed, skipped } = totals(results);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {SuiteResult[]} results */
export function totals(results) {
  const sum = (count) => results.reduce((total, result) => total + count(result), 0);
  return {
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failures.length),
    skipped: sum((result) => result.skips.length),
  };
}

/** @param {SuiteResult[]} results @returns {string[]} */
export function table(results) {
  const width = Math.max(5, ...results.map((result) => result.name.length));
  const row = (name, ...cells) => `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const body = results.map(({ name, passed, failures, skips, seconds }) =>
    row(name, passed, failures.length, skips.length, seconds.toFixed(1)),
  );
  return [row('suite', 'passed', 'failed', 'skipped', 'seconds'), ...body];
}

/** @param {SuiteResult[]} results @returns {string[]} */
export function reasons(results) {
  const skips = results.flatMap((result) => result.skips.map(({ name, reason }) => `  ${name}: ${reason}`));
  const failures = results.flatMap((result) =>
    result.failures.map(({ name, text }) => `  ${name}: ${text.split('\n')[0]}`),
  );
  return [...section('skipped:', skips), ...section('failed:', failures)];
}

const section = (title, lines) => (lines.length === 0 ? [] : [title, ...lines, '']);
