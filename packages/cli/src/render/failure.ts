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

/** One line for people: what is listed is right, yet it need not be all. */
export function renderMissing(message: string): string[] {
  return [`silostat: there may be more than what is listed: ${visible(message)}`];
}

function oneLine(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
  const advice = isSilostatError(error) ? adviceOn(error) : undefined;
  return advice === undefined ? message : `${message}; ${advice}`;
}

/** What to type instead: the library cannot know. */
function adviceOn(error: SilostatError): string | undefined {
  if (error.code === 'ERR_AMBIGUOUS') return 'give one of';
  if (error.code === 'ERR_NOT_FOUND' && error.operation === 'open container') {
    return '"silostat ls --all" lists what there is';
  }
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
