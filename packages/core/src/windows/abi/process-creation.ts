/**
 * How processes are started: layouts and flags of processthreadsapi.h, winbase.h, wincon.h and winuser.h.
 * `size` and the members' offsets are bytes; x64 and arm64 are equal. Checked against a C compiler's by a test.
 * https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw
 */

export const STARTUPINFOW = {
  size: 104,
  cb: 0,
  lpDesktop: 16,
  lpTitle: 24,
  dwFlags: 60,
  wShowWindow: 64,
  hStdInput: 80,
  hStdOutput: 88,
  hStdError: 96,
} as const;

export const STARTUPINFOEXW = {
  size: 112,
  StartupInfo: 0,
  lpAttributeList: 104,
} as const;

export const PROCESS_INFORMATION = {
  size: 24,
  hProcess: 0,
  hThread: 8,
  dwProcessId: 16,
  dwThreadId: 20,
} as const;

export const SECURITY_ATTRIBUTES = {
  size: 24,
  nLength: 0,
  lpSecurityDescriptor: 8,
  bInheritHandle: 16,
} as const;

export const DETACHED_PROCESS = 0x8;
export const CREATE_NEW_PROCESS_GROUP = 0x200;
export const CREATE_UNICODE_ENVIRONMENT = 0x400;
export const EXTENDED_STARTUPINFO_PRESENT = 0x80000;
export const CREATE_NO_WINDOW = 0x8000000;

export const STARTF_USESHOWWINDOW = 0x1;
export const STARTF_USESTDHANDLES = 0x100;
export const SW_HIDE = 0;
export const SW_SHOWDEFAULT = 10;

export const PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x20002;
export const PROC_THREAD_ATTRIBUTE_JOB_LIST = 0x2000d;

/** Events of a console, as kernel32's CtrlRoutine takes them. */
export const CTRL_CLOSE_EVENT = 2;

/** Of RegisterWaitForSingleObject. */
export const WT_EXECUTEINWAITTHREAD = 0x4;
export const WT_EXECUTEONLYONCE = 0x8;
export const INFINITE = 0xffffffff;
