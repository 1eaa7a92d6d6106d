/*
 * The calls of silostat, made by C: the same ones, in the same order, with the same rights. What they give is what
 * silostat must give; how long they take is the least that it can take.
 */
#ifndef SILOSTAT_WALK_H
#define SILOSTAT_WALK_H

#include "nt.h"

struct pids {
    JOBOBJECT_BASIC_PROCESS_ID_LIST *list; /* kept between readings */
    ULONG slots;
    DWORD assigned, count;
};

/* What became of the listed processes. */
struct tally {
    DWORD read, gone, denied, reused, unreadable;
    ULONG64 private_bytes;
};

/* NULL on failure; *status says why. */
HANDLE open_job(const char *name, ACCESS_MASK access, NTSTATUS *status);
NTSTATUS read_pids(HANDLE job, struct pids *pids);
/* Opens one process, makes sure that it is the job's, and reads its memory counters. 1 if that went well; the handle is
 * then in *process and the caller's to close. Else the reason is in the tally. */
int visit(HANDLE job, DWORD pid, MEMORY_COUNTERS *counters, HANDLE *process, struct tally *tally);
void walk(HANDLE job, const struct pids *pids, struct tally *tally);
/* One pass over all processes of the host, those of the job added up. */
NTSTATUS walk_host_wide(const struct pids *pids, struct tally *tally);
/* All processes of the host; the buffer is kept between readings. */
NTSTATUS read_all_processes(const SYSTEM_PROCESS_ENTRY **first);

#endif
