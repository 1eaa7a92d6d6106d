/*
 * How long the calls of silostat take when C makes them: the floor for the benchmark. One command a line on stdin:
 *
 *   floor.exe [--hook DLL] --job NT_NAME
 *
 *   perpid N      pids, then four calls a process
 *   hostwide N    pids, then one pass over all processes of the host
 *   figures N     opens the job, classes 28, 1 and 42, perpid, closes it
 *   list N        opens the job, pids, then six calls a process: its image's name and its times too; closes it
 *
 * Answers {"ok":true,"ns":[…]}: N times, each of one round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "walk.h"

#define MOST_ROUNDS 100000

static const char *name;
static HANDLE job;
static struct pids pids;

static void perpid(void) {
    struct tally tally;
    if (NT_OK(read_pids(job, &pids))) walk(job, &pids, &tally);
}

static void hostwide(void) {
    struct tally tally;
    if (NT_OK(read_pids(job, &pids))) walk_host_wide(&pids, &tally);
}

static void figures(void) {
    JOB_MEMORY_USAGE memory;
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;
    IO_ATTRIBUTION io;
    struct tally tally;
    NTSTATUS status;
    ULONG told;
    HANDLE opened = open_job(name, JOB_OBJECT_QUERY, &status);
    if (!opened) return;
    NtQueryInformationJobObject(opened, JobMemoryUsageInformation, &memory, sizeof memory, &told);
    NtQueryInformationJobObject(opened, JobObjectBasicAccountingInformation, &accounting, sizeof accounting, &told);
    NtQueryInformationJobObject(opened, JobIoAttribution, &io, sizeof io, &told);
    if (NT_OK(read_pids(opened, &pids))) walk(opened, &pids, &tally);
    CloseHandle(opened);
}

static void list(void) {
    static char text[1024];
    KERNEL_USER_TIMES times;
    MEMORY_COUNTERS counters;
    struct tally tally;
    NTSTATUS status;
    HANDLE process;
    ULONG told;
    HANDLE opened = open_job(name, JOB_OBJECT_QUERY, &status);
    if (!opened) return;
    if (!NT_OK(read_pids(opened, &pids))) pids.count = 0;
    for (DWORD i = 0; i < pids.count; i++) {
        if (!visit(opened, (DWORD)pids.list->ProcessIdList[i], &counters, &process, &tally)) continue;
        NtQueryInformationProcess(process, ProcessImageFileNameClass, text, sizeof text, &told);
        NtQueryInformationProcess(process, ProcessTimesClass, &times, sizeof times, &told);
        CloseHandle(process);
    }
    CloseHandle(opened);
}

static void measure(void (*round)(void), int rounds) {
    static LONG64 times[MOST_ROUNDS];
    LARGE_INTEGER frequency, begin, end;
    if (rounds > MOST_ROUNDS) rounds = MOST_ROUNDS;
    QueryPerformanceFrequency(&frequency);
    for (int i = 0; i < rounds; i++) {
        QueryPerformanceCounter(&begin);
        round();
        QueryPerformanceCounter(&end);
        times[i] = (end.QuadPart - begin.QuadPart) * 1000000000 / frequency.QuadPart;
    }
    printf("{\"ok\":true,\"ns\":[");
    for (int i = 0; i < rounds; i++) printf("%s%lld", i ? "," : "", (long long)times[i]);
    puts("]}");
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[256];
    NTSTATUS status;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--job")) name = argv[i + 1];
        else if (strcmp(argv[i], "--hook") || !LoadLibraryA(argv[i + 1])) return 2;
    }
    if (!name) return 2;
    job = open_job(name, JOB_OBJECT_QUERY, &status);
    if (!job) {
        answer_status("NtOpenJobObject", status);
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        const char *verb = strtok(line, " \r\n"), *count = strtok(NULL, " \r\n");
        int rounds = count ? atoi(count) : 1;
        if (!verb) continue;
        if (!strcmp(verb, "perpid")) measure(perpid, rounds);
        else if (!strcmp(verb, "hostwide")) measure(hostwide, rounds);
        else if (!strcmp(verb, "figures")) measure(figures, rounds);
        else if (!strcmp(verb, "list")) measure(list, rounds);
        else answer_error("no such command", ERROR_INVALID_FUNCTION);
    }
    return 0;
}
