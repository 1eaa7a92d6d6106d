/*
 * The parts of workload.exe.
 *
 *   workload.c          the commands
 *   workload-job.c      the job
 *   workload-members.c  its members, and bystanders
 *   workload-storm.c    processes that start and exit all the time
 *
 * What has a command of its own answers it, in JSON on stdout.
 */
#ifndef SILOSTAT_WORKLOAD_H
#define SILOSTAT_WORKLOAD_H

#include "answer.h"
#include "table.h"

#define LONG_ENOUGH 60000

struct member {
    DWORD pid;
    struct row *row;
    HANDLE held;
    int outside;
};

/* workload-job.c: "the job", the last that was made; NULL before. */
extern HANDLE job;
extern ULONG64 key;
void create(const char *name, ACCESS_MASK access, PSECURITY_DESCRIPTOR security);
void create_secured(const char *name, const char *sddl);
void track(void);
void assign(DWORD pid);
void close_job(void);

/* workload-members.c */
int prepare_members(const char *table_name);
struct member *find_member(const char *pid);
/* Starts a process that is in `in` before it executes anything. Its pid, or 0; the handle goes to *process if wanted. */
DWORD start(char *command, HANDLE in, HANDLE *process);
void note_seen(DWORD pid);
void answer_seen(void);
void spawn(int count, int outside);
void command_member(struct member *member, DWORD command, ULONG64 argument);
int make_read_file(ULONG64 bytes);
/* By itself (ask) or by force. A Win32 error, or 0. */
DWORD end_member(struct member *member, int ask);
/* Those of the job, the bystanders, or both. */
enum which { INSIDE = 1, OUTSIDE = 2 };
void end_members(int which, int ask);
void remove_read_file(void);
void hold(struct member *member, int keep);
void deny(struct member *member);
void report(void);

/* workload-storm.c */
void set_storm(const char *how);
void end_storm(void);

#endif
