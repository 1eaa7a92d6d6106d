/**
 * A node:test reporter for the runner: one JSON line per finished test, and a last line that says the file came to its end.
 * A file that exits early or is killed leaves no such line, and is therefore a failure (node's own summaries hide it).
 */
import { inspect } from 'node:util';

/** @param {AsyncIterable<{ type: string, data?: any }>} events */
export default async function* reporter(events) {
  /** @type {string[]} */
  const names = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') names.length = data.nesting;
    if (type === 'test:start') names[data.nesting] = data.name;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const line = toLine(type === 'test:pass', data, [...names.slice(0, data.nesting), data.name].join(' > '));
    if (line) yield `${JSON.stringify(line)}\n`;
  }
  yield `${JSON.stringify({ end: true })}\n`;
}

/** A group is not a test: it counts only when it was skipped whole, or failed by itself (a hook) and not by its tests. */
function toLine(passed, data, name) {
  const { skip, todo, details } = data;
  if (isSet(skip)) return { name, status: 'skipped', reason: text(skip, 'skipped') };
  if (isSet(todo)) return { name, status: 'skipped', reason: `to do: ${text(todo, 'unfinished')}` };
  if (!passed && details.error?.failureType === 'subtestsFailed') return undefined;
  if (!passed) return { name, status: 'failed', text: describe(details.error) };
  if (details.type === 'suite') return undefined;
  return { name, status: 'passed' };
}

const isSet = (mark) => mark !== undefined && mark !== false;
const text = (mark, otherwise) => (typeof mark === 'string' && mark !== '' ? mark : otherwise);

function describe(error) {
  const cause = error?.cause ?? error;
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 6 });
}
