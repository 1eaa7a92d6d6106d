import { fitWidth } from './width.ts';

/** The keys of `top`, as its help and the documentation have them. */
export const topKeys: readonly (readonly [keys: string, does: string])[] = [
  ['q', 'quit (Ctrl-C too)'],
  ['Up Down j k', 'move the cursor'],
  ['PgUp PgDn Home End', 'move it further'],
  ['Enter t', 'processes of the container, as a tree; again or Esc: back'],
  ['s', 'sort by the next column'],
  ['c m n p', 'sort by CPU%, private memory, name, processes'],
  ['r', 'sort the other way round'],
  ['/', 'filter: what name, id, owner, pod or image contains; Enter keeps it, Esc clears it'],
  ['Space', 'pause, and go on'],
  ['+ -', 'read more often, less often'],
  ['Ctrl-L', 'draw the screen anew'],
  ['? h F1', 'this help; any key: back'],
];

/** The page of help, cut to the terminal. */
export function topHelp({ columns }: { columns: number }): string[] {
  const width = Math.max(...topKeys.map(([keys]) => keys.length));
  const lines = topKeys.map(([keys, does]) => `  ${keys.padEnd(width)}  ${does}`);
  const notes = [
    '',
    '  CPU% is of one processor. - is unknown, never 0; >= is a lower bound: some processes could not be read.',
    '  HISTORY is CPU%, the newest at the right; a whole bar is the largest shown, a tenth of a processor at least.',
  ];
  return [...lines, ...notes].map((line) => fitWidth(line, columns));
}
