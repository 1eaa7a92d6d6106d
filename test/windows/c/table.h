/*
 * What members say of themselves: one table in shared memory, a row for each. The tests read it (through workload's
 * `report`) as the truth outside the hook; the hook takes from it what Wine does not know of a process.
 */
#ifndef SILOSTAT_TABLE_H
#define SILOSTAT_TABLE_H

#include "nt.h"

#define TABLE_ROWS 4096
#define TABLE_DEFAULT_NAME "silostat-lab"

enum row_state {
    ROW_FREE = 0,
    ROW_STARTING = 1, /* taken; its process does not say anything yet */
    ROW_READY = 2,
    ROW_EXITED = 3, /* its figures are final */
};

enum member_command {
    COMMAND_TOUCH = 1,
    COMMAND_COMMIT,
    COMMAND_BURN,
    COMMAND_BURN_KERNEL,
    COMMAND_READ,
    COMMAND_WRITE,
    COMMAND_EXIT
};

struct row {
    volatile LONG state;
    DWORD pid;
    LONG64 created;           /* create time, 100 ns since 1601 */
    ULONG64 job;              /* job_key() of the job that it was started in; 0: whatever job its parent is in */
    LONG64 taken;             /* when the row was taken, in rows taken so far */
    volatile ULONG64 counted; /* hook: bit n is set once job state n has added up the final figures */

    volatile ULONG64 touched_bytes;
    volatile ULONG64 committed_bytes; /* and never touched */
    volatile ULONG64 user_100ns;
    volatile ULONG64 kernel_100ns;
    volatile ULONG64 read_bytes;
    volatile ULONG64 read_operations;
    volatile ULONG64 written_bytes;
    volatile ULONG64 written_operations;

    DWORD command;
    DWORD error; /* of the last command, 0 when it was done */
    ULONG64 argument;
};

struct table {
    volatile LONG64 taken; /* rows taken so far */
    volatile LONG64 work;  /* commands that members have done so far */
    volatile LONG used;    /* no row at or behind this index was ever taken */
    struct row rows[TABLE_ROWS];
};

/* The table of that name (NULL: of SILOSTAT_LAB_SECTION, else the default), made if need be; NULL on failure. */
struct table *open_table(const char *name);

/* A free row, or else that of the process that exited the longest ago; NULL when all are in use. */
struct row *take_row(struct table *table, ULONG64 job);

/* The row of a living member; NULL for other processes. */
struct row *find_row(struct table *table, DWORD pid);

/* Name of a row's events: "go" wakes the member, "done" answers. */
void event_name(char *into, size_t size, const char *what, const struct table *table, const struct row *row);

/* The file that members of a workload read from. */
void read_file_name(char *into, size_t size, DWORD workload);

/* The row of a process that lives or has lived; NULL when it has none. */
struct row *find_row_of(struct table *table, DWORD pid, LONG64 created);

/* The job's NT name, at most `units` with the terminator; empty when it has none or the handle is no good. */
void job_name(HANDLE job, WCHAR *into, int units);

/* A number for the job's NT name, never 0; 0 when it has none or the handle is no good. */
ULONG64 job_key(HANDLE job);

#endif
