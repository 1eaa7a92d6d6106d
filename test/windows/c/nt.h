/*
 * The part of the NT interface that the headers of mingw-w64 10 lack, written out from its documentation.
 * x64 and arm64 have the same layouts. Types have names of our own, since newer headers have some of them.
 */
#ifndef SILOSTAT_NT_H
#define SILOSTAT_NT_H

#include <windows.h>
#include <winternl.h>

/* https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-queryinformationjobobject
 * and, for the classes that it does not name, JOBOBJECTINFOCLASS of ntpsapi.h:
 * https://github.com/winsiderss/systeminformer/blob/master/phnt/include/ntpsapi.h */
enum {
    JobMemoryUsageInformation = 28,
    JobCreateSilo = 35,
    JobSiloBasicInformation = 36,
    JobIoAttribution = 42,
};

/* https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess and ntpsapi.h */
#define ProcessBasicClass ((PROCESSINFOCLASS)0)
#define ProcessIoCountersClass ((PROCESSINFOCLASS)2)
#define ProcessVmCountersClass ((PROCESSINFOCLASS)3)
#define ProcessTimesClass ((PROCESSINFOCLASS)4)
#define ProcessImageFileNameClass ((PROCESSINFOCLASS)27)

#define SystemProcessClass ((SYSTEM_INFORMATION_CLASS)5)
#define ObjectBasicClass ((OBJECT_INFORMATION_CLASS)0)
#define ObjectNameClass ((OBJECT_INFORMATION_CLASS)1)
#define ObjectHandleFlagClass ((OBJECT_INFORMATION_CLASS)4)

#ifndef PROCESS_QUERY_LIMITED_INFORMATION
#define PROCESS_QUERY_LIMITED_INFORMATION 0x1000
#endif

#define NT_OK(status) ((NTSTATUS)(status) >= 0)
#define NT_SUCCESS_STATUS ((NTSTATUS)0x00000000)
#define NT_PROCESS_IN_JOB ((NTSTATUS)0x00000124)
#define NT_MORE_ENTRIES ((NTSTATUS)0x00000105)
#define NT_BUFFER_OVERFLOW ((NTSTATUS)0x80000005)
#define NT_INFO_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)
#define NT_INVALID_HANDLE ((NTSTATUS)0xC0000008)
#define NT_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define NT_ACCESS_DENIED ((NTSTATUS)0xC0000022)
#define NT_PROCESS_IS_TERMINATING ((NTSTATUS)0xC000010A)
#define NT_NOT_FOUND ((NTSTATUS)0xC0000225)

/* VM_COUNTERS_EX2 of ntpsapi.h. Same members as PROCESS_MEMORY_COUNTERS_EX2 behind its PageFaultCount, with the virtual
 * sizes before them: https://learn.microsoft.com/windows/win32/api/psapi/ns-psapi-process_memory_counters_ex2
 * VM_COUNTERS ends before PrivateUsage, VM_COUNTERS_EX before PrivateWorkingSetSize. ntpsapi.h */
typedef struct {
    SIZE_T PeakVirtualSize;
    SIZE_T VirtualSize;
    ULONG PageFaultCount;
    SIZE_T PeakWorkingSetSize;
    SIZE_T WorkingSetSize;
    SIZE_T QuotaPeakPagedPoolUsage;
    SIZE_T QuotaPagedPoolUsage;
    SIZE_T QuotaPeakNonPagedPoolUsage;
    SIZE_T QuotaNonPagedPoolUsage;
    SIZE_T PagefileUsage;
    SIZE_T PeakPagefileUsage;
    SIZE_T PrivateUsage;
    SIZE_T PrivateWorkingSetSize;
    ULONG64 SharedCommitUsage;
} MEMORY_COUNTERS;

/* SYSTEM_PROCESS_INFORMATION:
 * https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntquerysysteminformation
 * with the members that Microsoft calls reserved named as in ntexapi.h, without the threads that follow. */
typedef struct {
    ULONG NextEntryOffset;
    ULONG NumberOfThreads;
    LARGE_INTEGER WorkingSetPrivateSize;
    ULONG HardFaultCount;
    ULONG NumberOfThreadsHighWatermark;
    ULONGLONG CycleTime;
    LARGE_INTEGER CreateTime;
    LARGE_INTEGER UserTime;
    LARGE_INTEGER KernelTime;
    UNICODE_STRING ImageName;
    LONG BasePriority;
    HANDLE UniqueProcessId;
    HANDLE InheritedFromUniqueProcessId;
    ULONG HandleCount;
    ULONG SessionId;
    ULONG_PTR UniqueProcessKey;
    SIZE_T PeakVirtualSize;
    SIZE_T VirtualSize;
    ULONG PageFaultCount;
    SIZE_T PeakWorkingSetSize;
    SIZE_T WorkingSetSize;
    SIZE_T QuotaPeakPagedPoolUsage;
    SIZE_T QuotaPagedPoolUsage;
    SIZE_T QuotaPeakNonPagedPoolUsage;
    SIZE_T QuotaNonPagedPoolUsage;
    SIZE_T PagefileUsage;
    SIZE_T PeakPagefileUsage;
    SIZE_T PrivatePageCount;
    LARGE_INTEGER ReadOperationCount;
    LARGE_INTEGER WriteOperationCount;
    LARGE_INTEGER OtherOperationCount;
    LARGE_INTEGER ReadTransferCount;
    LARGE_INTEGER WriteTransferCount;
    LARGE_INTEGER OtherTransferCount;
} SYSTEM_PROCESS_ENTRY;

/* JOBOBJECT_MEMORY_USAGE_INFORMATION of ntpsapi.h */
typedef struct {
    ULONG64 JobMemory;
    ULONG64 PeakJobMemoryUsed;
} JOB_MEMORY_USAGE;

/* https://microsoft.github.io/windows-docs-rs/doc/windows/Win32/System/JobObjects/struct.JOBOBJECT_IO_ATTRIBUTION_STATS.html
 */
typedef struct {
    ULONG_PTR IoCount;
    ULONGLONG TotalNonOverlappedQueueTime;
    ULONGLONG TotalNonOverlappedServiceTime;
    ULONGLONG TotalSize;
} IO_ATTRIBUTION_STATS;

/* https://microsoft.github.io/windows-docs-rs/doc/windows/Win32/System/JobObjects/struct.JOBOBJECT_IO_ATTRIBUTION_INFORMATION.html
 */
typedef struct {
    ULONG ControlFlags;
    IO_ATTRIBUTION_STATS ReadStats;
    IO_ATTRIBUTION_STATS WriteStats;
} IO_ATTRIBUTION;

enum { IO_ATTRIBUTION_ENABLE = 1, IO_ATTRIBUTION_DISABLE = 2 };

/* JOBOBJECT_CPU_RATE_CONTROL_INFORMATION:
 * https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_cpu_rate_control_information
 * (mingw-w64 10 has it without the rates of the last flag). */
typedef struct {
    DWORD ControlFlags;
    union {
        DWORD CpuRate;
        DWORD Weight;
        struct {
            WORD MinRate;
            WORD MaxRate;
        };
    };
} CPU_RATE_CONTROL;

enum { CPU_RATE_CONTROL_MIN_MAX_RATE = 0x10 };

/* SILOOBJECT_BASIC_INFORMATION of winnt.h:
 * https://docs.rs/winapi/latest/x86_64-pc-windows-msvc/winapi/um/winnt/struct.SILOOBJECT_BASIC_INFORMATION.html */
typedef struct {
    DWORD SiloId;
    DWORD SiloParentId;
    DWORD NumberOfProcesses;
    BOOLEAN IsInServerSilo;
    BYTE Reserved[3];
} SILO_BASIC;

/* https://learn.microsoft.com/windows/win32/devnotes/ntopendirectoryobject */
#ifndef DIRECTORY_QUERY
#define DIRECTORY_QUERY 0x1
#endif

/* OBJECT_DIRECTORY_INFORMATION:
 * https://learn.microsoft.com/windows/win32/devnotes/ntquerydirectoryobject */
typedef struct {
    UNICODE_STRING Name;
    UNICODE_STRING TypeName;
} DIRECTORY_ENTRY;

/* https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryobject (PUBLIC_OBJECT_BASIC_INFORMATION) */
typedef struct {
    ULONG Attributes;
    ACCESS_MASK GrantedAccess;
    ULONG HandleCount;
    ULONG PointerCount;
    ULONG Reserved[10];
} OBJECT_BASIC;

/* OBJECT_HANDLE_FLAG_INFORMATION of ntobapi.h */
typedef struct {
    BOOLEAN Inherit;
    BOOLEAN ProtectFromClose;
} OBJECT_HANDLE_FLAGS;

/* The job and process parts of ntpsapi.h; jobs and informations are as in QueryInformationJobObject of jobapi2.h. */
NTSTATUS NTAPI NtCreateJobObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtOpenJobObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtQueryInformationJobObject(HANDLE, ULONG, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtSetInformationJobObject(HANDLE, ULONG, void *, ULONG);
NTSTATUS NTAPI NtIsProcessInJob(HANDLE process, HANDLE job);
NTSTATUS NTAPI NtTerminateJobObject(HANDLE, NTSTATUS);
NTSTATUS NTAPI NtOpenProcess(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, CLIENT_ID *);

#endif
