const decoder = new TextDecoder();

/**
 * /proc/PID/cmdline: the arguments, each with a NUL behind it, as a process may have overwritten them. undefined for none, as kernel
 * threads and processes that are ending have.
 */
export function parseCommandLine(bytes: Uint8Array, length: number): string | undefined {
  let end = length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
  if (end === 0) return undefined;
  return decoder.decode(bytes.subarray(0, end)).replaceAll('\0', ' ');
}
