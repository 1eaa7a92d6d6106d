const shortLength = 12;
const longHash = /^[0-9a-f]{32,}$/;

/** Ids as people know them: hashes cut to 12 digits, or to as many as tell them apart; others as they are. */
export function shortIds(ids: readonly string[]): readonly string[] {
  if (last?.ids.length !== ids.length || !last.ids.every((id, at) => id === ids[at])) {
    last = { ids, shortened: shortened(ids) };
  }
  return last.shortened;
}

/** Who shows the same containers again and again asks for the same ids. */
let last: { readonly ids: readonly string[]; readonly shortened: readonly string[] } | undefined;

function shortened(ids: readonly string[]): string[] {
  const ordered = [...new Set(ids)].sort();
  // Whoever has most in common with an id stands beside it.
  const byId = new Map(ordered.map((id, at) => [id, shorten(id, ordered[at - 1], ordered[at + 1])]));
  return ids.map((id) => byId.get(id) ?? id);
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
