/*
 * What tests ask of the hook. Faults and counts are those of the thread that called hook_reset() last: others, such as
 * node's own, make the same calls.
 */
#include "hook.h"

#include <string.h>

#define MOST_FAULTS 16
#define MOST_PORTS 64
#define MOST_CLOSED 8
#define ANY 0xffffffffu
#define VERSION 1

static const char *const call_names[CALLS] = {
    [CALL_OPEN_PROCESS] = "NtOpenProcess",
    [CALL_QUERY_PROCESS] = "NtQueryInformationProcess",
    [CALL_QUERY_JOB] = "NtQueryInformationJobObject",
    [CALL_SET_JOB] = "NtSetInformationJobObject",
    [CALL_IN_JOB] = "NtIsProcessInJob",
    [CALL_OPEN_JOB] = "NtOpenJobObject",
    [CALL_CREATE_JOB] = "NtCreateJobObject",
    [CALL_OPEN_DIRECTORY] = "NtOpenDirectoryObject",
    [CALL_QUERY_SYSTEM] = "NtQuerySystemInformation",
    [CALL_CLOSE] = "NtClose",
};

static DWORD thread;
static struct fault faults[MOST_FAULTS];
static int fault_count;
static struct granted { ULONG handles, any, all, attributes; } granted[CALLS];
static ULONG totals[CALLS], by_class[CALLS][256];
static HANDLE last_job, closed[MOST_CLOSED];
static struct {
    HANDLE job;
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT port;
} ports[MOST_PORTS];
static int port_count, last_port = -1;

static int find_call(const char *name) {
    for (int i = 0; i < CALLS; i++)
        if (!strcmp(name, call_names[i])) return i;
    return -1;
}

int meet_fault(enum call call, ULONG information_class, struct fault *fault) {
    if (!thread || GetCurrentThreadId() != thread) return 0;
    totals[call]++;
    if (information_class < 256) by_class[call][information_class]++;
    for (int i = 0; i < fault_count; i++) {
        struct fault *candidate = &faults[i];
        if (candidate->call != call || !candidate->times) continue;
        if (candidate->information_class != ANY && candidate->information_class != information_class) continue;
        if (candidate->skip) {
            candidate->skip--;
            continue;
        }
        if (candidate->times != ANY) candidate->times--;
        *fault = *candidate;
        return 1;
    }
    return 0;
}

static NTSTATUS open_process(HANDLE *process, DWORD pid) {
    CLIENT_ID id = {(HANDLE)(ULONG_PTR)pid, NULL};
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    return wine_open_process(process, PROCESS_TERMINATE | SYNCHRONIZE, &attributes, &id);
}

/* Wine lets go of a process some time after its end, and later still if somebody has a handle to it. */
static void wait_until_gone(DWORD pid) {
    HANDLE process;
    for (int tries = 0; tries < 1000 && NT_OK(open_process(&process, pid)); tries++) {
        wine_close(process);
        Sleep(1);
    }
}

static void end_process(DWORD pid) {
    HANDLE process;
    if (!NT_OK(open_process(&process, pid))) return;
    TerminateProcess(process, 1);
    WaitForSingleObject(process, 5000);
    wine_close(process);
    wait_until_gone(pid);
}

static void end_members(HANDLE job, UINT code) {
    static char room[65536];
    JOBOBJECT_BASIC_PROCESS_ID_LIST *list = (JOBOBJECT_BASIC_PROCESS_ID_LIST *)room;
    if (wine_query_job(job, JobObjectBasicProcessIdList, list, sizeof room, NULL)) list->NumberOfProcessIdsInList = 0;
    NtTerminateJobObject(job, (NTSTATUS)code);
    for (DWORD i = 0; i < list->NumberOfProcessIdsInList; i++) wait_until_gone((DWORD)list->ProcessIdList[i]);
}

/* With a handle of our own: the caller's may have no right to do it. */
static void terminate_job(HANDLE asked, UINT code) {
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    WCHAR name[1024];
    HANDLE job;
    job_name(asked, name, 1024);
    string.Buffer = name;
    string.Length = string.MaximumLength = (USHORT)(wcslen(name) * sizeof(WCHAR));
    InitializeObjectAttributes(&attributes, &string, 0, NULL, NULL);
    if (!NT_OK(wine_open_job(&job, JOB_OBJECT_TERMINATE | JOB_OBJECT_QUERY, &attributes))) return;
    end_members(job, code);
    wine_close(job);
}

void note_job(HANDLE job) {
    if (GetCurrentThreadId() == thread) last_job = job;
}

/*
 * If it were really closed, its number could be given to something of node's before our caller closes it once more. So
 * it stays open, and is no good for anything.
 */
static void seem_closed(HANDLE handle) {
    int at = 0;
    while (at < MOST_CLOSED && closed[at]) at++;
    if (at < MOST_CLOSED) closed[at] = handle;
}

int seems_closed(HANDLE handle) {
    for (int i = 0; i < MOST_CLOSED; i++)
        if (closed[i] && closed[i] == handle) return 1;
    return 0;
}

int close_at_last(HANDLE handle) {
    for (int i = 0; i < MOST_CLOSED; i++) {
        if (!closed[i] || closed[i] != handle) continue;
        closed[i] = NULL;
        wine_close(handle);
        return 1;
    }
    return 0;
}

int apply_before(const struct fault *fault, NTSTATUS *status) {
    *status = (NTSTATUS)fault->value;
    if (fault->action == ACTION_TERMINATE) terminate_job(last_job, (UINT)fault->value);
    if (fault->action == ACTION_KILL) end_process((DWORD)fault->value);
    if (fault->action == ACTION_CLOSE) seem_closed(fault->value ? (HANDLE)(ULONG_PTR)fault->value : last_job);
    return fault->action == ACTION_STATUS;
}

void remember_port(HANDLE job, const JOBOBJECT_ASSOCIATE_COMPLETION_PORT *port) {
    int at = 0;
    while (at < port_count && ports[at].job != job) at++;
    if (at == MOST_PORTS) return;
    if (at == port_count) port_count++;
    ports[at].job = job;
    ports[at].port = *port;
    last_port = at;
}

void note_handle(enum call call, HANDLE handle) {
    OBJECT_BASIC basic;
    OBJECT_HANDLE_FLAGS flags;
    struct granted *sum = &granted[call];
    if (!thread || GetCurrentThreadId() != thread) return;
    if (!NT_OK(NtQueryObject(handle, ObjectBasicClass, &basic, sizeof basic, NULL))) return;
    if (NT_OK(NtQueryObject(handle, ObjectHandleFlagClass, &flags, sizeof flags, NULL)) && flags.Inherit)
        basic.Attributes |= OBJ_INHERIT;
    sum->any |= basic.GrantedAccess;
    sum->all = sum->handles++ ? sum->all & basic.GrantedAccess : basic.GrantedAccess;
    sum->attributes |= basic.Attributes;
}

__declspec(dllexport) uint32_t hook_version(void) { return VERSION; }

__declspec(dllexport) void hook_reset(void) {
    thread = GetCurrentThreadId();
    fault_count = 0;
    memset(granted, 0, sizeof granted);
    memset(totals, 0, sizeof totals);
    memset(by_class, 0, sizeof by_class);
}

/* 0 if there is no such call, or no room for another fault. */
__declspec(dllexport) uint32_t hook_fault(const char *name, uint32_t information_class, uint32_t skip, uint32_t times,
                                          uint32_t action, uint64_t value, uint64_t value2) {
    int call = find_call(name);
    if (call < 0 || fault_count == MOST_FAULTS) return 0;
    faults[fault_count++] = (struct fault){call, information_class, skip, times, action, value, value2};
    return 1;
}

/* How many such calls were made since hook_reset(); of NtOpenProcess all together, of any class with 0xFFFFFFFF. */
__declspec(dllexport) uint32_t hook_calls(const char *name, uint32_t information_class) {
    int call = find_call(name);
    if (call < 0) return ANY;
    if (information_class == ANY || call == CALL_OPEN_PROCESS) return totals[call];
    return information_class < 256 ? by_class[call][information_class] : 0;
}

/* How many handles such calls gave since hook_reset(), the rights that any and that all of them have, their attributes.
 */
__declspec(dllexport) uint32_t hook_granted(const char *name, uint32_t *any, uint32_t *all, uint32_t *attributes) {
    int call = find_call(name);
    if (call < 0) return ANY;
    *any = granted[call].any;
    *all = granted[call].all;
    *attributes = granted[call].attributes;
    return granted[call].handles;
}

/* Posts a message of the job to the port that was associated with this handle (0: the last that was) in this process. 0
 * if there is none. */
__declspec(dllexport) uint32_t hook_post(uint64_t job, uint32_t message, uint32_t pid) {
    const JOBOBJECT_ASSOCIATE_COMPLETION_PORT *port;
    int at = job ? 0 : last_port;
    while (job && at < port_count && ports[at].job != (HANDLE)(ULONG_PTR)job) at++;
    if (at < 0 || at == port_count) return 0;
    port = &ports[at].port;
    return (uint32_t)PostQueuedCompletionStatus(port->CompletionPort, message, (ULONG_PTR)port->CompletionKey,
                                                (OVERLAPPED *)(ULONG_PTR)pid);
}
