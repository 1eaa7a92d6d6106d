/**
 * Pipes and files: flags of winbase.h, fileapi.h and winnt.h.
 * https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createnamedpipew
 */

/** The server reads, the client writes. */
export const PIPE_ACCESS_INBOUND = 0x1;
/** The server writes, the client reads. */
export const PIPE_ACCESS_OUTBOUND = 0x2;
export const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000;
export const FILE_FLAG_OVERLAPPED = 0x40000000;
export const PIPE_REJECT_REMOTE_CLIENTS = 0x8;

export const GENERIC_READ = 0x80000000;
export const GENERIC_WRITE = 0x40000000;
export const FILE_SHARE_READ = 0x1;
export const FILE_SHARE_WRITE = 0x2;
export const OPEN_EXISTING = 3;

export const DUPLICATE_SAME_ACCESS = 0x2;
