import type { BenchResult, Check, Row } from './harness.ts';
import type { Facts } from './machine.ts';

/** Pure: the table for a terminal. */
export function textOf({ rows, checks, notes = [] }: BenchResult, judged: boolean): string {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const lines = rows.map((row) => {
    const note = [spreadText(row), row.note].filter((part) => part !== '' && part !== undefined).join('   ');
    return `  ${row.name.padEnd(width)} ${numberText(row.median).padStart(10)} ${row.unit.padEnd(2)} ${note}`.trimEnd();
  });
  return [
    ...lines,
    ...notes.map((note) => `  ${note}`),
    ...checks.map((check) => `  ${verdictText(check, judged)}`),
  ].join('\n');
}

/** Pure: the same as Markdown, for bench/results. */
export function markdownOf(title: string, about: string, facts: Facts, result: BenchResult): string {
  const rows = result.rows.map((row) => {
    return `| ${row.name} | ${numberText(row.median)} ${row.unit} | ${spreadText(row)} | ${row.note ?? ''} |`;
  });
  const checks = result.checks.map(({ what, value, limit, holds }) => {
    return `| ${what} | ${numberText(value)} | ${limit} | ${holds ? 'yes' : '**no**'} |`;
  });
  return [
    `# ${title}`,
    about,
    `${facts.date} UTC, ${facts.system}, ${facts.processor}, ${facts.memory}, Node ${facts.node}, commit ${facts.commit}, load ${facts.load} at the beginning.`,
    ['| | median | quartiles | |', '|---|--:|---|---|', ...rows].join('\n'),
    checks.length === 0 ? '' : ['| must hold | | limit | holds |', '|---|--:|---|---|', ...checks].join('\n'),
    (result.notes ?? []).map((note) => `- ${note}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function verdictText({ what, value, limit, holds }: Check, judged: boolean): string {
  const verdict = judged ? (holds ? 'holds' : 'DOES NOT HOLD') : 'not judged';
  return `${what}: ${numberText(value)} (${limit}) ${verdict}`;
}

function spreadText({ low, high }: Row): string {
  return low === undefined || high === undefined ? '' : `${numberText(low)} … ${numberText(high)}`;
}

/** Three digits that count: more would be noise. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value)) return String(value);
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(3, Math.max(0, 2 - digits)));
}
