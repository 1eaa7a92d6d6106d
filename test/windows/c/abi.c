/*
 * Prints the layouts that a C compiler gives to the structures that silostat reads and writes by offset:
 *   line 1: {"STRUCTURE": {"size": bytes, "members": {"Member": {"offset": o, "size": s}, ...}}, ...}
 *   line 2: {"CONSTANT": value, ...}, those that the headers of mingw-w64 define
 * Structures come from those headers; what they lack stands in nt.h, with its documentation beside it.
 */
#define _WIN32_WINNT 0x0A00 /* Windows 10 has the attribute for jobs */
#include <stddef.h>
#include <stdio.h>

#define WIN32_NO_STATUS
#include "nt.h"
#undef WIN32_NO_STATUS
#include <ntstatus.h>

static const char *separator;
static const char *member_separator;

static void begin(const char *name, size_t size) {
    printf("%s\"%s\":{\"size\":%u,\"members\":{", separator, name, (unsigned)size);
    separator = "}},";
    member_separator = "";
}

static void member(const char *name, size_t offset, size_t size) {
    printf("%s\"%s\":{\"offset\":%u,\"size\":%u}", member_separator, name, (unsigned)offset, (unsigned)size);
    member_separator = ",";
}

static void constant(const char *name, unsigned long value) {
    printf("%s\"%s\":%lu", separator, name, value);
    separator = ",";
}

#define NAMED(name, type) begin(#name, sizeof(type))
#define STRUCTURE(type) NAMED(type, type)
#define M(type, name) member(#name, offsetof(type, name), sizeof(((type *)0)->name))
#define C(name) constant(#name, (unsigned long)(name))

static void accounting(void) {
    STRUCTURE(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, TotalUserTime);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, TotalKernelTime);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, ThisPeriodTotalUserTime);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, ThisPeriodTotalKernelTime);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, TotalPageFaultCount);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, TotalProcesses);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, ActiveProcesses);
    M(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, TotalTerminatedProcesses);
    STRUCTURE(IO_COUNTERS);
    M(IO_COUNTERS, ReadOperationCount);
    M(IO_COUNTERS, WriteOperationCount);
    M(IO_COUNTERS, OtherOperationCount);
    M(IO_COUNTERS, ReadTransferCount);
    M(IO_COUNTERS, WriteTransferCount);
    M(IO_COUNTERS, OtherTransferCount);
    STRUCTURE(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION);
    M(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION, BasicInfo);
    M(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION, IoInfo);
    NAMED(JOBOBJECT_MEMORY_USAGE_INFORMATION, JOB_MEMORY_USAGE);
    M(JOB_MEMORY_USAGE, JobMemory);
    M(JOB_MEMORY_USAGE, PeakJobMemoryUsed);
    NAMED(JOBOBJECT_IO_ATTRIBUTION_STATS, IO_ATTRIBUTION_STATS);
    M(IO_ATTRIBUTION_STATS, IoCount);
    M(IO_ATTRIBUTION_STATS, TotalNonOverlappedQueueTime);
    M(IO_ATTRIBUTION_STATS, TotalNonOverlappedServiceTime);
    M(IO_ATTRIBUTION_STATS, TotalSize);
    NAMED(JOBOBJECT_IO_ATTRIBUTION_INFORMATION, IO_ATTRIBUTION);
    M(IO_ATTRIBUTION, ControlFlags);
    M(IO_ATTRIBUTION, ReadStats);
    M(IO_ATTRIBUTION, WriteStats);
}

static void limits(void) {
    STRUCTURE(JOBOBJECT_BASIC_LIMIT_INFORMATION);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, PerProcessUserTimeLimit);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, PerJobUserTimeLimit);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, LimitFlags);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, MinimumWorkingSetSize);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, MaximumWorkingSetSize);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, ActiveProcessLimit);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, Affinity);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, PriorityClass);
    M(JOBOBJECT_BASIC_LIMIT_INFORMATION, SchedulingClass);
    STRUCTURE(JOBOBJECT_EXTENDED_LIMIT_INFORMATION);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, BasicLimitInformation);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, IoInfo);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, ProcessMemoryLimit);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobMemoryLimit);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, PeakProcessMemoryUsed);
    M(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, PeakJobMemoryUsed);
    NAMED(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION, CPU_RATE_CONTROL);
    M(CPU_RATE_CONTROL, ControlFlags);
    M(CPU_RATE_CONTROL, CpuRate);
    M(CPU_RATE_CONTROL, Weight);
    M(CPU_RATE_CONTROL, MinRate);
    M(CPU_RATE_CONTROL, MaxRate);
}

static void membership(void) {
    STRUCTURE(JOBOBJECT_BASIC_PROCESS_ID_LIST);
    M(JOBOBJECT_BASIC_PROCESS_ID_LIST, NumberOfAssignedProcesses);
    M(JOBOBJECT_BASIC_PROCESS_ID_LIST, NumberOfProcessIdsInList);
    M(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList);
    NAMED(SILOOBJECT_BASIC_INFORMATION, SILO_BASIC);
    M(SILO_BASIC, SiloId);
    M(SILO_BASIC, SiloParentId);
    M(SILO_BASIC, NumberOfProcesses);
    M(SILO_BASIC, IsInServerSilo);
    STRUCTURE(JOBOBJECT_ASSOCIATE_COMPLETION_PORT);
    M(JOBOBJECT_ASSOCIATE_COMPLETION_PORT, CompletionKey);
    M(JOBOBJECT_ASSOCIATE_COMPLETION_PORT, CompletionPort);
    STRUCTURE(OVERLAPPED_ENTRY);
    M(OVERLAPPED_ENTRY, lpCompletionKey);
    M(OVERLAPPED_ENTRY, lpOverlapped);
    M(OVERLAPPED_ENTRY, Internal);
    M(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred);
}

static void processes(void) {
    NAMED(VM_COUNTERS_EX2, MEMORY_COUNTERS);
    M(MEMORY_COUNTERS, PeakVirtualSize);
    M(MEMORY_COUNTERS, VirtualSize);
    M(MEMORY_COUNTERS, PageFaultCount);
    M(MEMORY_COUNTERS, PeakWorkingSetSize);
    M(MEMORY_COUNTERS, WorkingSetSize);
    M(MEMORY_COUNTERS, QuotaPeakPagedPoolUsage);
    M(MEMORY_COUNTERS, QuotaPagedPoolUsage);
    M(MEMORY_COUNTERS, QuotaPeakNonPagedPoolUsage);
    M(MEMORY_COUNTERS, QuotaNonPagedPoolUsage);
    M(MEMORY_COUNTERS, PagefileUsage);
    M(MEMORY_COUNTERS, PeakPagefileUsage);
    M(MEMORY_COUNTERS, PrivateUsage);
    M(MEMORY_COUNTERS, PrivateWorkingSetSize);
    M(MEMORY_COUNTERS, SharedCommitUsage);
    begin("VM_COUNTERS_EX", offsetof(MEMORY_COUNTERS, PrivateWorkingSetSize));
    begin("VM_COUNTERS", offsetof(MEMORY_COUNTERS, PrivateUsage));
    STRUCTURE(PROCESS_BASIC_INFORMATION);
    M(PROCESS_BASIC_INFORMATION, ExitStatus);
    M(PROCESS_BASIC_INFORMATION, PebBaseAddress);
    M(PROCESS_BASIC_INFORMATION, AffinityMask);
    M(PROCESS_BASIC_INFORMATION, BasePriority);
    M(PROCESS_BASIC_INFORMATION, UniqueProcessId);
    M(PROCESS_BASIC_INFORMATION, InheritedFromUniqueProcessId);
    STRUCTURE(KERNEL_USER_TIMES);
    M(KERNEL_USER_TIMES, CreateTime);
    M(KERNEL_USER_TIMES, ExitTime);
    M(KERNEL_USER_TIMES, KernelTime);
    M(KERNEL_USER_TIMES, UserTime);
}

static void all_processes(void) {
    NAMED(SYSTEM_PROCESS_INFORMATION, SYSTEM_PROCESS_ENTRY);
    M(SYSTEM_PROCESS_ENTRY, NextEntryOffset);
    M(SYSTEM_PROCESS_ENTRY, NumberOfThreads);
    M(SYSTEM_PROCESS_ENTRY, WorkingSetPrivateSize);
    M(SYSTEM_PROCESS_ENTRY, HardFaultCount);
    M(SYSTEM_PROCESS_ENTRY, NumberOfThreadsHighWatermark);
    M(SYSTEM_PROCESS_ENTRY, CycleTime);
    M(SYSTEM_PROCESS_ENTRY, CreateTime);
    M(SYSTEM_PROCESS_ENTRY, UserTime);
    M(SYSTEM_PROCESS_ENTRY, KernelTime);
    M(SYSTEM_PROCESS_ENTRY, ImageName);
    M(SYSTEM_PROCESS_ENTRY, BasePriority);
    M(SYSTEM_PROCESS_ENTRY, UniqueProcessId);
    M(SYSTEM_PROCESS_ENTRY, InheritedFromUniqueProcessId);
    M(SYSTEM_PROCESS_ENTRY, HandleCount);
    M(SYSTEM_PROCESS_ENTRY, SessionId);
    M(SYSTEM_PROCESS_ENTRY, UniqueProcessKey);
    M(SYSTEM_PROCESS_ENTRY, PeakVirtualSize);
    M(SYSTEM_PROCESS_ENTRY, VirtualSize);
    M(SYSTEM_PROCESS_ENTRY, PageFaultCount);
    M(SYSTEM_PROCESS_ENTRY, PeakWorkingSetSize);
    M(SYSTEM_PROCESS_ENTRY, WorkingSetSize);
    M(SYSTEM_PROCESS_ENTRY, QuotaPeakPagedPoolUsage);
    M(SYSTEM_PROCESS_ENTRY, QuotaPagedPoolUsage);
    M(SYSTEM_PROCESS_ENTRY, QuotaPeakNonPagedPoolUsage);
    M(SYSTEM_PROCESS_ENTRY, QuotaNonPagedPoolUsage);
    M(SYSTEM_PROCESS_ENTRY, PagefileUsage);
    M(SYSTEM_PROCESS_ENTRY, PeakPagefileUsage);
    M(SYSTEM_PROCESS_ENTRY, PrivatePageCount);
    M(SYSTEM_PROCESS_ENTRY, ReadOperationCount);
    M(SYSTEM_PROCESS_ENTRY, WriteOperationCount);
    M(SYSTEM_PROCESS_ENTRY, OtherOperationCount);
    M(SYSTEM_PROCESS_ENTRY, ReadTransferCount);
    M(SYSTEM_PROCESS_ENTRY, WriteTransferCount);
    M(SYSTEM_PROCESS_ENTRY, OtherTransferCount);
}

static void objects(void) {
    STRUCTURE(UNICODE_STRING);
    M(UNICODE_STRING, Length);
    M(UNICODE_STRING, MaximumLength);
    M(UNICODE_STRING, Buffer);
    STRUCTURE(OBJECT_ATTRIBUTES);
    M(OBJECT_ATTRIBUTES, Length);
    M(OBJECT_ATTRIBUTES, RootDirectory);
    M(OBJECT_ATTRIBUTES, ObjectName);
    M(OBJECT_ATTRIBUTES, Attributes);
    M(OBJECT_ATTRIBUTES, SecurityDescriptor);
    M(OBJECT_ATTRIBUTES, SecurityQualityOfService);
    NAMED(OBJECT_DIRECTORY_INFORMATION, DIRECTORY_ENTRY);
    M(DIRECTORY_ENTRY, Name);
    M(DIRECTORY_ENTRY, TypeName);
    STRUCTURE(SECURITY_DESCRIPTOR_RELATIVE);
    M(SECURITY_DESCRIPTOR_RELATIVE, Revision);
    M(SECURITY_DESCRIPTOR_RELATIVE, Sbz1);
    M(SECURITY_DESCRIPTOR_RELATIVE, Control);
    M(SECURITY_DESCRIPTOR_RELATIVE, Owner);
    M(SECURITY_DESCRIPTOR_RELATIVE, Group);
    M(SECURITY_DESCRIPTOR_RELATIVE, Sacl);
    M(SECURITY_DESCRIPTOR_RELATIVE, Dacl);
    STRUCTURE(SID);
    M(SID, Revision);
    M(SID, SubAuthorityCount);
    M(SID, IdentifierAuthority);
    M(SID, SubAuthority);
}

static void starting(void) {
    STRUCTURE(STARTUPINFOW);
    M(STARTUPINFOW, cb);
    M(STARTUPINFOW, lpDesktop);
    M(STARTUPINFOW, lpTitle);
    M(STARTUPINFOW, dwFlags);
    M(STARTUPINFOW, wShowWindow);
    M(STARTUPINFOW, hStdInput);
    M(STARTUPINFOW, hStdOutput);
    M(STARTUPINFOW, hStdError);
    STRUCTURE(STARTUPINFOEXW);
    M(STARTUPINFOEXW, StartupInfo);
    M(STARTUPINFOEXW, lpAttributeList);
    STRUCTURE(PROCESS_INFORMATION);
    M(PROCESS_INFORMATION, hProcess);
    M(PROCESS_INFORMATION, hThread);
    M(PROCESS_INFORMATION, dwProcessId);
    M(PROCESS_INFORMATION, dwThreadId);
    STRUCTURE(SECURITY_ATTRIBUTES);
    M(SECURITY_ATTRIBUTES, nLength);
    M(SECURITY_ATTRIBUTES, lpSecurityDescriptor);
    M(SECURITY_ATTRIBUTES, bInheritHandle);
}

static void classes_and_rights(void) {
    C(JobObjectBasicAccountingInformation);
    C(JobObjectBasicLimitInformation);
    C(JobObjectBasicProcessIdList);
    C(JobObjectAssociateCompletionPortInformation);
    C(JobObjectBasicAndIoAccountingInformation);
    C(JobObjectExtendedLimitInformation);
    C(JobObjectCpuRateControlInformation);
    constant("JobObjectMemoryUsageInformation", JobMemoryUsageInformation);
    constant("JobObjectCreateSilo", JobCreateSilo);
    constant("JobObjectSiloBasicInformation", JobSiloBasicInformation);
    constant("JobObjectIoAttribution", JobIoAttribution);
    C(JOB_OBJECT_ASSIGN_PROCESS);
    C(JOB_OBJECT_SET_ATTRIBUTES);
    C(JOB_OBJECT_QUERY);
    C(JOB_OBJECT_TERMINATE);
    C(PROCESS_TERMINATE);
    C(PROCESS_SET_QUOTA);
    C(PROCESS_QUERY_LIMITED_INFORMATION);
    C(PROCESS_QUERY_INFORMATION);
    C(READ_CONTROL);
    C(DIRECTORY_QUERY);
    C(OWNER_SECURITY_INFORMATION);
    constant("ProcessVmCounters", ProcessVmCountersClass);
    constant("ProcessTimes", ProcessTimesClass);
    C(ProcessBasicInformation);
    C(ProcessImageFileName);
    C(SystemProcessInformation);
}

static void flags_and_messages(void) {
    C(JOB_OBJECT_LIMIT_ACTIVE_PROCESS);
    C(JOB_OBJECT_LIMIT_JOB_MEMORY);
    C(JOB_OBJECT_LIMIT_PROCESS_MEMORY);
    C(JOB_OBJECT_LIMIT_AFFINITY);
    C(JOB_OBJECT_LIMIT_BREAKAWAY_OK);
    C(JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK);
    C(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);
    C(JOB_OBJECT_CPU_RATE_CONTROL_ENABLE);
    C(JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED);
    C(JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP);
    C(JOB_OBJECT_CPU_RATE_CONTROL_NOTIFY);
    constant("JOB_OBJECT_CPU_RATE_CONTROL_MIN_MAX_RATE", CPU_RATE_CONTROL_MIN_MAX_RATE);
    constant("JOBOBJECT_IO_ATTRIBUTION_CONTROL_ENABLE", IO_ATTRIBUTION_ENABLE);
    constant("JOBOBJECT_IO_ATTRIBUTION_CONTROL_DISABLE", IO_ATTRIBUTION_DISABLE);
    C(JOB_OBJECT_MSG_END_OF_JOB_TIME);
    C(JOB_OBJECT_MSG_END_OF_PROCESS_TIME);
    C(JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT);
    C(JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO);
    C(JOB_OBJECT_MSG_NEW_PROCESS);
    C(JOB_OBJECT_MSG_EXIT_PROCESS);
    C(JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS);
    C(JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT);
    C(JOB_OBJECT_MSG_JOB_MEMORY_LIMIT);
    C(JOB_OBJECT_MSG_NOTIFICATION_LIMIT);
    C(JOB_OBJECT_MSG_JOB_CYCLE_TIME_LIMIT);
}

static void creation_and_pipes(void) {
    C(DETACHED_PROCESS);
    C(CREATE_NEW_PROCESS_GROUP);
    C(CREATE_UNICODE_ENVIRONMENT);
    C(EXTENDED_STARTUPINFO_PRESENT);
    C(CREATE_NO_WINDOW);
    C(STARTF_USESHOWWINDOW);
    C(STARTF_USESTDHANDLES);
    C(SW_HIDE);
    C(SW_SHOWDEFAULT);
    C(PROC_THREAD_ATTRIBUTE_HANDLE_LIST);
    C(PROC_THREAD_ATTRIBUTE_JOB_LIST);
    C(CTRL_CLOSE_EVENT);
    C(WT_EXECUTEINWAITTHREAD);
    C(WT_EXECUTEONLYONCE);
    C(INFINITE);
    C(PIPE_ACCESS_INBOUND);
    C(PIPE_ACCESS_OUTBOUND);
    C(PIPE_REJECT_REMOTE_CLIENTS);
    C(FILE_FLAG_FIRST_PIPE_INSTANCE);
    C(FILE_FLAG_OVERLAPPED);
    C(GENERIC_READ);
    C(GENERIC_WRITE);
    C(FILE_SHARE_READ);
    C(FILE_SHARE_WRITE);
    C(OPEN_EXISTING);
    C(DUPLICATE_SAME_ACCESS);
    C(PROCESS_CREATE_THREAD);
    C(PROCESS_VM_OPERATION);
    C(PROCESS_VM_READ);
    C(PROCESS_VM_WRITE);
}

static void statuses(void) {
    C(STATUS_SUCCESS);
    C(STATUS_MORE_ENTRIES);
    C(STATUS_BUFFER_OVERFLOW);
    C(STATUS_NO_MORE_ENTRIES);
    C(STATUS_NOT_IMPLEMENTED);
    C(STATUS_INVALID_INFO_CLASS);
    C(STATUS_INFO_LENGTH_MISMATCH);
    C(STATUS_INVALID_HANDLE);
    C(STATUS_INVALID_CID);
    C(STATUS_INVALID_PARAMETER);
    C(STATUS_NO_MEMORY);
    C(STATUS_ACCESS_DENIED);
    C(STATUS_BUFFER_TOO_SMALL);
    C(STATUS_OBJECT_TYPE_MISMATCH);
    C(STATUS_OBJECT_NAME_INVALID);
    C(STATUS_OBJECT_NAME_NOT_FOUND);
    C(STATUS_OBJECT_NAME_COLLISION);
    C(STATUS_OBJECT_PATH_NOT_FOUND);
    C(STATUS_OBJECT_PATH_SYNTAX_BAD);
    C(STATUS_PRIVILEGE_NOT_HELD);
    C(STATUS_INSUFFICIENT_RESOURCES);
    C(STATUS_NOT_SUPPORTED);
    C(STATUS_PROCESS_IS_TERMINATING);
    C(STATUS_NOT_FOUND);
    C(ERROR_INVALID_FUNCTION);
    C(ERROR_FILE_NOT_FOUND);
    C(ERROR_PATH_NOT_FOUND);
    C(ERROR_ACCESS_DENIED);
    C(ERROR_INVALID_HANDLE);
    C(ERROR_BAD_LENGTH);
    C(ERROR_NOT_SUPPORTED);
    C(ERROR_INVALID_PARAMETER);
    C(ERROR_INSUFFICIENT_BUFFER);
    C(ERROR_INVALID_NAME);
    C(ERROR_PROC_NOT_FOUND);
    C(ERROR_BAD_PATHNAME);
    C(ERROR_ALREADY_EXISTS);
    C(ERROR_BAD_EXE_FORMAT);
    C(ERROR_EXE_MACHINE_TYPE_MISMATCH);
    C(ERROR_MORE_DATA);
    C(WAIT_TIMEOUT);
    C(ERROR_DIRECTORY);
    C(ERROR_NOT_FOUND);
    C(ERROR_ACCESS_DISABLED_BY_POLICY);
    C(ERROR_NOT_ENOUGH_QUOTA);
}

int main(void) {
    separator = "{";
    accounting();
    limits();
    membership();
    processes();
    all_processes();
    objects();
    starting();
    puts("}}}");
    separator = "{";
    classes_and_rights();
    flags_and_messages();
    creation_and_pipes();
    statuses();
    puts("}");
    return 0;
}
