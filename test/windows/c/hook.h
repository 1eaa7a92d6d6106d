/*
 * hook.dll makes Wine's ntdll answer what Windows answers about jobs and their processes, and fail where a test wants
 * it to.
 *
 *   hook.c          patches ntdll, passes calls on, applies faults
 *   hook-faults.c   the faults and the counts of calls; what tests call
 *   hook-jobs.c     answers about jobs: sums over their processes, limits that are kept
 *   hook-sums.c     the sums
 *   hook-process.c  answers about single processes, and the host-wide list of them
 *   hook-state.c    what the processes that load the hook know together of each job
 */
#ifndef SILOSTAT_HOOK_H
#define SILOSTAT_HOOK_H

#include <stdint.h>

#include "nt.h"
#include "table.h"

enum call {
    CALL_OPEN_PROCESS,
    CALL_QUERY_PROCESS,
    CALL_QUERY_JOB,
    CALL_SET_JOB,
    CALL_IN_JOB,
    CALL_OPEN_JOB,
    CALL_CREATE_JOB,
    CALL_OPEN_DIRECTORY,
    CALL_QUERY_SYSTEM,
    CALL_CLOSE,
    CALLS
};

/* Wine's own functions. */
extern NTSTATUS(NTAPI *wine_open_process)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, CLIENT_ID *);
extern NTSTATUS(NTAPI *wine_query_process)(HANDLE, ULONG, void *, ULONG, ULONG *);
extern NTSTATUS(NTAPI *wine_query_job)(HANDLE, ULONG, void *, ULONG, ULONG *);
extern NTSTATUS(NTAPI *wine_set_job)(HANDLE, ULONG, void *, ULONG);
extern NTSTATUS(NTAPI *wine_in_job)(HANDLE, HANDLE);
extern NTSTATUS(NTAPI *wine_open_job)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
extern NTSTATUS(NTAPI *wine_create_job)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
extern NTSTATUS(NTAPI *wine_open_directory)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
extern NTSTATUS(NTAPI *wine_query_system)(ULONG, void *, ULONG, ULONG *);
extern NTSTATUS(NTAPI *wine_close)(HANDLE);

/* hook-faults.c */
enum action {
    ACTION_STATUS = 1,    /* this status, without the call */
    ACTION_SHORT = 2,     /* an answer of so many bytes */
    ACTION_REUSE = 3,     /* in the list of pids, value2 in the place of value */
    ACTION_TERMINATE = 4, /* before the call, the job ends with this exit code */
    ACTION_KILL = 5,      /* before the call, this process ends */
    ACTION_CLOSE = 6,     /* before the call, this handle is closed; 0: that of the job asked last */
};

struct fault {
    enum call call;
    ULONG information_class;
    ULONG skip, times;
    ULONG action;
    ULONG64 value, value2;
};

/* Counts the call, and gives the fault that it is to meet, if any, into *fault. */
int meet_fault(enum call call, ULONG information_class, struct fault *fault);
/* Whether a fault has closed the handle, as far as our callers can tell. */
int seems_closed(HANDLE handle);
/* Closes it in truth, if so. */
int close_at_last(HANDLE handle);
/* Reads back what a new handle was granted. */
void note_handle(enum call call, HANDLE handle);
/* What comes before the call. 1 if the call is not to be made. */
int apply_before(const struct fault *fault, NTSTATUS *status);
/* The job that the thread of the faults deals with, for those that are about one and met elsewhere. */
void note_job(HANDLE job);
void remember_port(HANDLE job, const JOBOBJECT_ASSOCIATE_COMPLETION_PORT *port);

/* hook-state.c */
struct figures {
    ULONG64 user_100ns, kernel_100ns;
    ULONG64 read_bytes, read_operations, written_bytes, written_operations;
    ULONG64 touched_pages;
};

struct known {
    DWORD pid;
    LONG64 created;
    LONG64 seen; /* number of the pass that saw it last */
    struct figures last;
};

#define MOST_KNOWN 1024
#define MOST_JOBS 64 /* bits of row.counted */

struct job_state {
    ULONG64 key;
    LONG64 used; /* number of the pass that used it last */
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
    CPU_RATE_CONTROL rate;
    LONG tracks_io, is_silo;
    struct figures at_enabling;
    ULONG64 peak_job, peak_process;
    struct figures gone; /* of the processes that have left */
    LONG known_count;
    struct known known[MOST_KNOWN];
};

struct table *members_table(void);
/* The state of a job, with the lock of all states held until unlock_states(). NULL (and no lock) if there is none. */
struct job_state *lock_state(HANDLE job);
void unlock_states(void);
/* A new job: nothing is known of it. */
void reset_state(HANDLE job);
/* The pass that goes on, a number that grows. */
LONG64 next_pass(void);
ULONG64 counted_bit(const struct job_state *state);
void add_figures(struct figures *sum, const struct figures *more);

/* hook-sums.c */
/* Of the job's processes, those that are gone included. */
struct sums {
    struct figures figures;
    ULONG64 commit, largest_commit;
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting; /* Wine's */
};

/* Of a job whose state is locked. */
NTSTATUS sum_up(HANDLE job, struct job_state *state, struct sums *sums);

/* hook-jobs.c */
NTSTATUS answer_job(HANDLE job, ULONG information_class, void *into, ULONG size, ULONG *told);
NTSTATUS set_job(HANDLE job, ULONG information_class, void *from, ULONG size);

/* hook-process.c */
struct snapshot {
    char *bytes;
    ULONG size;
};

NTSTATUS answer_process(HANDLE process, ULONG information_class, void *into, ULONG size, ULONG *told);
NTSTATUS answer_system(ULONG information_class, void *into, ULONG size, ULONG *told);
NTSTATUS answer_in_job(HANDLE process, HANDLE job);
/* All processes as Wine sees them, from one pass; kept until the next. 0 on failure. Only while the states are locked.
 */
int read_snapshot(struct snapshot *snapshot);
const SYSTEM_PROCESS_ENTRY *next_entry(const struct snapshot *snapshot, const SYSTEM_PROCESS_ENTRY *previous);
/*
 * Wine 8 lists a process before it has begun to run: its create time is this then (memory that nobody has written to),
 * and its memory counters are denied to everybody. Windows has no such moment, so the hook takes the process for one
 * that ends.
 */
#define NOT_STARTED 0x5555555555555555ll
ULONG64 commit_of(ULONG64 private_bytes, const struct row *row);
NTSTATUS read_granted_access(HANDLE handle, ACCESS_MASK *access);

/* Input and output that every process does when it starts, in the model: 3 reads of 1000 bytes, 2 others of 77. */
enum { START_READS = 3, START_READ_BYTES = 1000, START_OTHERS = 2, START_OTHER_BYTES = 77, START_FAULTS = 100 };

#endif
