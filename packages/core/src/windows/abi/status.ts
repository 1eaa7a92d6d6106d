/** NTSTATUS values, as the unsigned numbers that everybody knows. As a signed one, a failure is negative. ntstatus.h */
export const STATUS_SUCCESS = 0;
/** Wine's answer to a list that did not fit. */
export const STATUS_MORE_ENTRIES = 0x105;
export const STATUS_BUFFER_OVERFLOW = 0x80000005;
export const STATUS_NO_MORE_ENTRIES = 0x8000001a;
export const STATUS_NOT_IMPLEMENTED = 0xc0000002;
export const STATUS_INVALID_INFO_CLASS = 0xc0000003;
export const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004;
export const STATUS_INVALID_HANDLE = 0xc0000008;
export const STATUS_INVALID_CID = 0xc000000b;
export const STATUS_INVALID_PARAMETER = 0xc000000d;
export const STATUS_NO_MEMORY = 0xc0000017;
export const STATUS_ACCESS_DENIED = 0xc0000022;
export const STATUS_BUFFER_TOO_SMALL = 0xc0000023;
export const STATUS_OBJECT_TYPE_MISMATCH = 0xc0000024;
export const STATUS_OBJECT_NAME_INVALID = 0xc0000033;
export const STATUS_OBJECT_NAME_NOT_FOUND = 0xc0000034;
export const STATUS_OBJECT_NAME_COLLISION = 0xc0000035;
export const STATUS_OBJECT_PATH_NOT_FOUND = 0xc000003a;
export const STATUS_OBJECT_PATH_SYNTAX_BAD = 0xc000003b;
export const STATUS_PRIVILEGE_NOT_HELD = 0xc0000061;
export const STATUS_INSUFFICIENT_RESOURCES = 0xc000009a;
export const STATUS_NOT_SUPPORTED = 0xc00000bb;
export const STATUS_PROCESS_IS_TERMINATING = 0xc000010a;
export const STATUS_NOT_FOUND = 0xc0000225;

/** Win32 error codes. winerror.h */
export const ERROR_INVALID_FUNCTION = 1;
export const ERROR_FILE_NOT_FOUND = 2;
export const ERROR_PATH_NOT_FOUND = 3;
export const ERROR_ACCESS_DENIED = 5;
export const ERROR_INVALID_HANDLE = 6;
export const ERROR_BAD_LENGTH = 24;
export const ERROR_NOT_SUPPORTED = 50;
export const ERROR_INVALID_PARAMETER = 87;
export const ERROR_INSUFFICIENT_BUFFER = 122;
export const ERROR_INVALID_NAME = 123;
export const ERROR_PROC_NOT_FOUND = 127;
export const ERROR_BAD_PATHNAME = 161;
export const ERROR_ALREADY_EXISTS = 183;
export const ERROR_MORE_DATA = 234;
export const WAIT_TIMEOUT = 258;
export const ERROR_NOT_FOUND = 1168;
