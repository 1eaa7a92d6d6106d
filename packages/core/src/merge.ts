/** A JSON object of a document. */
type Members = Record<string, unknown>;

/**
 * One document out of two: members of `first` win, members that it lacks come from `second`, objects are merged member by
 * member, arrays are taken whole. Neither input is changed.
 */
export function mergeDocuments<T extends object>(first: T, second: object): T {
  const merged: Members = { ...(first as Members) };
  for (const [name, theirs] of Object.entries(second)) {
    const ours = merged[name];
    if (ours === undefined || ours === null) merged[name] = theirs;
    else if (isMembers(ours) && isMembers(theirs)) merged[name] = mergeDocuments(ours, theirs);
  }
  return merged as T;
}

/** The paths of all leaves that `second` has and `first` lacks, as "A.B". */
export function pathsAdded(first: object | undefined, second: object, prefix = ''): string[] {
  const paths: string[] = [];
  for (const [name, theirs] of Object.entries(second)) {
    const ours = (first as Members | undefined)?.[name];
    const path = `${prefix}${name}`;
    if (isMembers(theirs)) paths.push(...pathsAdded(isMembers(ours) ? ours : undefined, theirs, `${path}.`));
    else if (ours === undefined || ours === null) paths.push(path);
  }
  return paths;
}

/** A copy without the member at a path such as "Memory.MemoryUsageCommitBytes". */
export function withoutMember<T extends object>(document: T, path: string): T {
  const [name = '', ...rest] = path.split('.');
  const { [name]: member, ...others } = document as Members;
  if (rest.length === 0 || !isMembers(member)) return others as T;
  return { ...others, [name]: withoutMember(member, rest.join('.')) } as T;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
