const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const zero = /\p{M}/u;
const plain = /^[\x20-\x7e]*$/;

/** How many cells of a terminal the text takes. Control characters must have been made visible before. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text, cut so that it takes at most `width` cells; what was cut shows as an ellipsis. */
export function fitWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let used = 0;
  let fitted = '';
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    fitted += character;
  }
  return width > 0 ? `${fitted}…` : '';
}

function characterWidth(character: string): number {
  const code = character.charCodeAt(0);
  // Latin letters, and the lines, bars and blocks that tables are drawn with: no other class needs to be asked.
  if (code < 0x300 || (code >= 0x2500 && code < 0x25a0)) return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
