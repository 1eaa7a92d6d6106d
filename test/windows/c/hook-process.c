/* Answers about single processes, and the host-wide list of them. */
#include "hook.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096
#define COMMIT_OVERHEAD 65536 /* page tables and the like */
#define EX_SIZE offsetof(MEMORY_COUNTERS, PrivateWorkingSetSize)
#define BASE_SIZE offsetof(MEMORY_COUNTERS, PrivateUsage)
#define FRESH_MS 20

static SRWLOCK times_lock = SRWLOCK_INIT;

static NTSTATUS fill_snapshot(struct snapshot *snapshot) {
    for (;;) {
        ULONG needed = 0;
        NTSTATUS status = snapshot->size
                              ? wine_query_system(SystemProcessClass, snapshot->bytes, snapshot->size, &needed)
                              : NT_INFO_LENGTH_MISMATCH;
        if (status != NT_INFO_LENGTH_MISMATCH) return status;
        snapshot->size = needed > snapshot->size ? needed + 65536 : snapshot->size * 2 + 262144;
        free(snapshot->bytes);
        snapshot->bytes = malloc(snapshot->size);
    }
}

int read_snapshot(struct snapshot *snapshot) {
    static struct snapshot kept;
    NTSTATUS status = fill_snapshot(&kept);
    *snapshot = kept;
    return NT_OK(status);
}

const SYSTEM_PROCESS_ENTRY *next_entry(const struct snapshot *snapshot, const SYSTEM_PROCESS_ENTRY *previous) {
    if (!previous) return (const SYSTEM_PROCESS_ENTRY *)snapshot->bytes;
    if (!previous->NextEntryOffset) return NULL;
    return (const SYSTEM_PROCESS_ENTRY *)((const char *)previous + previous->NextEntryOffset);
}

ULONG64 commit_of(ULONG64 private_bytes, const struct row *row) {
    return private_bytes + COMMIT_OVERHEAD + (row ? row->committed_bytes : 0);
}

NTSTATUS read_granted_access(HANDLE handle, ACCESS_MASK *access) {
    OBJECT_BASIC basic;
    NTSTATUS status = NtQueryObject(handle, ObjectBasicClass, &basic, sizeof basic, NULL);
    *access = NT_OK(status) ? basic.GrantedAccess : 0;
    return status;
}

static LONG64 ticks(FILETIME time) { return (LONG64)((ULONG64)time.dwHighDateTime << 32 | time.dwLowDateTime); }

/* 0 where the handle is not good for it. */
static DWORD pid_of(HANDLE process) {
    PROCESS_BASIC_INFORMATION basic;
    return NT_OK(wine_query_process(process, ProcessBasicClass, &basic, sizeof basic, NULL))
               ? (DWORD)basic.UniqueProcessId
               : 0;
}

/* A row that makes no difference. */
static int is_untouched(const struct row *row) {
    return !(row->touched_bytes | row->committed_bytes | row->read_operations | row->written_operations);
}

/* With the create time compared: its pid may have been another member's once. */
static const struct row *row_of_process(HANDLE process) {
    struct table *table = members_table();
    KERNEL_USER_TIMES times;
    DWORD pid = pid_of(process);
    const struct row *row = table && pid ? find_row(table, pid) : NULL;
    if (!row || is_untouched(row)) return NULL;
    if (!NT_OK(wine_query_process(process, ProcessTimesClass, &times, sizeof times, NULL))) return NULL;
    return find_row_of(table, pid, ticks(times.CreateTime));
}

static ULONG faults_of(const struct row *row) { return (ULONG)(START_FAULTS + (row ? row->touched_bytes / PAGE : 0)); }

/*
 * Wine's PagefileUsage is the anonymous memory that is resident (or swapped out): the private working set. Commit is
 * made from it. No two members are equal, so that a wrong offset shows. An exited process has nothing but zeros.
 */
static void describe_memory(MEMORY_COUNTERS *counters, const struct row *row) {
    if (!counters->WorkingSetSize) {
        counters->PrivateWorkingSetSize = 0;
        counters->SharedCommitUsage = 0;
        return;
    }
    counters->PrivateWorkingSetSize = counters->PagefileUsage;
    counters->PrivateUsage = (SIZE_T)commit_of(counters->PagefileUsage, row);
    counters->PagefileUsage = counters->PrivateUsage + PAGE;
    counters->PeakPagefileUsage = counters->PagefileUsage + PAGE;
    counters->PeakWorkingSetSize += 3 * PAGE;
    counters->PeakVirtualSize += 4 * PAGE;
    counters->PageFaultCount = faults_of(row);
    counters->QuotaPeakPagedPoolUsage = 20481;
    counters->QuotaPagedPoolUsage = 20482;
    counters->QuotaPeakNonPagedPoolUsage = 10243;
    counters->QuotaNonPagedPoolUsage = 10244;
    counters->SharedCommitUsage = 24585;
}

static NTSTATUS answer_memory(HANDLE process, void *into, ULONG size, ULONG *told) {
    MEMORY_COUNTERS counters;
    NTSTATUS status;
    if (size != sizeof counters && size != EX_SIZE && size != BASE_SIZE) return NT_INFO_LENGTH_MISMATCH;
    status = wine_query_process(process, ProcessVmCountersClass, &counters, EX_SIZE, NULL);
    if (status == NT_ACCESS_DENIED && pid_of(process)) return NT_PROCESS_IS_TERMINATING;
    if (!NT_OK(status)) return status;
    describe_memory(&counters, row_of_process(process));
    memcpy(into, &counters, size);
    if (told) *told = size;
    return status;
}

static void describe_io(IO_COUNTERS *io, const struct row *row) {
    io->ReadOperationCount = START_READS + (row ? row->read_operations : 0);
    io->ReadTransferCount = START_READS * START_READ_BYTES + (row ? row->read_bytes : 0);
    io->WriteOperationCount = row ? row->written_operations : 0;
    io->WriteTransferCount = row ? row->written_bytes : 0;
    io->OtherOperationCount = START_OTHERS;
    io->OtherTransferCount = START_OTHERS * START_OTHER_BYTES;
}

static NTSTATUS answer_io(HANDLE process, void *into, ULONG size, ULONG *told) {
    IO_COUNTERS io;
    NTSTATUS status = wine_query_process(process, ProcessIoCountersClass, into, size, told);
    if (!NT_OK(status)) return status;
    if (!pid_of(process)) return NT_ACCESS_DENIED;
    describe_io(&io, row_of_process(process));
    memcpy(into, &io, sizeof io);
    return status;
}

/*
 * User and kernel time of a process from a pass over all of them. It is used for a while, longer if it was costly, so
 * that a list of the processes of a large job does not cost one each.
 */
static int find_times(DWORD pid, LARGE_INTEGER *user, LARGE_INTEGER *kernel) {
    static struct snapshot kept;
    static DWORD good_until;
    static int any;
    const SYSTEM_PROCESS_ENTRY *entry = NULL;
    int found = 0;
    AcquireSRWLockExclusive(&times_lock);
    DWORD begin = GetTickCount();
    if (!any || (LONG)(begin - good_until) > 0) {
        any = NT_OK(fill_snapshot(&kept));
        good_until = GetTickCount() + FRESH_MS + 4 * (GetTickCount() - begin);
    }
    while (any && !found && (entry = next_entry(&kept, entry))) {
        if ((DWORD)(ULONG_PTR)entry->UniqueProcessId != pid) continue;
        *user = entry->UserTime;
        *kernel = entry->KernelTime;
        found = 1;
    }
    ReleaseSRWLockExclusive(&times_lock);
    return found;
}

/* Wine gives the caller's own user and kernel time for every process. */
static NTSTATUS answer_times(HANDLE process, void *into, ULONG size, ULONG *told) {
    KERNEL_USER_TIMES *times = into;
    NTSTATUS status = wine_query_process(process, ProcessTimesClass, into, size, told);
    DWORD pid = pid_of(process);
    if (!NT_OK(status) || pid == GetCurrentProcessId()) return status;
    if (ticks(times->CreateTime) == NOT_STARTED) return NT_PROCESS_IS_TERMINATING;
    if (!find_times(pid, &times->UserTime, &times->KernelTime))
        times->UserTime.QuadPart = times->KernelTime.QuadPart = 0;
    return status;
}

NTSTATUS answer_process(HANDLE process, ULONG information_class, void *into, ULONG size, ULONG *told) {
    switch (information_class) {
    case ProcessVmCountersClass: return answer_memory(process, into, size, told);
    case ProcessIoCountersClass: return answer_io(process, into, size, told);
    case ProcessTimesClass: return answer_times(process, into, size, told);
    default: return wine_query_process(process, information_class, into, size, told);
    }
}

/* The counters stand in an entry in the same order, from PeakVirtualSize to PeakPagefileUsage. */
static void describe_entry(SYSTEM_PROCESS_ENTRY *entry, const struct row *row) {
    MEMORY_COUNTERS counters;
    memset(&counters, 0, sizeof counters);
    memcpy(&counters, &entry->PeakVirtualSize, BASE_SIZE);
    describe_memory(&counters, row);
    memcpy(&entry->PeakVirtualSize, &counters, BASE_SIZE);
    entry->PrivatePageCount = counters.PrivateUsage;
    entry->WorkingSetPrivateSize.QuadPart = (LONG64)counters.PrivateWorkingSetSize;
    entry->HardFaultCount = 7;
    entry->CycleTime = (ULONGLONG)(entry->UserTime.QuadPart + entry->KernelTime.QuadPart) * 200 + 13;
    describe_io((IO_COUNTERS *)&entry->ReadOperationCount, row);
}

NTSTATUS answer_system(ULONG information_class, void *into, ULONG size, ULONG *told) {
    NTSTATUS status = wine_query_system(information_class, into, size, told);
    struct snapshot snapshot = {into, size};
    const SYSTEM_PROCESS_ENTRY *entry = NULL;
    struct table *table;
    if (information_class != SystemProcessClass || !NT_OK(status) || !(table = members_table())) return status;
    while ((entry = next_entry(&snapshot, entry)))
        describe_entry((SYSTEM_PROCESS_ENTRY *)entry,
                       find_row_of(table, (DWORD)(ULONG_PTR)entry->UniqueProcessId, entry->CreateTime.QuadPart));
    return status;
}

static int is_listed(HANDLE job, DWORD pid) {
    char room[16384] __attribute__((aligned(8)));
    const JOBOBJECT_BASIC_PROCESS_ID_LIST *list = (JOBOBJECT_BASIC_PROCESS_ID_LIST *)room;
    NTSTATUS status = wine_query_job(job, JobObjectBasicProcessIdList, room, sizeof room, NULL);
    for (DWORD i = 0; NT_OK(status) && i < list->NumberOfProcessIdsInList; i++)
        if (list->ProcessIdList[i] == pid) return 1;
    return 0;
}

/*
 * Windows is content with PROCESS_QUERY_LIMITED_INFORMATION, Wine is not. A pid that somebody has a handle to is not
 * used again: if it is in the list now, the process is. One that has exited is not in the list any more, but still in
 * the job.
 */
NTSTATUS answer_in_job(HANDLE process, HANDLE job) {
    OBJECT_ATTRIBUTES attributes;
    CLIENT_ID id;
    HANDLE same;
    NTSTATUS status;
    DWORD pid = pid_of(process);
    if (!pid || !job) return wine_in_job(process, job);
    if (is_listed(job, pid)) return NT_PROCESS_IN_JOB;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    id.UniqueProcess = (HANDLE)(ULONG_PTR)pid;
    id.UniqueThread = NULL;
    if (!NT_OK(wine_open_process(&same, PROCESS_QUERY_INFORMATION, &attributes, &id))) return wine_in_job(process, job);
    status = wine_in_job(same, job);
    wine_close(same);
    return status;
}
