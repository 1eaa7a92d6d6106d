/**
 * I/O completion ports: layouts and constants of minwinbase.h.
 * https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-overlapped_entry
 */

export const OVERLAPPED_ENTRY = {
  size: 32,
  lpCompletionKey: 0,
  lpOverlapped: 8,
  Internal: 16,
  dwNumberOfBytesTransferred: 24,
} as const;

/** As a bit pattern of 64 bits: -1. */
export const INVALID_HANDLE_VALUE = -1;
