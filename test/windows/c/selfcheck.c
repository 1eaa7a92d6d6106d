/*
 * Checks the hook against what the members say of themselves, before and after each of them does a known amount of
 * work.
 *
 *   selfcheck.exe HOOK_DLL        prints {"check":"…","ok":true|false,…} per check, and how many failed at the end
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "table.h"
#include "talk.h"
#include "walk.h"

#define MEMBERS 5
#define MEGABYTE 1048576ull
#define TICK 100000ull /* what Linux counts processor time in */

typedef unsigned long long u64;

static HANDLE job;
static struct table *table;
static ULONG64 key;
static DWORD members[MEMBERS], bystander;
static int failures;

static void check(const char *name, int ok, u64 actual, u64 expected) {
    printf("{\"check\":\"%s\",\"ok\":%s,\"actual\":%llu,\"expected\":%llu}\n", name, ok ? "true" : "false", actual,
           expected);
    fflush(stdout);
    failures += !ok;
}

static void check_equal(const char *name, u64 actual, u64 expected) {
    check(name, actual == expected, actual, expected);
}

static void check_within(const char *name, u64 actual, u64 least, u64 most) {
    check(name, actual >= least && actual <= most, actual, least);
}

/* An answer that says no is a check that fails. */
static const char *tell(const char *format, ...) {
    const char *answer;
    va_list arguments;
    va_start(arguments, format);
    answer = ask_workload(format, arguments);
    va_end(arguments);
    if (!strstr(answer, "\"ok\":true")) check(format, 0, 0, 0);
    return answer;
}

static NTSTATUS query(ULONG information_class, void *into, ULONG size) {
    ULONG told = 0;
    NTSTATUS status = NtQueryInformationJobObject(job, information_class, into, size, &told);
    if (NT_OK(status) && told != size) check_equal("length of the answer", told, size);
    return status;
}

/* What the members of the job say, those included that are gone. */
struct said {
    u64 touched, committed, user, kernel, read_bytes, reads, written_bytes, writes;
};

static struct said sum_rows(void) {
    struct said said;
    memset(&said, 0, sizeof said);
    for (LONG i = 0; i < table->used; i++) {
        const struct row *row = &table->rows[i];
        if (row->job != key || row->state < ROW_READY) continue;
        said.touched += row->touched_bytes;
        said.committed += row->committed_bytes;
        said.user += row->user_100ns;
        said.kernel += row->kernel_100ns;
        said.read_bytes += row->read_bytes;
        said.reads += row->read_operations;
        said.written_bytes += row->written_bytes;
        said.writes += row->written_operations;
    }
    return said;
}

struct answered {
    JOB_MEMORY_USAGE memory;
    JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION accounting;
    IO_ATTRIBUTION io;
    struct tally tally;
};

static struct answered ask_all(void) {
    struct answered answered;
    struct pids pids = {NULL, 0, 0, 0};
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION basic;
    memset(&answered, 0, sizeof answered);
    Sleep(30); /* the hook keeps its sums for a moment */
    check_equal("class 28", (ULONG)query(JobMemoryUsageInformation, &answered.memory, sizeof answered.memory), 0);
    check_equal(
        "class 8",
        (ULONG)query(JobObjectBasicAndIoAccountingInformation, &answered.accounting, sizeof answered.accounting), 0);
    check_equal("class 1", (ULONG)query(JobObjectBasicAccountingInformation, &basic, sizeof basic), 0);
    check_equal("class 1 is the beginning of class 8",
                (u64)memcmp(&basic, &answered.accounting.BasicInfo, sizeof basic), 0);
    check_equal("class 42", (ULONG)query(JobIoAttribution, &answered.io, sizeof answered.io), 0);
    check_equal("class 3", (ULONG)read_pids(job, &pids), 0);
    walk(job, &pids, &answered.tally);
    check_equal("all listed processes are read", answered.tally.read, pids.count);
    free(pids.list);
    return answered;
}

static void check_io(const char *when, const struct answered *now) {
    struct said said = sum_rows();
    const IO_COUNTERS *requested = &now->accounting.IoInfo;
    u64 ever = now->accounting.BasicInfo.TotalProcesses;
    printf("{\"when\":\"%s\"}\n", when);
    check_equal("attributed reads", now->io.ReadStats.IoCount, said.reads);
    check_equal("attributed bytes read", now->io.ReadStats.TotalSize, said.read_bytes);
    check_equal("attributed writes", now->io.WriteStats.IoCount, said.writes);
    check_equal("attributed bytes written", now->io.WriteStats.TotalSize, said.written_bytes);
    check_equal("requested reads", requested->ReadOperationCount, said.reads + 3 * ever);
    check_equal("requested bytes read", requested->ReadTransferCount, said.read_bytes + 3000 * ever);
    check_equal("requested writes", requested->WriteOperationCount, said.writes);
    check_equal("requested bytes written", requested->WriteTransferCount, said.written_bytes);
    check_equal("page faults", now->accounting.BasicInfo.TotalPageFaultCount, said.touched / 4096 + 100 * ever);
    check_within("user time", now->accounting.BasicInfo.TotalUserTime.QuadPart, said.user, said.user + ever * 3 * TICK);
    check_within("kernel time", now->accounting.BasicInfo.TotalKernelTime.QuadPart, said.kernel,
                 said.kernel + ever * 3 * TICK);
}

static void check_memory_moves(const struct answered *before) {
    const u64 touched = 24 * MEGABYTE, committed = 40 * MEGABYTE, slack = MEGABYTE;
    struct answered now;
    tell("touch %lu %llu", members[1], touched);
    tell("touch %lu %llu", bystander, 7 * MEGABYTE);
    now = ask_all();
    check_within("touched memory is private", now.tally.private_bytes - before->tally.private_bytes, touched,
                 touched + slack);
    check_within("touched memory is committed", now.memory.JobMemory - before->memory.JobMemory, touched,
                 touched + slack);
    tell("commit %lu %llu", members[2], committed);
    now = ask_all();
    check_within("untouched memory is not private", now.tally.private_bytes - before->tally.private_bytes, touched,
                 touched + slack);
    check_within("untouched memory is committed", now.memory.JobMemory - before->memory.JobMemory, touched + committed,
                 touched + committed + slack);
    check_equal("the peak is a page above the most", now.memory.PeakJobMemoryUsed, now.memory.JobMemory + 4096);
}

static void check_processor_moves(const struct answered *before) {
    const u64 user = 300 * 10000, kernel = 200 * 10000;
    const JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *then = &before->accounting.BasicInfo;
    struct answered now;
    tell("burn %lu 300", members[0]);
    tell("burnkernel %lu 200", members[3]);
    tell("burn %lu 100", bystander);
    now = ask_all();
    check_within("user time moves", now.accounting.BasicInfo.TotalUserTime.QuadPart - then->TotalUserTime.QuadPart,
                 user, user + 100 * TICK);
    check_within("kernel time moves",
                 now.accounting.BasicInfo.TotalKernelTime.QuadPart - then->TotalKernelTime.QuadPart, kernel,
                 kernel + 100 * TICK);
    check_io("after burning", &now);
}

static void check_storage_moves(const struct answered *before) {
    struct answered now;
    tell("write %lu 81920", members[0]);
    tell("write %lu 4096", members[1]);
    tell("read %lu 122880", members[2]);
    tell("write %lu 40960", bystander);
    now = ask_all();
    check_equal("written", now.io.WriteStats.TotalSize - before->io.WriteStats.TotalSize, 81920 + 4096);
    check_equal("writes", now.io.WriteStats.IoCount - before->io.WriteStats.IoCount, 21);
    check_equal("read", now.io.ReadStats.TotalSize - before->io.ReadStats.TotalSize, 122880);
    check_equal("reads", now.io.ReadStats.IoCount - before->io.ReadStats.IoCount, 30);
    check_io("after reading and writing", &now);
}

static void check_the_gone(void) {
    struct answered before = ask_all(), now;
    tell("exit %lu", members[0]);
    tell("kill %lu", members[1]);
    now = ask_all();
    check_equal("two are gone", now.accounting.BasicInfo.ActiveProcesses, MEMBERS - 2);
    check_equal("and were there", now.accounting.BasicInfo.TotalProcesses, MEMBERS);
    check_within("their time stays", now.accounting.BasicInfo.TotalUserTime.QuadPart,
                 before.accounting.BasicInfo.TotalUserTime.QuadPart,
                 before.accounting.BasicInfo.TotalUserTime.QuadPart + 5 * TICK);
    check_within("their memory does not", now.memory.JobMemory, 1, before.memory.JobMemory - 24 * MEGABYTE);
    check_equal("the peak stays", now.memory.PeakJobMemoryUsed, before.memory.PeakJobMemoryUsed);
    check_io("after two have gone", &now);
}

static void check_process(DWORD pid) {
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    const struct row *row = find_row(table, pid);
    KERNEL_USER_TIMES times;
    IO_COUNTERS io;
    ULONG told;
    check_equal("class 4", (ULONG)NtQueryInformationProcess(process, ProcessTimesClass, &times, sizeof times, &told),
                0);
    check_equal("create time", (u64)times.CreateTime.dwHighDateTime << 32 | times.CreateTime.dwLowDateTime,
                (u64)row->created);
    check_within("user time of a process", times.UserTime.QuadPart, row->user_100ns, row->user_100ns + 3 * TICK);
    check_within("kernel time of a process", times.KernelTime.QuadPart, row->kernel_100ns,
                 row->kernel_100ns + 3 * TICK);
    check_equal("class 2", (ULONG)NtQueryInformationProcess(process, ProcessIoCountersClass, &io, sizeof io, &told), 0);
    check_equal("reads of a process", io.ReadOperationCount, row->read_operations + 3);
    check_equal("bytes that a process wrote", io.WriteTransferCount, row->written_bytes);
    CloseHandle(process);
}

static void check_distinct(void) {
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, members[2]);
    MEMORY_COUNTERS counters;
    const u64 *words = (const u64 *)&counters;
    int equal = 0;
    ULONG told;
    memset(&counters, 0, sizeof counters);
    check_equal("112 bytes",
                (ULONG)NtQueryInformationProcess(process, ProcessVmCountersClass, &counters, sizeof counters, &told),
                0);
    for (size_t i = 0; i < sizeof counters / 8; i++)
        for (size_t k = 0; k < i; k++) equal += words[i] == words[k];
    check_equal("no two members are equal", (u64)equal, 0);
    CloseHandle(process);
}

static void check_limits(void) {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits, read;
    CPU_RATE_CONTROL rate = {.ControlFlags = 5, .CpuRate = 2500}, bad = {.ControlFlags = 5, .CpuRate = 10001}, back;
    SILO_BASIC silo;
    memset(&limits, 0, sizeof limits);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_JOB_MEMORY | JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    limits.BasicLimitInformation.ActiveProcessLimit = 77;
    limits.JobMemoryLimit = 123456789;
    check_equal("set class 9",
                (ULONG)NtSetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits), 0);
    check_equal("get class 9", (ULONG)query(JobObjectExtendedLimitInformation, &read, sizeof read), 0);
    check_equal("memory limit", read.JobMemoryLimit, 123456789);
    check_equal("process limit", read.BasicLimitInformation.ActiveProcessLimit, 77);
    check_equal("set class 15",
                (ULONG)NtSetInformationJobObject(job, JobObjectCpuRateControlInformation, &rate, sizeof rate), 0);
    check_equal("a bad rate",
                (ULONG)NtSetInformationJobObject(job, JobObjectCpuRateControlInformation, &bad, sizeof bad),
                (ULONG)NT_INVALID_PARAMETER);
    check_equal("get class 15", (ULONG)query(JobObjectCpuRateControlInformation, &back, sizeof back), 0);
    check_equal("rate", back.CpuRate, 2500);
    check_equal("class 36", (ULONG)query(JobSiloBasicInformation, &silo, sizeof silo), 0);
    check_equal("processes of the silo", silo.NumberOfProcesses, MEMBERS);
}

static void check_refusals(const char *name) {
    JOB_MEMORY_USAGE memory;
    NTSTATUS status;
    HANDLE whole = job;
    check_equal("a wrong length", (ULONG)query(JobMemoryUsageInformation, &memory, sizeof memory - 8),
                (ULONG)NT_INFO_LENGTH_MISMATCH);
    job = open_job(name, JOB_OBJECT_TERMINATE, &status);
    check_equal("no right to query", (ULONG)query(JobMemoryUsageInformation, &memory, sizeof memory),
                (ULONG)NT_ACCESS_DENIED);
    CloseHandle(job);
    job = (HANDLE)(ULONG_PTR)0x123450;
    check_equal("no handle at all", (ULONG)query(JobMemoryUsageInformation, &memory, sizeof memory),
                (ULONG)NT_INVALID_HANDLE);
    job = whole;
}

/* Create times of what is found in a storm lie between the job's making and now. */
static int is_plausible(HANDLE process, u64 since) {
    KERNEL_USER_TIMES times;
    FILETIME now;
    ULONG told;
    u64 created;
    if (!NT_OK(NtQueryInformationProcess(process, ProcessTimesClass, &times, sizeof times, &told))) return 1;
    GetSystemTimeAsFileTime(&now);
    created = (u64)times.CreateTime.dwHighDateTime << 32 | times.CreateTime.dwLowDateTime;
    return created >= since && created <= ((u64)now.dwHighDateTime << 32 | now.dwLowDateTime);
}

static void check_storm(u64 since) {
    struct tally sum, tally;
    int implausible = 0, rounds = 0;
    memset(&sum, 0, sizeof sum);
    tell("storm on");
    for (DWORD begin = GetTickCount(); GetTickCount() - begin < 3000; rounds++) {
        struct pids pids = {NULL, 0, 0, 0};
        MEMORY_COUNTERS counters;
        HANDLE process;
        read_pids(job, &pids);
        memset(&tally, 0, sizeof tally);
        for (DWORD i = 0; i < pids.count; i++) {
            if (!visit(job, (DWORD)pids.list->ProcessIdList[i], &counters, &process, &tally)) continue;
            implausible += !is_plausible(process, since);
            CloseHandle(process);
        }
        sum.read += tally.read;
        sum.gone += tally.gone;
        sum.denied += tally.denied;
        sum.reused += tally.reused;
        sum.unreadable += tally.unreadable;
        free(pids.list);
    }
    tell("storm off");
    printf("{\"rounds\":%d,\"read\":%lu,\"gone\":%lu}\n", rounds, sum.read, sum.gone);
    check_equal("nobody is denied in a storm", sum.denied, 0);
    check_equal("nobody is unreadable in a storm", sum.unreadable, 0);
    check_equal("nobody is foreign in a storm", sum.reused, 0);
    check_equal("create times in a storm", (u64)implausible, 0);
}

static void spawn(void) {
    const char *at = strchr(tell("spawn %d", MEMBERS), '[');
    for (int i = 0; at && i < MEMBERS; i++) members[i] = strtoul(at + 1, (char **)&at, 10);
    at = strchr(tell("outside 1"), '[');
    bystander = at ? strtoul(at + 1, NULL, 10) : 0;
}

int main(int argc, char **argv) {
    IO_ATTRIBUTION io;
    struct answered before;
    char name[64];
    FILETIME begin;
    NTSTATUS status;
    if (argc != 2 || !LoadLibraryA(argv[1]) || !start_workload(argv[1]) || !(table = open_table(NULL))) return 2;
    GetSystemTimeAsFileTime(&begin);
    snprintf(name, sizeof name, "\\Container_selfcheck-%lu", GetCurrentProcessId());
    tell("create %s", name);
    job = open_job(name, JOB_OBJECT_QUERY | JOB_OBJECT_SET_ATTRIBUTES, &status);
    key = job_key(job);
    check_equal("I/O before it is tracked", (ULONG)query(JobIoAttribution, &io, sizeof io), (ULONG)NT_NOT_FOUND);
    tell("track");
    spawn();
    before = ask_all();
    check_io("at the beginning", &before);
    check_memory_moves(&before);
    check_processor_moves(&before);
    check_storage_moves(&before);
    for (int i = 0; i < MEMBERS; i++) check_process(members[i]);
    check_distinct();
    check_limits();
    check_refusals(name);
    check_the_gone();
    check_storm((u64)begin.dwHighDateTime << 32 | begin.dwLowDateTime);
    end_workload();
    printf("{\"failures\":%d}\n", failures);
    return 0;
}
