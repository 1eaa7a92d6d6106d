/* Answers about jobs: sums over what Wine and the members know of the processes, and limits that are kept. */
#include "hook.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096
#define PAST_PEAK 4096 /* so that a peak is never mistaken for the present value */
#define KEPT_MS 10
#define BASIC_FLAGS 0xffu
#define EXTENDED_FLAGS 0x7fffu

/* Of the job's processes, those that are gone included. */
struct sums {
    struct figures figures;
    ULONG64 commit, largest_commit;
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting; /* Wine's */
};

static int compare(const void *a, const void *b) {
    ULONG_PTR left = *(const ULONG_PTR *)a, right = *(const ULONG_PTR *)b;
    return left < right ? -1 : left > right;
}

/* Sorted; to be freed. NULL on failure. */
static JOBOBJECT_BASIC_PROCESS_ID_LIST *list_pids(HANDLE job) {
    for (ULONG slots = 256; slots < 1u << 20; slots *= 2) {
        ULONG size = (ULONG)(offsetof(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList) + slots * sizeof(ULONG_PTR));
        JOBOBJECT_BASIC_PROCESS_ID_LIST *list = malloc(size);
        NTSTATUS status = wine_query_job(job, JobObjectBasicProcessIdList, list, size, NULL);
        if (status == NT_SUCCESS_STATUS) {
            qsort(list->ProcessIdList, list->NumberOfProcessIdsInList, sizeof(ULONG_PTR), compare);
            return list;
        }
        free(list);
        if (status != NT_MORE_ENTRIES && status != NT_BUFFER_OVERFLOW) return NULL;
    }
    return NULL;
}

static int is_listed(const JOBOBJECT_BASIC_PROCESS_ID_LIST *list, ULONG_PTR pid) {
    return bsearch(&pid, list->ProcessIdList, list->NumberOfProcessIdsInList, sizeof pid, compare) != NULL;
}

static struct figures published(const struct row *row) {
    struct figures figures = {row->user_100ns,          row->kernel_100ns,  row->read_bytes,
                              row->read_operations,     row->written_bytes, row->written_operations,
                              row->touched_bytes / PAGE};
    return figures;
}

static struct known *known_process(struct job_state *state, DWORD pid, LONG64 created) {
    for (LONG i = 0; i < state->known_count; i++)
        if (state->known[i].pid == pid && state->known[i].created == created) return &state->known[i];
    if (state->known_count == MOST_KNOWN) return NULL;
    memset(&state->known[state->known_count], 0, sizeof *state->known);
    state->known[state->known_count].pid = pid;
    state->known[state->known_count].created = created;
    return &state->known[state->known_count++];
}

/* A living process: its times from Wine, its I/O from its row. */
static void see(struct job_state *state, const SYSTEM_PROCESS_ENTRY *entry, LONG64 pass, struct sums *sums) {
    DWORD pid = (DWORD)(ULONG_PTR)entry->UniqueProcessId;
    const struct row *row = find_row_of(members_table(), pid, entry->CreateTime.QuadPart);
    ULONG64 commit = commit_of(entry->PagefileUsage, row);
    struct known *known;
    sums->commit += commit;
    if (commit > sums->largest_commit) sums->largest_commit = commit;
    if (entry->CreateTime.QuadPart == NOT_STARTED || !(known = known_process(state, pid, entry->CreateTime.QuadPart)))
        return;
    known->seen = pass;
    if (row) known->last = published(row);
    known->last.user_100ns = (ULONG64)entry->UserTime.QuadPart;
    known->last.kernel_100ns = (ULONG64)entry->KernelTime.QuadPart;
}

static ULONG64 larger(ULONG64 a, ULONG64 b) { return a > b ? a : b; }

/* Those that were there at the last pass and are not any more: what they said last, or what was seen of them last. */
static void part_with_the_gone(struct job_state *state, LONG64 pass) {
    ULONG64 bit = counted_bit(state);
    for (LONG i = 0; i < state->known_count;) {
        struct known *known = &state->known[i];
        if (known->seen == pass) {
            i++;
            continue;
        }
        struct row *row = find_row_of(members_table(), known->pid, known->created);
        struct figures final = row ? published(row) : known->last;
        final.user_100ns = larger(final.user_100ns, known->last.user_100ns);
        final.kernel_100ns = larger(final.kernel_100ns, known->last.kernel_100ns);
        add_figures(&state->gone, &final);
        if (row) row->counted |= bit;
        *known = state->known[--state->known_count];
    }
}

/* Members of this job that came and went between two passes. */
static void count_the_unseen(struct job_state *state, const LONG *rows, LONG count,
                             const JOBOBJECT_BASIC_PROCESS_ID_LIST *list) {
    struct table *table = members_table();
    for (LONG i = 0; i < count; i++) {
        struct row *row = &table->rows[rows[i]];
        struct figures final = published(row);
        if (row->counted & counted_bit(state) || is_listed(list, row->pid)) continue;
        add_figures(&state->gone, &final);
        row->counted |= counted_bit(state);
    }
}

/* Rows of this job that are not counted yet. They are noted before the list of pids is read, so that whoever is not in
 * the list has left the job, and not just entered it. */
static LONG note_rows(const struct job_state *state, LONG *into) {
    const struct table *table = members_table();
    LONG count = 0;
    for (LONG i = 0; i < table->used; i++) {
        const struct row *row = &table->rows[i];
        if (row->job != state->key || row->counted & counted_bit(state)) continue;
        if (row->state == ROW_READY || row->state == ROW_EXITED) into[count++] = i;
    }
    return count;
}

static void sum_processes(struct job_state *state, const JOBOBJECT_BASIC_PROCESS_ID_LIST *list, struct sums *sums) {
    struct snapshot snapshot;
    LONG64 pass = next_pass();
    if (!read_snapshot(&snapshot)) return;
    for (const SYSTEM_PROCESS_ENTRY *entry = NULL; (entry = next_entry(&snapshot, entry));)
        if (is_listed(list, (ULONG_PTR)entry->UniqueProcessId)) see(state, entry, pass, sums);
    part_with_the_gone(state, pass);
}

static void sum_anew(struct job_state *state, const LONG *rows, LONG row_count,
                     const JOBOBJECT_BASIC_PROCESS_ID_LIST *list, struct sums *sums) {
    memset(sums, 0, sizeof *sums);
    sum_processes(state, list, sums);
    count_the_unseen(state, rows, row_count, list);
    sums->figures = state->gone;
    for (LONG i = 0; i < state->known_count; i++) add_figures(&sums->figures, &state->known[i].last);
    state->peak_job = larger(state->peak_job, sums->commit + PAST_PEAK);
    state->peak_process = larger(state->peak_process, sums->largest_commit + PAST_PEAK);
}

/* The last sums, for the queries of one reading: the same job, the same processes, none of which did work meanwhile. */
static struct {
    ULONG64 key;
    LONG64 work;
    DWORD read, pid_count;
    ULONG64 pid_hash;
    struct sums sums;
} kept;

static ULONG64 hash_pids(const JOBOBJECT_BASIC_PROCESS_ID_LIST *list) {
    ULONG64 hash = 14695981039346656037ull;
    for (DWORD i = 0; i < list->NumberOfProcessIdsInList; i++)
        hash = (hash ^ list->ProcessIdList[i]) * 1099511628211ull;
    return hash;
}

static int are_kept(const struct job_state *state, const JOBOBJECT_BASIC_PROCESS_ID_LIST *list) {
    return kept.key == state->key && kept.work == members_table()->work && GetTickCount() - kept.read <= KEPT_MS &&
           kept.pid_count == list->NumberOfProcessIdsInList && kept.pid_hash == hash_pids(list) && state->known_count;
}

/* The state is locked. */
static NTSTATUS sum_up(HANDLE job, struct job_state *state, struct sums *sums) {
    static LONG rows[TABLE_ROWS]; /* only one at a time, under the lock */
    LONG row_count = note_rows(state, rows);
    JOBOBJECT_BASIC_PROCESS_ID_LIST *list = list_pids(job);
    if (!list) return NT_INVALID_PARAMETER;
    if (!are_kept(state, list)) {
        kept.key = state->key;
        kept.work = members_table()->work;
        kept.read = GetTickCount();
        kept.pid_count = list->NumberOfProcessIdsInList;
        kept.pid_hash = hash_pids(list);
        sum_anew(state, rows, row_count, list, &kept.sums);
    }
    free(list);
    *sums = kept.sums;
    return wine_query_job(job, JobObjectBasicAccountingInformation, &sums->accounting, sizeof sums->accounting, NULL);
}

static void fill_accounting(const struct sums *sums, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *into) {
    *into = sums->accounting;
    into->TotalUserTime.QuadPart = (LONG64)sums->figures.user_100ns;
    into->TotalKernelTime.QuadPart = (LONG64)sums->figures.kernel_100ns;
    into->ThisPeriodTotalUserTime.QuadPart = into->TotalUserTime.QuadPart / 2 + 1;
    into->ThisPeriodTotalKernelTime.QuadPart = into->TotalKernelTime.QuadPart / 2 + 2;
    into->TotalPageFaultCount = (DWORD)(sums->figures.touched_pages + (ULONG64)START_FAULTS * into->TotalProcesses);
}

static void fill_io(const struct sums *sums, IO_COUNTERS *into) {
    ULONG64 started = sums->accounting.TotalProcesses;
    into->ReadOperationCount = sums->figures.read_operations + START_READS * started;
    into->ReadTransferCount = sums->figures.read_bytes + START_READS * START_READ_BYTES * started;
    into->WriteOperationCount = sums->figures.written_operations;
    into->WriteTransferCount = sums->figures.written_bytes;
    into->OtherOperationCount = START_OTHERS * started;
    into->OtherTransferCount = START_OTHERS * START_OTHER_BYTES * started;
}

static void fill_attribution(const struct job_state *state, const struct sums *sums, IO_ATTRIBUTION *into) {
    const struct figures *now = &sums->figures, *then = &state->at_enabling;
    into->ControlFlags = IO_ATTRIBUTION_ENABLE;
    into->ReadStats.IoCount = now->read_operations - then->read_operations;
    into->ReadStats.TotalSize = now->read_bytes - then->read_bytes;
    into->WriteStats.IoCount = now->written_operations - then->written_operations;
    into->WriteStats.TotalSize = now->written_bytes - then->written_bytes;
    into->ReadStats.TotalNonOverlappedQueueTime = 3 * into->ReadStats.IoCount + 1;
    into->ReadStats.TotalNonOverlappedServiceTime = 5 * into->ReadStats.IoCount + 2;
    into->WriteStats.TotalNonOverlappedQueueTime = 7 * into->WriteStats.IoCount + 3;
    into->WriteStats.TotalNonOverlappedServiceTime = 11 * into->WriteStats.IoCount + 4;
}

static int is_silo(HANDLE job, const struct job_state *state) {
    static const WCHAR prefix[] = L"\\Container_";
    WCHAR name[1024];
    job_name(job, name, 1024);
    return state->is_silo || !wcsncmp(name, prefix, wcslen(prefix));
}

static NTSTATUS fill_silo(HANDLE job, const struct job_state *state, const struct sums *sums, SILO_BASIC *into) {
    if (!is_silo(job, state)) return NT_INVALID_PARAMETER;
    memset(into, 0, sizeof *into);
    into->SiloId = (DWORD)(state->key & 0x7fffffff) | 0x1000;
    into->SiloParentId = 1;
    into->NumberOfProcesses = sums->accounting.ActiveProcesses;
    into->IsInServerSilo = TRUE;
    return NT_SUCCESS_STATUS;
}

static void fill_limits(const struct job_state *state, JOBOBJECT_EXTENDED_LIMIT_INFORMATION *into) {
    *into = state->limits;
    into->PeakProcessMemoryUsed = (SIZE_T)state->peak_process;
    into->PeakJobMemoryUsed = (SIZE_T)state->peak_job;
}

static NTSTATUS fill(HANDLE job, ULONG information_class, struct job_state *state, const struct sums *sums,
                     void *into) {
    switch (information_class) {
    case JobObjectBasicAccountingInformation: fill_accounting(sums, into); break;
    case JobObjectBasicAndIoAccountingInformation:
        fill_accounting(sums, &((JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION *)into)->BasicInfo);
        fill_io(sums, &((JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION *)into)->IoInfo);
        break;
    case JobMemoryUsageInformation:
        ((JOB_MEMORY_USAGE *)into)->JobMemory = sums->commit;
        ((JOB_MEMORY_USAGE *)into)->PeakJobMemoryUsed = state->peak_job;
        break;
    case JobIoAttribution:
        if (!state->tracks_io) return NT_NOT_FOUND;
        fill_attribution(state, sums, into);
        break;
    case JobObjectBasicLimitInformation:
        memcpy(into, &state->limits.BasicLimitInformation, sizeof state->limits.BasicLimitInformation);
        ((JOBOBJECT_BASIC_LIMIT_INFORMATION *)into)->LimitFlags &= BASIC_FLAGS;
        break;
    case JobObjectExtendedLimitInformation: fill_limits(state, into); break;
    case JobObjectCpuRateControlInformation: memcpy(into, &state->rate, sizeof state->rate); break;
    case JobSiloBasicInformation: return fill_silo(job, state, sums, into);
    }
    return NT_SUCCESS_STATUS;
}

/* Length of the answer to a class that we give; 0: Wine's. */
static ULONG length_of(ULONG information_class) {
    switch (information_class) {
    case JobObjectBasicAccountingInformation: return sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION);
    case JobObjectBasicAndIoAccountingInformation: return sizeof(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION);
    case JobMemoryUsageInformation: return sizeof(JOB_MEMORY_USAGE);
    case JobIoAttribution: return sizeof(IO_ATTRIBUTION);
    case JobObjectBasicLimitInformation: return sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION);
    case JobObjectExtendedLimitInformation: return sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION);
    case JobObjectCpuRateControlInformation: return sizeof(CPU_RATE_CONTROL);
    case JobSiloBasicInformation: return sizeof(SILO_BASIC);
    default: return 0;
    }
}

NTSTATUS answer_job(HANDLE job, ULONG information_class, void *into, ULONG size, ULONG *told) {
    ULONG length = length_of(information_class);
    struct job_state *state;
    struct sums sums;
    NTSTATUS status;
    if (!length || !job) {
        status = wine_query_job(job, information_class, into, size, told);
        return status == NT_MORE_ENTRIES ? NT_BUFFER_OVERFLOW : status;
    }
    if (size != length) return NT_INFO_LENGTH_MISMATCH;
    status = wine_query_job(job, JobObjectBasicAccountingInformation, &sums.accounting, sizeof sums.accounting, NULL);
    if (!NT_OK(status)) return status; /* no such handle, or no right to query */
    if (!(state = lock_state(job))) return NT_INVALID_PARAMETER;
    status = sum_up(job, state, &sums);
    if (NT_OK(status)) status = fill(job, information_class, state, &sums, into);
    unlock_states();
    if (NT_OK(status) && told) *told = length;
    return status;
}

/* https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_cpu_rate_control_information */
static int is_valid_rate(const CPU_RATE_CONTROL *rate) {
    const DWORD enable = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE, weight = JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED;
    const DWORD min_max = CPU_RATE_CONTROL_MIN_MAX_RATE, cap = JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    DWORD flags = rate->ControlFlags;
    if (!flags) return 1;
    if (!(flags & enable) || flags & ~(enable | weight | cap | min_max | JOB_OBJECT_CPU_RATE_CONTROL_NOTIFY)) return 0;
    if (flags & weight) return !(flags & (cap | min_max)) && rate->Weight >= 1 && rate->Weight <= 9;
    if (flags & min_max)
        return !(flags & cap) && rate->MinRate <= rate->MaxRate && rate->MaxRate >= 1 && rate->MaxRate <= 10000;
    return rate->CpuRate >= 1 && rate->CpuRate <= 10000;
}

static NTSTATUS keep_limits(struct job_state *state, ULONG information_class, const void *from) {
    const JOBOBJECT_BASIC_LIMIT_INFORMATION *basic = from;
    DWORD valid = information_class == JobObjectExtendedLimitInformation ? EXTENDED_FLAGS : BASIC_FLAGS;
    if (basic->LimitFlags & ~valid) return NT_INVALID_PARAMETER;
    if (information_class == JobObjectExtendedLimitInformation) {
        memcpy(&state->limits, from, sizeof state->limits);
    } else {
        DWORD kept = state->limits.BasicLimitInformation.LimitFlags & ~BASIC_FLAGS;
        state->limits.BasicLimitInformation = *basic;
        state->limits.BasicLimitInformation.LimitFlags |= kept;
    }
    return NT_SUCCESS_STATUS;
}

static NTSTATUS control_attribution(HANDLE job, struct job_state *state, ULONG flags) {
    struct sums sums;
    if (flags != IO_ATTRIBUTION_ENABLE && flags != IO_ATTRIBUTION_DISABLE) return NT_INVALID_PARAMETER;
    if (flags == IO_ATTRIBUTION_ENABLE && !state->tracks_io && NT_OK(sum_up(job, state, &sums)))
        state->at_enabling = sums.figures;
    state->tracks_io = flags == IO_ATTRIBUTION_ENABLE;
    return NT_SUCCESS_STATUS;
}

static NTSTATUS keep(HANDLE job, struct job_state *state, ULONG information_class, const void *from) {
    switch (information_class) {
    case JobObjectBasicLimitInformation:
    case JobObjectExtendedLimitInformation: return keep_limits(state, information_class, from);
    case JobObjectCpuRateControlInformation:
        if (!is_valid_rate(from)) return NT_INVALID_PARAMETER;
        memcpy(&state->rate, from, sizeof state->rate);
        return NT_SUCCESS_STATUS;
    case JobIoAttribution: return control_attribution(job, state, *(const ULONG *)from);
    default: state->is_silo = 1; return NT_SUCCESS_STATUS; /* JobCreateSilo */
    }
}

NTSTATUS set_job(HANDLE job, ULONG information_class, void *from, ULONG size) {
    const int limits =
        information_class == JobObjectBasicLimitInformation || information_class == JobObjectExtendedLimitInformation;
    ULONG length = length_of(information_class);
    struct job_state *state;
    ACCESS_MASK access;
    NTSTATUS status;
    if (information_class == JobObjectAssociateCompletionPortInformation || !job ||
        (!limits && information_class != JobObjectCpuRateControlInformation && information_class != JobIoAttribution &&
         information_class != JobCreateSilo)) {
        status = wine_set_job(job, information_class, from, size);
        if (NT_OK(status) && information_class == JobObjectAssociateCompletionPortInformation) remember_port(job, from);
        return status;
    }
    if (size != length) return NT_INFO_LENGTH_MISMATCH;
    if (!NT_OK(status = read_granted_access(job, &access))) return status;
    if (!(access & JOB_OBJECT_SET_ATTRIBUTES)) return NT_ACCESS_DENIED;
    if (!(state = lock_state(job))) return NT_INVALID_PARAMETER;
    status = keep(job, state, information_class, from);
    unlock_states();
    return NT_OK(status) && limits ? wine_set_job(job, information_class, from, size)
                                   : status; /* kill on close works there */
}
