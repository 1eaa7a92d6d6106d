import type { Sources } from './report.ts';

/** By content. There are a few dozen on any host; a caller who invents others must not fill the memory with them. */
const known = new Map<string, Sources>();
const mostKnown = 1000;

/** The same frozen object for the same content: thousands of containers are read from files of the same names. */
export function sharedSources(sources: Readonly<Record<string, string>>): Sources {
  const content = JSON.stringify(sources);
  const shared = known.get(content);
  if (shared !== undefined) return shared;
  if (known.size === mostKnown) known.clear();
  const frozen: Sources = Object.freeze({ ...sources });
  known.set(content, frozen);
  return frozen;
}
