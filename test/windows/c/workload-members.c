#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MEMBERS 2048
#define MOST_SEEN 65536

static const char *table_name;
static char program[MAX_PATH]; /* member.exe, beside us */
static struct table *table;
static struct member members[MOST_MEMBERS];
static int member_count;
static DWORD seen[MOST_SEEN];
static volatile LONG seen_count;
static ULONG64 read_file_bytes;

int prepare_members(const char *lab) {
    char *name;
    GetModuleFileNameA(NULL, program, sizeof program);
    name = strrchr(program, '\\');
    if (!name || name - program > MAX_PATH - 12) return 0;
    strcpy(name + 1, "member.exe");
    table_name = lab;
    table = open_table(table_name);
    return table != NULL;
}

void note_seen(DWORD pid) {
    LONG at = InterlockedIncrement(&seen_count) - 1;
    if (at < MOST_SEEN) seen[at] = pid;
}

void answer_seen(void) {
    LONG count = seen_count < MOST_SEEN ? seen_count : MOST_SEEN;
    printf("{\"ok\":%s,\"pids\":[", seen_count <= MOST_SEEN ? "true" : "false");
    for (LONG i = 0; i < count; i++) printf("%s%lu", i ? "," : "", seen[i]);
    puts("]}");
    fflush(stdout);
}

/* On a busy machine Wine gives up on a child now and then: ERROR_INTERNAL_ERROR. */
static BOOL create_process(char *command, STARTUPINFOEXA *info, PROCESS_INFORMATION *made) {
    const DWORD flags = DETACHED_PROCESS | EXTENDED_STARTUPINFO_PRESENT;
    for (int tries = 0; tries < 10; tries++) {
        if (CreateProcessA(program, command, NULL, NULL, FALSE, flags, NULL, NULL, &info->StartupInfo, made))
            return TRUE;
        if (GetLastError() != ERROR_INTERNAL_ERROR) break;
        Sleep(100);
    }
    return FALSE;
}

DWORD start(char *command, HANDLE in, HANDLE *process) {
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
    ok = create_process(command, &info, &made);
    if (in) DeleteProcThreadAttributeList(info.lpAttributeList);
    if (!ok) return 0;
    CloseHandle(made.hThread);
    if (process) *process = made.hProcess;
    else CloseHandle(made.hProcess);
    return made.dwProcessId;
}

struct member *find_member(const char *pid) {
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

void spawn(int count, int outside) {
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

/* Members read from a file of ours, so that their own writing of it does not count. */
int make_read_file(ULONG64 bytes) {
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

void remove_read_file(void) {
    char name[MAX_PATH];
    read_file_name(name, sizeof name, GetCurrentProcessId());
    if (read_file_bytes) DeleteFileA(name);
}

void command_member(struct member *member, DWORD command, ULONG64 argument) {
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

static void ask_to_exit(const struct member *member) {
    char name[200];
    HANDLE go;
    event_name(name, sizeof name, "go", table, member->row);
    go = CreateEventA(NULL, FALSE, FALSE, name);
    member->row->command = COMMAND_EXIT;
    SetEvent(go);
    CloseHandle(go);
}

DWORD end_member(struct member *member, int ask) {
    HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, member->pid);
    DWORD error = 0;
    if (!process) return GetLastError();
    if (ask) ask_to_exit(member);
    else if (!TerminateProcess(process, 1)) error = GetLastError();
    if (!error && WaitForSingleObject(process, LONG_ENOUGH) != WAIT_OBJECT_0) error = WAIT_TIMEOUT;
    CloseHandle(process);
    if (error) return error;
    member->row->state = ROW_EXITED;
    if (!member->held) wait_until_gone(member->pid);
    return 0;
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

static void begin_end(const struct member *member, int ask) {
    HANDLE process;
    if (ask) {
        ask_to_exit(member);
    } else if ((process = OpenProcess(PROCESS_TERMINATE, FALSE, member->pid))) {
        TerminateProcess(process, 1);
        CloseHandle(process);
    }
}

/* All at once, and then waited for: Wine takes its time for each. */
void end_members(int which, int ask) {
    static char begun[MOST_MEMBERS];
    note_ended();
    for (int i = 0; i < member_count; i++) {
        begun[i] = members[i].row->state == ROW_READY && (which & (members[i].outside ? OUTSIDE : INSIDE));
        if (begun[i]) begin_end(&members[i], ask);
    }
    for (int i = 0; i < member_count; i++) {
        if (!begun[i]) continue;
        if (!members[i].held) wait_until_gone(members[i].pid);
        members[i].row->state = ROW_EXITED;
    }
}

void hold(struct member *member, int keep) {
    if (member->held) CloseHandle(member->held);
    member->held = keep ? OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, member->pid) : NULL;
    answer_win32("OpenProcess", keep && !member->held ? GetLastError() : 0);
}

void deny(struct member *member) {
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

void report(void) {
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
