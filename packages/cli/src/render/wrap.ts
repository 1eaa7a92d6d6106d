import { displayWidth } from './width.ts';

/** `start`, then the words of `text`, on lines of at most `width` cells; what does not fit hangs under the first word. */
export function wrap(start: string, text: string, width: number): string[] {
  const indent = displayWidth(start);
  const room = Math.max(24, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((part, at) => `${at === 0 ? start : ' '.repeat(indent)}${part}`);
}
