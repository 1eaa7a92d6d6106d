/**
 * Job objects: layouts, information classes, rights, flags and messages of winnt.h, jobapi2.h and ntpsapi.h.
 * `size` and the members' offsets are bytes; x64 and arm64 are equal. Checked against a C compiler's by a test.
 * https://learn.microsoft.com/windows/win32/api/winnt/ne-winnt-jobobjectinfoclass
 */

export const JOBOBJECT_BASIC_ACCOUNTING_INFORMATION = {
  size: 48,
  TotalUserTime: 0,
  TotalKernelTime: 8,
  ThisPeriodTotalUserTime: 16,
  ThisPeriodTotalKernelTime: 24,
  TotalPageFaultCount: 32,
  TotalProcesses: 36,
  ActiveProcesses: 40,
  TotalTerminatedProcesses: 44,
} as const;

export const IO_COUNTERS = {
  size: 48,
  ReadOperationCount: 0,
  WriteOperationCount: 8,
  OtherOperationCount: 16,
  ReadTransferCount: 24,
  WriteTransferCount: 32,
  OtherTransferCount: 40,
} as const;

export const JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION = {
  size: 96,
  BasicInfo: 0,
  IoInfo: 48,
} as const;

export const JOBOBJECT_BASIC_LIMIT_INFORMATION = {
  size: 64,
  PerProcessUserTimeLimit: 0,
  PerJobUserTimeLimit: 8,
  LimitFlags: 16,
  MinimumWorkingSetSize: 24,
  MaximumWorkingSetSize: 32,
  ActiveProcessLimit: 40,
  Affinity: 48,
  PriorityClass: 56,
  SchedulingClass: 60,
} as const;

export const JOBOBJECT_EXTENDED_LIMIT_INFORMATION = {
  size: 144,
  BasicLimitInformation: 0,
  IoInfo: 64,
  ProcessMemoryLimit: 112,
  JobMemoryLimit: 120,
  PeakProcessMemoryUsed: 128,
  PeakJobMemoryUsed: 136,
} as const;

/** Its size with one slot. n slots take `ProcessIdList` + 8 n bytes. */
export const JOBOBJECT_BASIC_PROCESS_ID_LIST = {
  size: 16,
  NumberOfAssignedProcesses: 0,
  NumberOfProcessIdsInList: 4,
  ProcessIdList: 8,
} as const;

export const JOBOBJECT_ASSOCIATE_COMPLETION_PORT = {
  size: 16,
  CompletionKey: 0,
  CompletionPort: 8,
} as const;

export const JOBOBJECT_CPU_RATE_CONTROL_INFORMATION = {
  size: 8,
  ControlFlags: 0,
  CpuRate: 4,
  Weight: 4,
  MinRate: 4,
  MaxRate: 6,
} as const;

export const JOBOBJECT_MEMORY_USAGE_INFORMATION = {
  size: 16,
  JobMemory: 0,
  PeakJobMemoryUsed: 8,
} as const;

export const JOBOBJECT_IO_ATTRIBUTION_STATS = {
  size: 32,
  IoCount: 0,
  TotalNonOverlappedQueueTime: 8,
  TotalNonOverlappedServiceTime: 16,
  TotalSize: 24,
} as const;

export const JOBOBJECT_IO_ATTRIBUTION_INFORMATION = {
  size: 72,
  ControlFlags: 0,
  ReadStats: 8,
  WriteStats: 40,
} as const;

export const SILOOBJECT_BASIC_INFORMATION = {
  size: 16,
  SiloId: 0,
  SiloParentId: 4,
  NumberOfProcesses: 8,
  IsInServerSilo: 12,
} as const;

/** Values of JOBOBJECTINFOCLASS. */
export const JobObjectBasicAccountingInformation = 1;
export const JobObjectBasicProcessIdList = 3;
export const JobObjectAssociateCompletionPortInformation = 7;
export const JobObjectBasicAndIoAccountingInformation = 8;
export const JobObjectExtendedLimitInformation = 9;
export const JobObjectCpuRateControlInformation = 15;
export const JobObjectMemoryUsageInformation = 28;
export const JobObjectSiloBasicInformation = 36;
export const JobObjectIoAttribution = 42;

export const JOB_OBJECT_ASSIGN_PROCESS = 0x1;
export const JOB_OBJECT_SET_ATTRIBUTES = 0x2;
export const JOB_OBJECT_QUERY = 0x4;
export const JOB_OBJECT_TERMINATE = 0x8;

export const JOB_OBJECT_LIMIT_ACTIVE_PROCESS = 0x8;
export const JOB_OBJECT_LIMIT_JOB_MEMORY = 0x200;
export const JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;

export const JOB_OBJECT_CPU_RATE_CONTROL_ENABLE = 0x1;
export const JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED = 0x2;
export const JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP = 0x4;
export const JOB_OBJECT_CPU_RATE_CONTROL_MIN_MAX_RATE = 0x10;

export const JOBOBJECT_IO_ATTRIBUTION_CONTROL_ENABLE = 0x1;

/** Messages that a job sends to its completion port; dwNumberOfBytesTransferred of the packet. */
export const JOB_OBJECT_MSG_END_OF_JOB_TIME = 1;
export const JOB_OBJECT_MSG_END_OF_PROCESS_TIME = 2;
export const JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT = 3;
export const JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO = 4;
export const JOB_OBJECT_MSG_NEW_PROCESS = 6;
export const JOB_OBJECT_MSG_EXIT_PROCESS = 7;
export const JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS = 8;
export const JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT = 9;
export const JOB_OBJECT_MSG_JOB_MEMORY_LIMIT = 10;
export const JOB_OBJECT_MSG_NOTIFICATION_LIMIT = 11;
export const JOB_OBJECT_MSG_JOB_CYCLE_TIME_LIMIT = 12;
export const JOB_OBJECT_MSG_SILO_TERMINATED = 13;
