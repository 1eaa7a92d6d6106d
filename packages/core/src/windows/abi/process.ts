/**
 * Processes: layouts, information classes and rights of winnt.h, winternl.h and ntpsapi.h.
 * `size` and the members' offsets are bytes; x64 and arm64 are equal. Checked against a C compiler's by a test.
 * https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess
 */

/** VM_COUNTERS_EX2 of Windows 10 1607. Its first 88 bytes are VM_COUNTERS, its first 96 VM_COUNTERS_EX. */
export const VM_COUNTERS_EX2 = {
  size: 112,
  PeakVirtualSize: 0,
  VirtualSize: 8,
  PageFaultCount: 16,
  PeakWorkingSetSize: 24,
  WorkingSetSize: 32,
  QuotaPeakPagedPoolUsage: 40,
  QuotaPagedPoolUsage: 48,
  QuotaPeakNonPagedPoolUsage: 56,
  QuotaNonPagedPoolUsage: 64,
  PagefileUsage: 72,
  PeakPagefileUsage: 80,
  PrivateUsage: 88,
  PrivateWorkingSetSize: 96,
  SharedCommitUsage: 104,
} as const;

export const VM_COUNTERS_EX = { size: 96 } as const;

/** Times are FILETIMEs: 100 ns, the first two since 1601-01-01 UTC. */
export const KERNEL_USER_TIMES = {
  size: 32,
  CreateTime: 0,
  ExitTime: 8,
  KernelTime: 16,
  UserTime: 24,
} as const;

/** ExitStatus and BasePriority are 4 bytes, the rest is as wide as a pointer. */
export const PROCESS_BASIC_INFORMATION = {
  size: 48,
  ExitStatus: 0,
  PebBaseAddress: 8,
  AffinityMask: 16,
  BasePriority: 24,
  UniqueProcessId: 32,
  InheritedFromUniqueProcessId: 40,
} as const;

/** The part before the threads (80 bytes each). */
export const SYSTEM_PROCESS_INFORMATION = {
  size: 256,
  NextEntryOffset: 0,
  NumberOfThreads: 4,
  WorkingSetPrivateSize: 8,
  HardFaultCount: 16,
  NumberOfThreadsHighWatermark: 20,
  CycleTime: 24,
  CreateTime: 32,
  UserTime: 40,
  KernelTime: 48,
  ImageName: 56,
  BasePriority: 72,
  UniqueProcessId: 80,
  InheritedFromUniqueProcessId: 88,
  HandleCount: 96,
  SessionId: 100,
  UniqueProcessKey: 104,
  PeakVirtualSize: 112,
  VirtualSize: 120,
  PageFaultCount: 128,
  PeakWorkingSetSize: 136,
  WorkingSetSize: 144,
  QuotaPeakPagedPoolUsage: 152,
  QuotaPagedPoolUsage: 160,
  QuotaPeakNonPagedPoolUsage: 168,
  QuotaNonPagedPoolUsage: 176,
  PagefileUsage: 184,
  PeakPagefileUsage: 192,
  PrivatePageCount: 200,
  ReadOperationCount: 208,
  WriteOperationCount: 216,
  OtherOperationCount: 224,
  ReadTransferCount: 232,
  WriteTransferCount: 240,
  OtherTransferCount: 248,
} as const;

/** Values of PROCESSINFOCLASS. */
export const ProcessBasicInformation = 0;
export const ProcessVmCounters = 3;
export const ProcessTimes = 4;
export const ProcessImageFileName = 27;
/** Windows 8.1. */
export const ProcessCommandLineInformation = 60;

/** Value of SYSTEM_INFORMATION_CLASS. */
export const SystemProcessInformation = 5;

export const PROCESS_TERMINATE = 0x1;
export const PROCESS_SET_QUOTA = 0x100;
export const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
export const PROCESS_CREATE_THREAD = 0x2;
export const PROCESS_VM_OPERATION = 0x8;
export const PROCESS_VM_READ = 0x10;
export const PROCESS_VM_WRITE = 0x20;
export const PROCESS_QUERY_INFORMATION = 0x400;
