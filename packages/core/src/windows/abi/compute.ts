/**
 * The Host Compute Service, as vmcompute.dll has it: notifications and HRESULTs.
 * https://learn.microsoft.com/virtualization/api/hcs/reference/hcshresult
 */

/** HCS_NOTIFICATION_TYPE: what a system's callback is told. */
export const HcsNotificationSystemExited = 0x1;
export const HcsNotificationSystemCreateCompleted = 0x2;
export const HcsNotificationSystemStartCompleted = 0x3;
export const HcsNotificationSystemPauseCompleted = 0x4;
export const HcsNotificationSystemResumeCompleted = 0x5;
export const HcsNotificationServiceDisconnect = 0x01000000;

/** The low 16 bits of HRESULTs of HCS; vmcompute.dll puts 0xC037 before them, computecore.dll 0x8037. */
export const HCS_E_TERMINATED_DURING_START = 0x100;
export const HCS_E_IMAGE_MISMATCH = 0x101;
export const HCS_E_HYPERV_NOT_INSTALLED = 0x102;
/** vmcompute.dll: a notification will tell how it ended. */
export const HCS_E_PENDING = 0x103;
export const HCS_E_INVALID_STATE = 0x105;
export const HCS_E_UNEXPECTED_EXIT = 0x106;
export const HCS_E_TERMINATED = 0x107;
export const HCS_E_CONNECT_FAILED = 0x108;
export const HCS_E_CONNECTION_TIMEOUT = 0x109;
export const HCS_E_CONNECTION_CLOSED = 0x10a;
export const HCS_E_UNKNOWN_MESSAGE = 0x10b;
export const HCS_E_UNSUPPORTED_PROTOCOL_VERSION = 0x10c;
export const HCS_E_INVALID_JSON = 0x10d;
export const HCS_E_SYSTEM_NOT_FOUND = 0x10e;
export const HCS_E_SYSTEM_ALREADY_EXISTS = 0x10f;
export const HCS_E_SYSTEM_ALREADY_STOPPED = 0x110;
export const HCS_E_PROTOCOL_ERROR = 0x111;
export const HCS_E_INVALID_LAYER = 0x112;
export const HCS_E_WINDOWS_INSIDER_REQUIRED = 0x113;
export const HCS_E_SERVICE_NOT_AVAILABLE = 0x114;
export const HCS_E_OPERATION_TIMEOUT = 0x118;
export const HCS_E_ACCESS_DENIED = 0x11b;
export const HCS_E_GUEST_CRITICAL_ERROR = 0x11c;
export const HCS_E_SERVICE_DISCONNECT = 0x11e;
export const HCS_E_PROCESS_ALREADY_STOPPED = 0x11f;
export const HCS_E_SYSTEM_NOT_CONFIGURED_FOR_OPERATION = 0x120;

/** What stands above them, without the bits that tell a failure. winerror.h */
export const FACILITY_WIN32 = 0x7;
export const FACILITY_HCS = 0x37;
export const E_NOTIMPL = 0x80004001;
export const E_NOINTERFACE = 0x80004002;
