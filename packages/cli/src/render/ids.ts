const shortLength = 12;
const longHash = /^[0-9a-f]{32,}$/;

/** Ids as people know them: hashes cut to 12 digits, or to as many as tell them apart; others as they are. */
export function shortIds(ids: readonly string[]): string[] {
  return ids.map((id) => (longHash.test(id) ? shorten(id, ids) : id));
}

function shorten(id: string, ids: readonly string[]): string {
  let length = shortLength;
  while (length < id.length && ids.some((other) => other !== id && other.startsWith(id.slice(0, length)))) length++;
  return id.slice(0, length);
}
