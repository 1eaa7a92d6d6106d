import { isSilostatError, type SilostatError } from 'silostat';
import { visible } from './visible.ts';

/** One line for people; an ambiguous reference adds a line per candidate, `debug` the stack and the chain of causes. */
export function renderFailure(error: unknown, debug: boolean): string[] {
  const lines = [`silostat: ${visible(oneLine(error))}`];
  if (isSilostatError(error)) {
    for (const candidate of (error as SilostatError).candidates ?? []) lines.push(`  ${visible(candidate)}`);
  }
  if (debug) lines.push(...stackLines(error));
  return lines;
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = isSilostatError(error) ? hintOf(error) : undefined;
  const message = error.message.replace(/\s*\n\s*/g, ' ');
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** What to do about it, where the message itself cannot know. */
function hintOf(error: SilostatError): string | undefined {
  if (error.code === 'ERR_NOT_FOUND') return "'silostat ls --all' shows what there is";
  if (error.code === 'ERR_AMBIGUOUS') return 'give more of the id:';
  return undefined;
}

function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const stack = (at.stack ?? String(at)).split('\n');
    lines.push(...stack.map((line, index) => (index === 0 && depth > 0 ? `caused by ${line}` : line)).map(visible));
  }
  return lines;
}
