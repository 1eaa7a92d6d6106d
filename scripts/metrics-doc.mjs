// docs/metrics.md, made from the field catalogue and a hand-written part (metrics-doc/notes.md):
// `node scripts/metrics-doc.mjs` (after a build) writes it. A test says when it is no longer current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fields } from '../packages/core/dist/index.js';

const unitNames = {
  bytes: 'bytes',
  '100ns': '100 ns',
  count: 'count',
  processors: 'processors',
  timestamp: 'RFC 3339',
};

const types = {
  Statistics: 'Of the whole container. The members are those of the HCS schema.',
  ProcessList: 'Of each living process. `ProcessId`, `ImageName` and `CreateTimestamp` say which one it is.',
  Limits:
    'In force: the least of the container and what it stands in. `null` is no limit; the member that ends in `SetBy` has the cgroup whose limit it is.',
  Faults: 'Of all processes, those that have exited included.',
  Linux: "The kernel's own figures that HCS has no name for. Those of a list stand in each of its entries.",
};

const start = `# Metrics

<!-- Made by \`node scripts/metrics-doc.mjs\` from the field catalogue and scripts/metrics-doc/notes.md: change those. -->

Every figure that silostat knows, by property type. A *counter* only grows while the container lives; a *gauge* goes up and down.
Times are in units of 100 ns, sizes in bytes. PID is a process of the container. *Since* is the oldest kernel that has the figure
on cgroup v2, where that is later than cgroup v2 itself (4.5). A dash: that system does not have it.
`;

/** The whole text. */
export function metricsDoc() {
  const sections = Object.entries(types).map(([type, about]) => section(type, about));
  const notes = readFileSync(new URL('metrics-doc/notes.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');
  return [start, ...sections, notes].join('\n');
}

/** What its figures are, and where each is read. */
function section(type, about) {
  const rows = fields.filter(({ path }) => path.startsWith(`${type}.`));
  const meanings = rows.map((field) => [
    `\`${shown(field)}\``,
    field.meaning + (field.wraps === true ? ' Windows counts it in 32 bits: it may begin anew.' : ''),
    unitNames[field.unit],
    field.kind,
  ]);
  const sources = rows.map((field) => [
    `\`${shown(field)}\``,
    field.source.cgroup2 ?? '-',
    field.source.cgroup2 === undefined ? '-' : (field.sinceLinux ?? ''),
    field.source.cgroup1 ?? '-',
    field.source.windows ?? '-',
  ]);
  return [
    `## ${type}\n`,
    `${about}\n`,
    table(['figure', 'what it is', 'unit', 'kind'], meanings),
    table(['figure', 'cgroup v2', 'since', 'cgroup v1', 'Windows'], sources),
  ].join('\n');
}

/**
 * The path, with `[]` behind the list in whose entries it stands.
 * @param {import('../packages/core/dist/index.js').Field} field
 */
function shown({ path, each }) {
  return each === undefined ? path : path.replace(each, `${each}[]`);
}

function table(titles, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(titles) + line(titles.map(() => '---')) + rows.map(line).join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsDoc());
}
