/** A JSON object of a document. */
type Members = Readonly<Record<string, unknown>>;

/**
 * One document out of two: members of `first` win, members that it lacks come from `second`, objects are merged member by
 * member, arrays are taken whole. Neither input is changed.
 */
export function mergeDocuments<T extends object>(first: T, second: object): T {
  const merged = new Map<string, unknown>(Object.entries(first));
  for (const [name, theirs] of Object.entries(second)) {
    const ours = merged.get(name) ?? undefined;
    if (ours === undefined) merged.set(name, theirs);
    else if (isMembers(ours) && isMembers(theirs)) merged.set(name, mergeDocuments(ours, theirs));
  }
  return Object.fromEntries(merged) as T;
}

/** The paths of all leaves that `second` has and `first` lacks, as "A.B". */
export function pathsAdded(first: object | undefined, second: object, prefix = ''): string[] {
  const paths: string[] = [];
  for (const [name, theirs] of Object.entries(second)) {
    const ours = memberOf(first, name);
    const path = `${prefix}${name}`;
    if (ours === undefined && !isMembers(theirs)) paths.push(path);
    else if (isMembers(theirs) && (ours === undefined || isMembers(ours)))
      paths.push(...pathsAdded(ours, theirs, `${path}.`));
  }
  return paths;
}

/** A copy without the member at a path such as "Memory.MemoryUsageCommitBytes". */
export function withoutMember<T extends object>(document: T, path: string): T {
  const [name = '', ...rest] = path.split('.');
  const { [name]: member, ...others } = document as Members;
  if (rest.length === 0) return others as T;
  if (!isMembers(member)) return document;
  return { ...others, [name]: withoutMember(member, rest.join('.')) } as T;
}

/** True where a document has something other than null at a path. */
export function hasMember(document: unknown, path: string): boolean {
  return path.split('.').reduce(memberOf, document) !== undefined;
}

/** The member of that name; undefined where there is none, or it is null. */
function memberOf(document: unknown, name: string): unknown {
  return isMembers(document) && Object.hasOwn(document, name) ? (document[name] ?? undefined) : undefined;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
