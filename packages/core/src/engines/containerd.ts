import type { EngineFacts } from './facts.ts';
import { factsIn } from './facts.ts';
import { textsAt } from './json-member.ts';
import { annotationFacts } from './kubernetes.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * What the OCI bundle of a containerd task tells, whatever its namespace.
 * @param tasks where in the folder the namespaces lie
 * @param namespaces the names of them
 */
export function readContainerdFacts(
  folder: StateFolder,
  tasks: string,
  id: string,
  namespaces: readonly string[] = folder.foldersIn(tasks),
): EngineFacts | undefined {
  for (const namespace of namespaces) {
    const facts = factsIn(folder.readJson(`${tasks}/${namespace}/${id}/config.json`), parseBundle);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

function parseBundle(json: unknown): Omit<EngineFacts, 'problems'> {
  return annotationFacts(textsAt(json, 'annotations') ?? {});
}
