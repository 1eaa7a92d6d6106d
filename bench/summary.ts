import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchResult, Row } from './harness.ts';
import type { Facts } from './machine.ts';
import { chartOf } from './picture.ts';
import { numberText } from './render.ts';

/** What bench/results has of one benchmark. */
interface Stored extends BenchResult {
  readonly facts: Facts;
}

type Results = ReadonlyMap<string, Stored>;

const root = fileURLToPath(new URL('../../', import.meta.url));
const results = `${root}bench/results/`;
const [begin, end] = ['<!-- written by npm run bench -->', '<!-- until here -->'];
const crowds = [0, 1000, 5000];
const curves = [
  ['ps -e (all of /proc)', '#b3541e'],
  ['ProcessList', '#6a8caf'],
  ['Statistics', '#1f4e79'],
] as const;

/** Brings the README's table and the picture up to what bench/results has. */
export function writeSummary(): void {
  const stored: Results = new Map(
    ['floor', 'growth', 'libraries', 'many'].flatMap((name) => {
      const file = `${results}${name}.json`;
      return existsSync(file) ? [[name, JSON.parse(readFileSync(file, 'utf8')) as Stored] as const] : [];
    }),
  );
  const readme = `${root}README.md`;
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), tableOf(stored)));
  const growth = stored.get('growth');
  if (growth !== undefined) writeFileSync(`${results}growth.svg`, pictureOf(growth));
}

/** Pure: the text with what stands between the two marks replaced. */
function withTable(text: string, table: string): string {
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`README.md has no ${begin} and ${end}`);
  return `${text.slice(0, start)}${begin}\n${table}\n${text.slice(stop)}`;
}

/** Pure: one line for each question that a reader has. What was not measured has no line. */
function tableOf(stored: Results): string {
  const row = (bench: string, name: string) => stored.get(bench)?.rows.find((each) => each.name === name);
  const line = (what: string, own: Row | undefined, beside: string, other: Row | undefined) =>
    own === undefined || other === undefined ? [] : [`| ${what} | ${shown(own)} | ${beside}: ${shown(other)} |`];
  const ps = 'ps -e (all of /proc)';
  const lines = [
    ...['Statistics', 'ProcessList'].flatMap((type) => {
      const what = `${type}, 10 processes`;
      return line(
        `${type} of a container with 10 processes`,
        row('floor', `${what}: silostat`),
        'the same system calls in C',
        row('floor', `${what}: C`),
      );
    }),
    ...line(
      'its Statistics, by the clock',
      row('libraries', 'silostat: Statistics'),
      'pidusage, handed the pids',
      row('libraries', 'pidusage'),
    ),
    ...line(
      'with 5,000 other processes on the host',
      row('growth', 'Statistics, 5000 bystanders'),
      '`ps -e`',
      row('growth', `${ps}, 5000 bystanders`),
    ),
    ...line(
      '1,000 containers sampled each second, of one processor',
      row('many', '1000 sampled: processor, of one'),
      'resident memory',
      row('many', '1000 sampled: resident memory'),
    ),
  ];
  const facts = stored.get('floor')?.facts;
  const where =
    facts === undefined
      ? ''
      : `\n\n${facts.processor}, ${facts.system}, Node ${facts.node}, ${facts.date.slice(0, 10)}.`;
  return `\n| | silostat | beside |\n|---|--:|---|\n${lines.join('\n')}${where}\n`;
}

function shown({ median, unit }: Row): string {
  return unit === 'µs' && median >= 1000 ? `${numberText(median / 1000)} ms` : `${numberText(median)} ${unit}`.trim();
}

/** Pure: what one reading costs as the host fills up. */
function pictureOf({ rows, facts }: Stored): string {
  const median = (name: string, count: number) =>
    rows.find((each) => each.name === `${name}, ${count} bystanders`)?.median ?? Number.NaN;
  return chartOf({
    title: 'One reading of a container with 10 processes, while other processes run on the host',
    below: `${facts.processor}, ${facts.system}, Node ${facts.node}, ${facts.date.slice(0, 10)}`,
    across: crowds.map((count) => `${count.toLocaleString('en-US')} others`),
    lines: curves.map(([name, colour]) => ({ name, colour, values: crowds.map((count) => median(name, count)) })),
  });
}
