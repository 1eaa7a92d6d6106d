#include "walk.h"

#include <stdlib.h>
#include <string.h>

HANDLE open_job(const char *name, ACCESS_MASK access, NTSTATUS *status) {
    WCHAR wide[1024];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    HANDLE job = NULL;
    int length = MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 1024) - 1;
    string.Buffer = wide;
    string.Length = string.MaximumLength = (USHORT)(length * sizeof(WCHAR));
    InitializeObjectAttributes(&attributes, &string, 0, NULL, NULL);
    *status = NtOpenJobObject(&job, access, &attributes);
    return NT_OK(*status) ? job : NULL;
}

static ULONG list_size(ULONG slots) {
    return (ULONG)(offsetof(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList) + slots * sizeof(ULONG_PTR));
}

NTSTATUS read_pids(HANDLE job, struct pids *pids) {
    NTSTATUS status;
    ULONG told;
    if (!pids->list) {
        pids->slots = 64;
        pids->list = malloc(list_size(pids->slots));
    }
    for (;;) {
        status =
            NtQueryInformationJobObject(job, JobObjectBasicProcessIdList, pids->list, list_size(pids->slots), &told);
        if (status != NT_MORE_ENTRIES && status != NT_BUFFER_OVERFLOW) break;
        pids->slots = 2 * pids->slots + pids->list->NumberOfAssignedProcesses;
        free(pids->list);
        pids->list = malloc(list_size(pids->slots));
    }
    pids->assigned = NT_OK(status) ? pids->list->NumberOfAssignedProcesses : 0;
    pids->count = NT_OK(status) ? pids->list->NumberOfProcessIdsInList : 0;
    return status;
}

static void note_error(struct tally *tally, DWORD error) {
    if (error == ERROR_INVALID_PARAMETER) tally->gone++;
    else if (error == ERROR_ACCESS_DENIED) tally->denied++;
    else tally->unreadable++;
}

static void note_status(struct tally *tally, NTSTATUS status) {
    if (status == NT_PROCESS_IS_TERMINATING) tally->gone++;
    else if (status == NT_ACCESS_DENIED) tally->denied++;
    else tally->unreadable++;
}

int visit(HANDLE job, DWORD pid, MEMORY_COUNTERS *counters, HANDLE *process, struct tally *tally) {
    HANDLE opened = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    BOOL member = FALSE;
    NTSTATUS status;
    ULONG told;
    if (!opened) {
        note_error(tally, GetLastError());
        return 0;
    }
    if (!IsProcessInJob(opened, job, &member)) {
        note_error(tally, GetLastError());
    } else if (!member) {
        tally->reused++;
    } else if (!NT_OK(status = NtQueryInformationProcess(opened, ProcessVmCountersClass, counters, sizeof *counters,
                                                         &told))) {
        note_status(tally, status);
    } else {
        tally->read++;
        tally->private_bytes += counters->PrivateWorkingSetSize;
        *process = opened;
        return 1;
    }
    CloseHandle(opened);
    return 0;
}

void walk(HANDLE job, const struct pids *pids, struct tally *tally) {
    MEMORY_COUNTERS counters;
    HANDLE process;
    memset(tally, 0, sizeof *tally);
    for (DWORD i = 0; i < pids->count; i++)
        if (visit(job, (DWORD)pids->list->ProcessIdList[i], &counters, &process, tally)) CloseHandle(process);
}

NTSTATUS read_all_processes(const SYSTEM_PROCESS_ENTRY **first) {
    static char *buffer;
    static ULONG size = 512 * 1024;
    ULONG needed = 0;
    NTSTATUS status;
    if (!buffer) buffer = malloc(size);
    while ((status = NtQuerySystemInformation(SystemProcessClass, buffer, size, &needed)) == NT_INFO_LENGTH_MISMATCH) {
        size = 2 * size > needed ? 2 * size : needed;
        free(buffer);
        buffer = malloc(size);
    }
    *first = (const SYSTEM_PROCESS_ENTRY *)buffer;
    return status;
}

static int compare(const void *a, const void *b) {
    ULONG_PTR left = *(const ULONG_PTR *)a, right = *(const ULONG_PTR *)b;
    return left < right ? -1 : left > right;
}

NTSTATUS walk_host_wide(const struct pids *pids, struct tally *tally) {
    const SYSTEM_PROCESS_ENTRY *entry;
    NTSTATUS status = read_all_processes(&entry);
    memset(tally, 0, sizeof *tally);
    if (!NT_OK(status)) return status;
    qsort(pids->list->ProcessIdList, pids->count, sizeof(ULONG_PTR), compare);
    for (;; entry = (const SYSTEM_PROCESS_ENTRY *)((const char *)entry + entry->NextEntryOffset)) {
        ULONG_PTR pid = (ULONG_PTR)entry->UniqueProcessId;
        if (bsearch(&pid, pids->list->ProcessIdList, pids->count, sizeof pid, compare)) {
            tally->read++;
            tally->private_bytes += (ULONG64)entry->WorkingSetPrivateSize.QuadPart;
        }
        if (!entry->NextEntryOffset) return status;
    }
}
