/*
 * Makes a job with members, and has them do known amounts of work: one command a line on stdin, one line of JSON as the
 * answer on stdout. When stdin ends, or this process does, all that it started ends too.
 *
 *   workload.exe [--lab TABLE] [--hook DLL]
 *
 *   create NAME [ACCESS]    a job; an NT name if it begins with a backslash, else a Win32 name
 *   createsd NAME SDDL      the same, with a security descriptor; %USER% in it is our user's SID. The last job made is
 *                           "the job" of the other commands; the others stay until the end
 *   track                   has Windows attribute I/O to the job from now on
 *   spawn N                 members of the job; before `create`, of the job that workload itself is in. {"pids":[...]}
 *   outside N               bystanders: members of no job of ours. {"pids":[...]}
 *   assign PID              into the job
 *   touch|commit PID BYTES  commit and write to / only commit memory, which is kept
 *   burn|burnkernel PID MS  processor time in user mode / in the kernel
 *   read|write PID BYTES    file I/O in operations of 4 KiB, past the cache
 *   report                  what the members say of themselves. {"members":[{...}]}
 *   exit|kill PID           by itself / by force
 *   exitall, killall        the same with all members of the job at once, which takes no longer than with one
 *   killoutside             all bystanders at once, by force
 *   hold|release PID        keep a handle to a member, so that it can be opened after its end / close it
 *   deny PID                nobody may open the process any more
 *   storm on|off|outside    processes that start and exit all the time, in the job or (outside) beside it
 *   seen                    every pid that ever was in the job. {"pids":[...]}
 *   terminate CODE          TerminateJobObject
 *   closejob                closes the only handle to the job
 *   quit
 */
#include "workload.h"

#include <stdlib.h>
#include <string.h>

static DWORD work_of(const char *verb) {
    static const char *const verbs[] = {"touch", "commit", "burn", "burnkernel", "read", "write"};
    for (DWORD i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verb, verbs[i])) return COMMAND_TOUCH + i;
    return 0;
}

static void end_all(int which, int ask) {
    end_members(which, ask);
    answer_ok();
}

static void obey_about(struct member *member, const char *verb, const char *argument) {
    DWORD work = work_of(verb);
    ULONG64 amount = strtoull(argument, NULL, 10);
    if (!member) answer_error("find member", ERROR_NOT_FOUND);
    else if (work == COMMAND_READ && !make_read_file(amount)) answer_error("make file", GetLastError());
    else if (work) command_member(member, work, amount);
    else if (!strcmp(verb, "exit")) answer_win32("exit", end_member(member, 1));
    else if (!strcmp(verb, "kill")) answer_win32("kill", end_member(member, 0));
    else if (!strcmp(verb, "hold")) hold(member, 1);
    else if (!strcmp(verb, "release")) hold(member, 0);
    else if (!strcmp(verb, "deny")) deny(member);
    else answer_error("no such command", ERROR_INVALID_FUNCTION);
}

static void obey(const char *verb, const char *first, const char *rest) {
    if (!strcmp(verb, "create")) create(first, *rest ? strtoul(rest, NULL, 0) : JOB_OBJECT_ALL_ACCESS, NULL);
    else if (!strcmp(verb, "createsd")) create_secured(first, rest);
    else if (!strcmp(verb, "spawn")) spawn(atoi(first), 0);
    else if (!strcmp(verb, "outside")) spawn(atoi(first), 1);
    else if (!strcmp(verb, "assign")) assign(strtoul(first, NULL, 10));
    else if (!strcmp(verb, "report")) report();
    else if (!strcmp(verb, "seen")) answer_seen();
    else if (!strcmp(verb, "storm")) set_storm(first);
    else if (!strcmp(verb, "killall")) end_all(INSIDE, 0);
    else if (!strcmp(verb, "exitall")) end_all(INSIDE, 1);
    else if (!strcmp(verb, "killoutside")) end_all(OUTSIDE, 0);
    else if (!strcmp(verb, "terminate"))
        answer_bool("TerminateJobObject", TerminateJobObject(job, strtoul(first, NULL, 10)));
    else if (!strcmp(verb, "track")) track();
    else if (!strcmp(verb, "closejob")) close_job();
    else obey_about(find_member(first), verb, rest);
}

static int start_up(int argc, char **argv) {
    const char *table_name = TABLE_DEFAULT_NAME;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--lab")) table_name = argv[i + 1];
        else if (strcmp(argv[i], "--hook") || !LoadLibraryA(argv[i + 1])) return 0;
    }
    return prepare_members(table_name);
}

int main(int argc, char **argv) {
    static char line[4096];
    if (!start_up(argc, argv)) return 2;
    while (fgets(line, sizeof line, stdin)) {
        char *verb = strtok(line, " \r\n"), *first = strtok(NULL, " \r\n"), *rest = strtok(NULL, "\r\n");
        if (!verb) continue;
        if (!strcmp(verb, "quit")) break;
        obey(verb, first ? first : "", rest ? rest : "");
    }
    end_storm();
    end_members(INSIDE | OUTSIDE, 0);
    remove_read_file();
    return 0;
}
