/* What the processes that load the hook know together of each job, in shared memory. */
#include "hook.h"

#include <stdio.h>
#include <string.h>

struct states {
    LONG64 pass;
    struct job_state jobs[MOST_JOBS];
};

static struct states *states;
static HANDLE lock;
static struct table *table;
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

static BOOL CALLBACK open_all(INIT_ONCE *unused, void *parameter, void **context) {
    HANDLE section;
    char name[128], full[160];
    (void)unused, (void)parameter, (void)context;
    table = open_table(NULL);
    if (!GetEnvironmentVariableA("SILOSTAT_LAB_SECTION", name, sizeof name))
        snprintf(name, sizeof name, TABLE_DEFAULT_NAME);
    snprintf(full, sizeof full, "Local\\%s-state-lock", name);
    lock = CreateMutexA(NULL, FALSE, full);
    snprintf(full, sizeof full, "Local\\%s-state", name);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct states), full);
    if (section) states = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    return TRUE;
}

struct table *members_table(void) {
    InitOnceExecuteOnce(&once, open_all, NULL, NULL);
    return table;
}

/* A job without a name is known to its own process alone, by its handle. */
static ULONG64 key_of(HANDLE job) {
    ULONG64 key = job_key(job);
    return key ? key : 1ull << 63 | (ULONG64)GetCurrentProcessId() << 32 | (ULONG)(ULONG_PTR)job;
}

ULONG64 counted_bit(const struct job_state *state) { return 1ull << (state - states->jobs); }

static void clear(struct job_state *state, ULONG64 key) {
    ULONG64 bit = counted_bit(state);
    memset(state, 0, sizeof *state);
    state->key = key;
    for (LONG i = 0; table && i < table->used; i++) table->rows[i].counted &= ~bit;
}

/* The job's own, or else the one that was not used for the longest. */
static struct job_state *state_of(ULONG64 key) {
    struct job_state *oldest = states->jobs;
    for (int i = 0; i < MOST_JOBS; i++) {
        if (states->jobs[i].key == key) return &states->jobs[i];
        if (states->jobs[i].used < oldest->used) oldest = &states->jobs[i];
    }
    clear(oldest, key);
    return oldest;
}

struct job_state *lock_state(HANDLE job) {
    struct job_state *state;
    members_table();
    if (!states || !table || !lock) return NULL;
    WaitForSingleObject(lock, INFINITE);
    state = state_of(key_of(job));
    state->used = next_pass();
    return state;
}

void unlock_states(void) { ReleaseMutex(lock); }

void reset_state(HANDLE job) {
    struct job_state *state = lock_state(job);
    if (!state) return;
    clear(state, state->key);
    unlock_states();
}

LONG64 next_pass(void) { return ++states->pass; }

void add_figures(struct figures *sum, const struct figures *more) {
    sum->user_100ns += more->user_100ns;
    sum->kernel_100ns += more->kernel_100ns;
    sum->read_bytes += more->read_bytes;
    sum->read_operations += more->read_operations;
    sum->written_bytes += more->written_bytes;
    sum->written_operations += more->written_operations;
    sum->touched_pages += more->touched_pages;
}
