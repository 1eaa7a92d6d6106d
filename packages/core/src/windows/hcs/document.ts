import { SilostatError } from '../../errors.ts';
import type { Absences, Reason } from '../../report.ts';
import type { Attempt } from '../errors.ts';

/** A JSON document of HCS. */
export interface HcsDocument {
  readonly value: unknown;
  /** Members that were left out, by path ("Statistics.Memory.X"; members of a list's items without a number). */
  readonly absent: Absences;
}

/** A text, or a number that is a token of its own. */
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const manyDigits = /\d{16}/;
/** Stands before the digits of a number that would be rounded. */
const mark = '\0';
/** Where every figure is an unsigned integer, and what those are called. */
const figureSections = /^(?:Statistics|ProcessList)\./;
const figureName = /(?:Bytes|100ns|Normalized|ProcessId)$/;

/**
 * Parses what HCS wrote. An integer above 2^53, which JSON.parse would round, and a figure that is no unsigned integer are
 * left out, and stand in `absent`.
 * @throws SilostatError ERR_SERVICE for no text at all, ERR_PARSE for what is no JSON
 */
export function parseDocument(text: string | undefined, attempt: Attempt): HcsDocument {
  if (text === undefined || text === '') {
    throw new SilostatError('ERR_SERVICE', { ...attempt, reason: 'HCS gave an empty answer' });
  }
  const absent: Record<string, Reason> = {};
  try {
    const value: unknown = JSON.parse(manyDigits.test(text) ? text.replace(textOrNumber, markLarge) : text);
    return { value: withoutUnusable(value, '', absent), absent };
  } catch (cause) {
    // The message of JSON.parse quotes the text.
    const reason = `HCS gave ${text.length} characters that are no JSON`;
    throw new SilostatError('ERR_PARSE', { ...attempt, reason, cause });
  }
}

/** The document as an object. @throws SilostatError ERR_PARSE */
export function parseObject(text: string | undefined, attempt: Attempt): HcsDocument & { value: object } {
  const { value, absent } = parseDocument(text, attempt);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value, absent };
  throw new SilostatError('ERR_PARSE', { ...attempt, reason: 'HCS gave JSON that is no object' });
}

function markLarge(token: string): string {
  return token.startsWith('"') || Math.abs(Number(token)) <= Number.MAX_SAFE_INTEGER ? token : `"\\u0000${token}"`;
}

function withoutUnusable(value: unknown, path: string, absent: Record<string, Reason>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutUnusable(item, path, absent));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const at = path === '' ? name : `${path}.${name}`;
    const reason = unusable(member, name, at);
    if (reason === undefined) return [[name, withoutUnusable(member, at, absent)]];
    absent[at] = reason;
    return [];
  });
  return Object.fromEntries(members);
}

function unusable(member: unknown, name: string, path: string): Reason | undefined {
  if (typeof member === 'string' && member.startsWith(mark)) {
    const digits = member.slice(mark.length);
    return { code: 'ERR_UNSUPPORTED', message: `${digits} is above 2^53, beyond what a number can hold` };
  }
  if (member === null || !figureSections.test(path) || !figureName.test(name)) return undefined;
  if (Number.isSafeInteger(member) && (member as number) >= 0) return undefined;
  return {
    code: 'ERR_PARSE',
    message: `HCS gave ${JSON.stringify(member).slice(0, 40)}, which is no unsigned integer`,
  };
}
