import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Puts a text into a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Whether a stream is to have colours was decided before: here they are always made. */
export const coloured: Paint = (style, text) => (text === '' ? '' : styleText(style, text, alwaysStyled));

/** Node 20 knows no such option, and always makes them. */
const alwaysStyled = { validateStream: false };
