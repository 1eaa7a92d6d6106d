/** The member of a JSON document at a path of keys; undefined where there is none. */
function memberAt(json: unknown, keys: readonly string[]): unknown {
  let value = json;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A text that is not empty. */
export function textAt(json: unknown, ...keys: string[]): string | undefined {
  const value = memberAt(json, keys);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The members of an object that are texts; undefined where there is no object, or none in it. */
export function textsAt(json: unknown, ...keys: string[]): Record<string, string> | undefined {
  const value = memberAt(json, keys);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** The items of an array; none where there is no array. */
export function itemsAt(json: unknown, ...keys: string[]): readonly unknown[] {
  const value = memberAt(json, keys);
  return Array.isArray(value) ? value : [];
}
