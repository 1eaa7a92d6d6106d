/*
 * Prints as JSON what the calls of silostat give for a job, when C makes them.
 *
 *   reference.exe [--hook DLL] --job NT_NAME [--hostwide]
 */
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "walk.h"

typedef unsigned long long u64;

static void print_error(const char *name, NTSTATUS status) {
    printf("\"%s\":{\"error\":%lu,\"status\":%lu},", name, RtlNtStatusToDosError(status), (ULONG)status);
}

static void print_memory(HANDLE job) {
    JOB_MEMORY_USAGE memory;
    ULONG told;
    NTSTATUS status = NtQueryInformationJobObject(job, JobMemoryUsageInformation, &memory, sizeof memory, &told);
    if (!NT_OK(status)) return print_error("memory", status);
    printf("\"memory\":{\"JobMemory\":%llu,\"PeakJobMemoryUsed\":%llu},", (u64)memory.JobMemory,
           (u64)memory.PeakJobMemoryUsed);
}

static void print_accounting(HANDLE job) {
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;
    ULONG told;
    NTSTATUS status =
        NtQueryInformationJobObject(job, JobObjectBasicAccountingInformation, &accounting, sizeof accounting, &told);
    if (!NT_OK(status)) return print_error("accounting", status);
    printf("\"accounting\":{\"TotalUserTime\":%llu,\"TotalKernelTime\":%llu,", (u64)accounting.TotalUserTime.QuadPart,
           (u64)accounting.TotalKernelTime.QuadPart);
    printf("\"TotalPageFaultCount\":%lu,\"TotalProcesses\":%lu,\"ActiveProcesses\":%lu},",
           accounting.TotalPageFaultCount, accounting.TotalProcesses, accounting.ActiveProcesses);
}

static void print_storage(HANDLE job) {
    IO_ATTRIBUTION io;
    ULONG told;
    NTSTATUS status;
    memset(&io, 0, sizeof io);
    status = NtQueryInformationJobObject(job, JobIoAttribution, &io, sizeof io, &told);
    if (!NT_OK(status)) return print_error("storage", status);
    printf("\"storage\":{\"ReadStats.IoCount\":%llu,\"ReadStats.TotalSize\":%llu,", (u64)io.ReadStats.IoCount,
           (u64)io.ReadStats.TotalSize);
    printf("\"WriteStats.IoCount\":%llu,\"WriteStats.TotalSize\":%llu},", (u64)io.WriteStats.IoCount,
           (u64)io.WriteStats.TotalSize);
}

static u64 ticks(FILETIME time) { return (u64)time.dwHighDateTime << 32 | time.dwLowDateTime; }

/* The last component of the program's path, as JSON. */
static void print_image(HANDLE process) {
    struct {
        UNICODE_STRING name;
        WCHAR room[1024];
    } answer;
    const WCHAR *name, *end;
    char text[512];
    int length;
    ULONG told;
    if (!NT_OK(NtQueryInformationProcess(process, ProcessImageFileNameClass, &answer, sizeof answer, &told))) return;
    name = end = answer.name.Buffer + answer.name.Length / sizeof(WCHAR);
    while (name > answer.name.Buffer && name[-1] != L'\\') name--;
    length = WideCharToMultiByte(CP_UTF8, 0, name, (int)(end - name), text, sizeof text, NULL, NULL);
    printf(",\"image\":\"%.*s\"", length, text);
}

static void print_process(HANDLE process, DWORD pid, const MEMORY_COUNTERS *counters, const char *separator) {
    KERNEL_USER_TIMES times;
    ULONG told;
    memset(&times, 0, sizeof times);
    NtQueryInformationProcess(process, ProcessTimesClass, &times, sizeof times, &told);
    printf("%s{\"pid\":%lu,\"createTime\":%llu,\"userTime\":%llu,\"kernelTime\":%llu,", separator, pid,
           ticks(times.CreateTime), (u64)times.UserTime.QuadPart, (u64)times.KernelTime.QuadPart);
    printf("\"PagefileUsage\":%llu,\"PrivateUsage\":%llu,\"PrivateWorkingSetSize\":%llu,\"WorkingSetSize\":%llu",
           (u64)counters->PagefileUsage, (u64)counters->PrivateUsage, (u64)counters->PrivateWorkingSetSize,
           (u64)counters->WorkingSetSize);
    print_image(process);
    putchar('}');
}

static void print_processes(HANDLE job, const struct pids *pids, struct tally *tally) {
    const char *separator = "";
    MEMORY_COUNTERS counters;
    HANDLE process;
    memset(tally, 0, sizeof *tally);
    printf("\"processes\":[");
    for (DWORD i = 0; i < pids->count; i++) {
        DWORD pid = (DWORD)pids->list->ProcessIdList[i];
        if (!visit(job, pid, &counters, &process, tally)) continue;
        print_process(process, pid, &counters, separator);
        CloseHandle(process);
        separator = ",";
    }
    printf("],");
}

static void print_pids(const struct pids *pids) {
    printf("\"pids\":[");
    for (DWORD i = 0; i < pids->count; i++) printf("%s%lu", i ? "," : "", (DWORD)pids->list->ProcessIdList[i]);
    printf("],\"assigned\":%lu,", pids->assigned);
}

static void print_tally(const char *name, const struct tally *tally) {
    printf("\"%s\":{\"bytes\":%llu,\"read\":%lu,\"gone\":%lu,\"denied\":%lu,\"reused\":%lu,\"unreadable\":%lu}", name,
           (u64)tally->private_bytes, tally->read, tally->gone, tally->denied, tally->reused, tally->unreadable);
}

static void print_all_processes(void) {
    const SYSTEM_PROCESS_ENTRY *entry;
    if (!NT_OK(read_all_processes(&entry))) return;
    printf(",\"hostWide\":{");
    for (;; entry = (const SYSTEM_PROCESS_ENTRY *)((const char *)entry + entry->NextEntryOffset)) {
        printf("\"%lu\":{\"WorkingSetPrivateSize\":%llu,\"WorkingSetSize\":%llu,\"PrivatePageCount\":%llu,",
               (DWORD)(ULONG_PTR)entry->UniqueProcessId, (u64)entry->WorkingSetPrivateSize.QuadPart,
               (u64)entry->WorkingSetSize, (u64)entry->PrivatePageCount);
        printf("\"CreateTime\":%llu,\"UserTime\":%llu,\"KernelTime\":%llu,\"HandleCount\":%lu}",
               (u64)entry->CreateTime.QuadPart, (u64)entry->UserTime.QuadPart, (u64)entry->KernelTime.QuadPart,
               entry->HandleCount);
        if (!entry->NextEntryOffset) break;
        putchar(',');
    }
    putchar('}');
}

/* The order is silostat's: memory, processor, storage, private working set. */
static int print_job(HANDLE job, int host_wide) {
    struct pids pids = {NULL, 0, 0, 0};
    struct tally tally;
    NTSTATUS status;
    putchar('{');
    print_memory(job);
    print_accounting(job);
    print_storage(job);
    status = read_pids(job, &pids);
    if (!NT_OK(status)) print_error("list", status);
    print_pids(&pids);
    print_processes(job, &pids, &tally);
    print_tally("privateWorkingSet", &tally);
    if (host_wide) print_all_processes();
    puts("}");
    return 0;
}

int main(int argc, char **argv) {
    const char *name = NULL;
    int host_wide = 0;
    NTSTATUS status;
    HANDLE job;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--hostwide")) host_wide = 1;
        else if (!strcmp(argv[i], "--job") && i + 1 < argc) name = argv[++i];
        else if (strcmp(argv[i], "--hook") || i + 1 == argc || !LoadLibraryA(argv[++i])) return 2;
    }
    if (!name) return 2;
    job = open_job(name, JOB_OBJECT_QUERY, &status);
    if (!job) {
        answer_status("NtOpenJobObject", status);
        return 1;
    }
    return print_job(job, host_wide);
}
