/* What all processes of a job have used together, those that are gone included. */
#include "hook.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096
#define PAST_PEAK 4096 /* so that a peak is never mistaken for the present value */
#define KEPT_MS 10

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

NTSTATUS sum_up(HANDLE job, struct job_state *state, struct sums *sums) {
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
