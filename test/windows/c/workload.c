/*
 * Makes a job with members, and has them do known amounts of work: one command a line on stdin, one line of JSON as the
 * answer on stdout. When stdin ends, or this process does, all that it started ends too.
 *
 *   workload.exe [--lab TABLE] [--hook DLL]
 *
 *   create NAME [ACCESS]    a job; an NT name if it begins with a backslash, else a Win32 name
 *   createsd NAME SDDL      the same, with a security descriptor; %USER% in it is our user's SID. The last job made is
 * "the job" of the other commands; the others stay until the end track                   has Windows attribute I/O to
 * the job from now on spawn N                 members of the job; before `create`, of the job that workload itself is
 * in. {"pids":[…]} outside N               bystanders: members of no job of ours. {"pids":[…]} assign PID into the job
 *   touch|commit PID BYTES  commit and write to / only commit memory, which is kept
 *   burn|burnkernel PID MS  processor time in user mode / in the kernel
 *   read|write PID BYTES    file I/O in operations of 4 KiB, past the cache
 *   report                  what the members say of themselves. {"members":[{…}]}
 *   exit|kill PID           by itself / by force; killall
 *   hold|release PID        keep a handle to a member, so that it can be opened after its end / close it
 *   deny PID                nobody may open the process any more
 *   storm on|off|outside    processes that start and exit all the time, in the job or (outside) beside it
 *   seen                    every pid that ever was in the job. {"pids":[…]}
 *   terminate CODE          TerminateJobObject
 *   closejob                closes the only handle to the job
 *   quit
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "table.h"
#include <sddl.h>

#define MOST_MEMBERS 2048
#define MOST_SEEN 65536
#define STORM_AT_ONCE 4
#define LONG_ENOUGH 60000

struct member {
    DWORD pid;
    struct row *row;
    HANDLE held;
    int outside;
};

static const char *table_name = TABLE_DEFAULT_NAME;
static char program[MAX_PATH]; /* member.exe, beside us */
static struct table *table;
static HANDLE job;
static ULONG64 key;
static struct member members[MOST_MEMBERS];
static int member_count;
static DWORD seen[MOST_SEEN];
static volatile LONG seen_count;
static HANDLE storm_thread;
static volatile LONG storm_goes_on, storm_outside;
static ULONG64 read_file_bytes;

static void note_seen(DWORD pid) {
    LONG at = InterlockedIncrement(&seen_count) - 1;
    if (at < MOST_SEEN) seen[at] = pid;
}

/* Starts a process that is in `in` before it executes anything. Its pid, or 0; the handle goes to *process if wanted.
 */
static DWORD start(char *command, HANDLE in, HANDLE *process) {
    STARTUPINFOEXA info;
    PROCESS_INFORMATION made;
    char attributes[128];
    SIZE_T size = sizeof attributes;
    BOOL ok;
    memset(&info, 0, sizeof info);
    info.StartupInfo.cb = sizeof info;
    if (in) {
        info.lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)attributes;
        if (!InitializeProcThreadAttributeList(info.lpAttributeList, 1, 0, &size)) return 0;
        if (!UpdateProcThreadAttribute(info.lpAttributeList, 0, 0x2000D /* JOB_LIST */, &in, sizeof in, NULL, NULL))
            return 0;
    }
    ok = CreateProcessA(program, command, NULL, NULL, FALSE, DETACHED_PROCESS | EXTENDED_STARTUPINFO_PRESENT, NULL,
                        NULL, &info.StartupInfo, &made);
    if (in) DeleteProcThreadAttributeList(info.lpAttributeList);
    if (!ok) return 0;
    CloseHandle(made.hThread);
    if (process) *process = made.hProcess;
    else CloseHandle(made.hProcess);
    return made.dwProcessId;
}

static struct member *find_member(const char *pid) {
    DWORD wanted = strtoul(pid, NULL, 10);
    for (int i = 0; i < member_count; i++)
        if (members[i].pid == wanted) return &members[i];
    return NULL;
}

static int start_member(int outside) {
    char command[200];
    struct member *member = &members[member_count];
    if (member_count == MOST_MEMBERS || !(member->row = take_row(table, outside ? 0 : key))) return 0;
    snprintf(command, sizeof command, "member.exe %s %d %lu", table_name, (int)(member->row - table->rows),
             GetCurrentProcessId());
    member->outside = outside;
    member->pid = start(command, outside ? NULL : job, NULL);
    if (!member->pid) return 0;
    member_count++;
    if (!outside) note_seen(member->pid);
    return 1;
}

static int all_ready(int from) {
    for (int i = from; i < member_count; i++)
        if (members[i].row->state == ROW_STARTING) return 0;
    return 1;
}

static void spawn(int count, int outside) {
    int from = member_count;
    DWORD begin = GetTickCount();
    for (int i = 0; i < count; i++)
        if (!start_member(outside)) return answer_error("CreateProcess", GetLastError());
    while (!all_ready(from)) {
        if (GetTickCount() - begin > LONG_ENOUGH) return answer_error("wait for members", WAIT_TIMEOUT);
        Sleep(1);
    }
    printf("{\"ok\":true,\"pids\":[");
    for (int i = from; i < member_count; i++) printf("%s%lu", i > from ? "," : "", members[i].pid);
    puts("]}");
    fflush(stdout);
}

static void create_nt(const char *name, ACCESS_MASK access, PSECURITY_DESCRIPTOR security) {
    WCHAR wide[512];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    NTSTATUS status;
    int length = MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 512) - 1;
    string.Buffer = wide;
    string.Length = string.MaximumLength = (USHORT)(length * sizeof(WCHAR));
    InitializeObjectAttributes(&attributes, &string, 0, NULL, security);
    status = NtCreateJobObject(&job, access, &attributes);
    if (!NT_OK(status)) job = NULL;
    key = job ? job_key(job) : 0;
    answer_status("NtCreateJobObject", status);
}

static void create(const char *name, ACCESS_MASK access, PSECURITY_DESCRIPTOR security) {
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, security, FALSE};
    WCHAR wide[512];
    if (*name == '\\') return create_nt(name, access, security);
    MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 512);
    SetLastError(0);
    job = CreateJobObjectW(&attributes, wide);
    key = job ? job_key(job) : 0;
    if (!job || GetLastError() == ERROR_ALREADY_EXISTS) return answer_error("CreateJobObjectW", GetLastError());
    answer_ok();
}

/* `sddl` with every %USER% replaced by the SID of whom we run as. 0 on failure. */
static int name_user(const char *sddl, char *into, size_t size) {
    static const char place[] = "%USER%";
    union {
        TOKEN_USER user;
        char room[256];
    } answer;
    HANDLE token;
    DWORD needed;
    char *sid = NULL;
    size_t length = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return 0;
    if (GetTokenInformation(token, TokenUser, &answer, sizeof answer, &needed))
        ConvertSidToStringSidA(answer.user.User.Sid, &sid);
    CloseHandle(token);
    if (!sid) return 0;
    while (*sddl && length + strlen(sid) + 1 < size) {
        int here = !strncmp(sddl, place, strlen(place));
        length += (size_t)(here ? sprintf(into + length, "%s", sid) : sprintf(into + length, "%c", *sddl));
        sddl += here ? strlen(place) : 1;
    }
    LocalFree(sid);
    return !*sddl;
}

static void create_secured(const char *name, const char *sddl_text) {
    PSECURITY_DESCRIPTOR security = NULL;
    char sddl[4096];
    if (!name_user(sddl_text, sddl, sizeof sddl)) return answer_error("name user", GetLastError());
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &security, NULL))
        return answer_error("ConvertStringSecurityDescriptorToSecurityDescriptor", GetLastError());
    create(name, JOB_OBJECT_ALL_ACCESS, security);
    LocalFree(security);
}

/* Members read from a file of ours, so that their own writing of it does not count. */
static int make_read_file(ULONG64 bytes) {
    static char block[65536];
    char name[MAX_PATH];
    HANDLE file;
    DWORD done;
    BOOL ok = TRUE;
    if (bytes <= read_file_bytes) return 1;
    read_file_name(name, sizeof name, GetCurrentProcessId());
    file = CreateFileA(name, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 0;
    for (read_file_bytes = 0; ok && read_file_bytes < bytes; read_file_bytes += sizeof block)
        ok = WriteFile(file, block, sizeof block, &done, NULL);
    return CloseHandle(file) && ok;
}

static void command_member(struct member *member, DWORD command, ULONG64 argument) {
    char name[200];
    HANDLE go, done;
    event_name(name, sizeof name, "go", table, member->row);
    go = CreateEventA(NULL, FALSE, FALSE, name);
    event_name(name, sizeof name, "done", table, member->row);
    done = CreateEventA(NULL, FALSE, FALSE, name);
    member->row->command = command;
    member->row->argument = argument;
    ResetEvent(done);
    SetEvent(go);
    if (WaitForSingleObject(done, LONG_ENOUGH) != WAIT_OBJECT_0) answer_error("wait for member", WAIT_TIMEOUT);
    else if (member->row->error) answer_error("member", member->row->error);
    else answer_ok();
    CloseHandle(go);
    CloseHandle(done);
}

/* Wine lets go of a process some time after its end; until then it can be opened. */
static void wait_until_gone(DWORD pid) {
    for (DWORD begin = GetTickCount(); GetTickCount() - begin < LONG_ENOUGH; Sleep(1)) {
        HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid);
        if (!process && GetLastError() == ERROR_INVALID_PARAMETER) return;
        if (process) CloseHandle(process);
    }
}

/* By itself (ask) or by force; answers nothing. */
static DWORD end_member(struct member *member, int ask) {
    HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, member->pid);
    DWORD error = 0;
    if (!process) return GetLastError();
    if (ask) {
        char name[200];
        HANDLE go;
        event_name(name, sizeof name, "go", table, member->row);
        go = CreateEventA(NULL, FALSE, FALSE, name);
        member->row->command = COMMAND_EXIT;
        SetEvent(go);
        CloseHandle(go);
    } else if (!TerminateProcess(process, 1)) {
        error = GetLastError();
    }
    if (!error && WaitForSingleObject(process, LONG_ENOUGH) != WAIT_OBJECT_0) error = WAIT_TIMEOUT;
    CloseHandle(process);
    if (error) return error;
    member->row->state = ROW_EXITED;
    if (!member->held) wait_until_gone(member->pid);
    return 0;
}

static void answer_win32(const char *api, DWORD error) {
    if (error) answer_error(api, error);
    else answer_ok();
}

/* Members end without us too: killed by the test, with their job, by themselves. */
static int has_ended(const struct member *member) {
    FILETIME created, exited, in_kernel, in_user;
    HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, member->pid);
    int ended = !process && GetLastError() == ERROR_INVALID_PARAMETER;
    if (!process) return ended;
    ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    if (GetProcessTimes(process, &created, &exited, &in_kernel, &in_user) &&
        member->row->created != (LONG64)((ULONG64)created.dwHighDateTime << 32 | created.dwLowDateTime))
        ended = 1;
    CloseHandle(process);
    return ended;
}

static void note_ended(void) {
    for (int i = 0; i < member_count; i++)
        if (members[i].row->state == ROW_READY && has_ended(&members[i])) members[i].row->state = ROW_EXITED;
}

static void end_all(void) {
    note_ended();
    for (int i = 0; i < member_count; i++)
        if (!members[i].outside && members[i].row->state == ROW_READY) end_member(&members[i], 0);
    answer_ok();
}

static void hold(struct member *member, int keep) {
    if (member->held) CloseHandle(member->held);
    member->held = keep ? OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, member->pid) : NULL;
    answer_win32("OpenProcess", keep && !member->held ? GetLastError() : 0);
}

static void deny(struct member *member) {
    HANDLE process = OpenProcess(WRITE_DAC, FALSE, member->pid);
    SECURITY_DESCRIPTOR security;
    ACL nobody;
    if (!process) return answer_error("OpenProcess", GetLastError());
    InitializeAcl(&nobody, sizeof nobody, ACL_REVISION);
    InitializeSecurityDescriptor(&security, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&security, TRUE, &nobody, FALSE);
    answer_bool("SetKernelObjectSecurity", SetKernelObjectSecurity(process, DACL_SECURITY_INFORMATION, &security));
    CloseHandle(process);
}

static void assign(DWORD pid) {
    HANDLE process = OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, FALSE, pid);
    if (!process) return answer_error("OpenProcess", GetLastError());
    note_seen(pid);
    answer_bool("AssignProcessToJobObject", AssignProcessToJobObject(job, process));
    CloseHandle(process);
}

static DWORD WINAPI storm(void *unused) {
    HANDLE running[STORM_AT_ONCE] = {NULL};
    (void)unused;
    srand(GetTickCount());
    while (storm_goes_on) {
        for (int i = 0; i < STORM_AT_ONCE; i++) {
            char command[64];
            DWORD pid;
            if (running[i] && WaitForSingleObject(running[i], 0) != WAIT_OBJECT_0) continue;
            if (running[i]) CloseHandle(running[i]);
            running[i] = NULL;
            snprintf(command, sizeof command, "member.exe sleep %d", 5 + rand() % 46);
            pid = start(command, storm_outside ? NULL : job, &running[i]);
            if (pid && !storm_outside) note_seen(pid);
        }
        Sleep(1);
    }
    for (int i = 0; i < STORM_AT_ONCE; i++) {
        if (!running[i]) continue;
        WaitForSingleObject(running[i], LONG_ENOUGH);
        CloseHandle(running[i]);
    }
    return 0;
}

static void set_storm(const char *how) {
    if (storm_thread) {
        storm_goes_on = 0;
        WaitForSingleObject(storm_thread, INFINITE);
        CloseHandle(storm_thread);
        storm_thread = NULL;
    }
    if (strcmp(how, "off")) {
        storm_outside = !strcmp(how, "outside");
        storm_goes_on = 1;
        storm_thread = CreateThread(NULL, 0, storm, NULL, 0, NULL);
    }
    answer_ok();
}

static void answer_seen(void) {
    LONG count = seen_count < MOST_SEEN ? seen_count : MOST_SEEN;
    printf("{\"ok\":%s,\"pids\":[", seen_count <= MOST_SEEN ? "true" : "false");
    for (LONG i = 0; i < count; i++) printf("%s%lu", i ? "," : "", seen[i]);
    puts("]}");
    fflush(stdout);
}

static void report(void) {
    note_ended();
    printf("{\"ok\":true,\"members\":[");
    for (int i = 0; i < member_count; i++) {
        const struct row *row = members[i].row;
        printf("%s{\"pid\":%lu,\"alive\":%s,\"outside\":%s,\"touchedBytes\":%llu,\"committedBytes\":%llu,",
               i ? "," : "", members[i].pid, row->state == ROW_READY ? "true" : "false",
               members[i].outside ? "true" : "false", row->touched_bytes, row->committed_bytes);
        printf("\"burnedUser100ns\":%llu,\"burnedKernel100ns\":%llu,\"readBytes\":%llu,\"readOps\":%llu,",
               row->user_100ns, row->kernel_100ns, row->read_bytes, row->read_operations);
        printf("\"writtenBytes\":%llu,\"writtenOps\":%llu}", row->written_bytes, row->written_operations);
    }
    puts("]}");
    fflush(stdout);
}

static DWORD work_of(const char *verb) {
    static const char *const verbs[] = {"touch", "commit", "burn", "burnkernel", "read", "write"};
    for (DWORD i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verb, verbs[i])) return COMMAND_TOUCH + i;
    return 0;
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

static void track(void) {
    IO_ATTRIBUTION control = {.ControlFlags = IO_ATTRIBUTION_ENABLE};
    answer_status("NtSetInformationJobObject",
                  NtSetInformationJobObject(job, JobIoAttribution, &control, sizeof control));
}

static void close_job(void) {
    answer_bool("CloseHandle", CloseHandle(job));
    job = NULL;
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
    else if (!strcmp(verb, "killall")) end_all();
    else if (!strcmp(verb, "terminate"))
        answer_bool("TerminateJobObject", TerminateJobObject(job, strtoul(first, NULL, 10)));
    else if (!strcmp(verb, "track")) track();
    else if (!strcmp(verb, "closejob")) close_job();
    else obey_about(find_member(first), verb, rest);
}

static int start_up(int argc, char **argv) {
    char *name;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--lab")) table_name = argv[i + 1];
        else if (strcmp(argv[i], "--hook") || !LoadLibraryA(argv[i + 1])) return 0;
    }
    GetModuleFileNameA(NULL, program, sizeof program);
    name = strrchr(program, '\\');
    if (!name || name - program > MAX_PATH - 12) return 0;
    strcpy(name + 1, "member.exe");
    table = open_table(table_name);
    return table != NULL;
}

static void remove_read_file(void) {
    char name[MAX_PATH];
    read_file_name(name, sizeof name, GetCurrentProcessId());
    if (read_file_bytes) DeleteFileA(name);
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
    storm_goes_on = 0;
    note_ended();
    for (int i = 0; i < member_count; i++)
        if (members[i].row->state == ROW_READY) end_member(&members[i], 0);
    remove_read_file();
    return 0;
}
