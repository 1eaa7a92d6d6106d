import { SilostatError } from '../../errors.ts';

/** What a reference can match. */
export interface Nameable {
  readonly id: string;
  readonly cgroupPath: string;
  readonly names: readonly string[];
}

const shortestPrefix = 3;

/**
 * The one that an id, a name or a prefix means: an exact id, else an exact name, else a prefix of 3 characters or more of
 * an id or name. With each rule the containers come first, and what only `ls --all` shows after them.
 * @throws SilostatError ERR_NOT_FOUND, ERR_AMBIGUOUS with `candidates`.
 */
export function resolveReference<T extends Nameable>(name: string, containers: readonly T[], others: readonly T[]): T {
  const rules: ((candidate: T) => boolean)[] = [
    (candidate) => candidate.id === name,
    (candidate) => candidate.names.includes(name),
  ];
  if (name.length >= shortestPrefix) {
    rules.push(({ id, names }) => id.startsWith(name) || names.some((candidate) => candidate.startsWith(name)));
  }
  for (const rule of rules) {
    for (const group of [containers, others]) {
      const matches = group.filter(rule);
      if (matches.length > 1) throw ambiguous(name, matches);
      if (matches[0] !== undefined) return matches[0];
    }
  }
  throw notFound(name);
}

export function notFound(reference: string): SilostatError {
  const isShort = reference.length < shortestPrefix;
  return new SilostatError('ERR_NOT_FOUND', {
    subject: reference,
    operation: 'open container',
    reason: `no container or cgroup is called so${isShort ? ` (a prefix needs ${shortestPrefix} characters)` : ''}`,
  });
}

function ambiguous(name: string, matches: readonly Nameable[]): SilostatError {
  const ids = matches.map((match) => match.id);
  // The same id twice (a container of that id in a container): then only the paths tell them apart.
  const candidates = new Set(ids).size === ids.length ? ids : matches.map((match) => match.cgroupPath);
  return new SilostatError('ERR_AMBIGUOUS', {
    subject: name,
    operation: 'open container',
    reason: `${matches.length} containers match`,
    candidates: candidates.toSorted(),
  });
}
