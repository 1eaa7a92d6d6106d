import { UNICODE_STRING } from './abi/object.ts';
import { STATUS_BUFFER_OVERFLOW, STATUS_BUFFER_TOO_SMALL, STATUS_INFO_LENGTH_MISMATCH } from './abi/status.ts';
import type { Handle } from './call/handle.ts';
import type { NativeMemory } from './call/memory.ts';
import { allocate } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { queryProcessText } from './call/process.ts';
import { parseUnicodeString } from './unicode-string.ts';

const usualSize = 1024;
/** A UNICODE_STRING and the longest text that it can name. */
const largestSize = UNICODE_STRING.size + 0x10000;

let answer: NativeMemory | undefined;

/** What a class of NtQueryInformationProcess that answers with a UNICODE_STRING says; undefined where Windows does not tell. */
export function readProcessText(process: Handle, informationClass: number): string | undefined {
  answer ??= allocate(usualSize);
  let status = queryProcessText(process, informationClass, answer);
  if (isShort(status) && answer.size < largestSize) {
    answer = allocate(largestSize);
    status = queryProcessText(process, informationClass, answer);
  }
  return succeeded(status) ? parseUnicodeString(answer, 0) : undefined;
}

function isShort(status: number): boolean {
  return (
    status === STATUS_INFO_LENGTH_MISMATCH || status === STATUS_BUFFER_TOO_SMALL || status === STATUS_BUFFER_OVERFLOW
  );
}
