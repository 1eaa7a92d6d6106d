import assert from 'node:assert/strict';
import type { Properties } from 'silostat';

/** Every member of a document by path, those of a process under `ProcessList[]`: what makes a document whole. */
export function memberPaths(document: object): Set<string> {
  const paths = new Set<string>();
  collect(document, '', paths);
  return paths;
}

function collect(value: unknown, path: string, paths: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, paths);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const memberPath = path === '' ? name : `${path}.${name}`;
      paths.add(memberPath);
      collect(member, memberPath, paths);
    }
  }
}

/**
 * Fails unless the document has the very members of one that was read undisturbed, each process included. Fewer processes
 * are no part of a document: they exit one by one before the container goes.
 */
export function assertWhole(document: Properties, undisturbed: Properties): void {
  const expected = memberPaths({ ...undisturbed, ProcessList: [] });
  assert.deepEqual(memberPaths({ ...document, ProcessList: [] }), expected);
  const [example] = undisturbed.ProcessList ?? [];
  for (const process of document.ProcessList ?? []) {
    assert.deepEqual(Object.keys(process), Object.keys(example ?? {}));
  }
  assert.ok(Array.isArray(document.ProcessList) === Array.isArray(undisturbed.ProcessList));
}
