/**
 * What must not reach a terminal raw: control characters (they move the cursor, or start an escape sequence), bidirectional
 * overrides and marks (they reorder what stands beside them), invisible characters, line separators, half surrogates.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The text with every unsafe character shown as an escape: `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}

/** The same for JSON text, where such characters stand in strings alone: the document means the same. */
export function visibleJson(json: string): string {
  return json.replace(unsafe, (character) => (character === '\n' ? character : escapeUnits(character)));
}

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCharacter(character: string): string {
  const known = short[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++) {
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
