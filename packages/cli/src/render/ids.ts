const shortLength = 12;
const longHash = /^[0-9a-f]{32,}$/;

/** Ids as people know them: hashes cut to 12 digits, or to as many as tell them apart; others as they are. */
export function shortIds(ids: readonly string[]): string[] {
  const ordered = [...new Set(ids)].sort();
  // Whoever has most in common with an id stands beside it.
  const shortened = new Map(ordered.map((id, at) => [id, shorten(id, ordered[at - 1], ordered[at + 1])]));
  return ids.map((id) => shortened.get(id) ?? id);
}

function shorten(id: string, before: string | undefined, after: string | undefined): string {
  if (!longHash.test(id)) return id;
  return id.slice(0, Math.max(shortLength, commonLength(id, before) + 1, commonLength(id, after) + 1));
}

function commonLength(id: string, other = ''): number {
  let length = 0;
  while (length < id.length && id[length] === other[length]) length++;
  return length;
}
