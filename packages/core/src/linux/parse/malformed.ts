import { SilostatError } from '../../errors.ts';

/** A kernel file that does not look as it should. `what` says what is wrong with it, in a few words. */
export function malformed(file: string, what: string): SilostatError {
  return new SilostatError('ERR_PARSE', { subject: file, operation: 'parse', reason: `unexpected content: ${what}` });
}
