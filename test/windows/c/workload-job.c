#include "workload.h"

#include <stdio.h>
#include <string.h>

#include <sddl.h>

HANDLE job;
ULONG64 key;

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

void create(const char *name, ACCESS_MASK access, PSECURITY_DESCRIPTOR security) {
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

void create_secured(const char *name, const char *sddl_text) {
    PSECURITY_DESCRIPTOR security = NULL;
    char sddl[4096];
    if (!name_user(sddl_text, sddl, sizeof sddl)) return answer_error("name user", GetLastError());
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &security, NULL))
        return answer_error("ConvertStringSecurityDescriptorToSecurityDescriptor", GetLastError());
    create(name, JOB_OBJECT_ALL_ACCESS, security);
    LocalFree(security);
}

void track(void) {
    IO_ATTRIBUTION control = {.ControlFlags = IO_ATTRIBUTION_ENABLE};
    answer_status("NtSetInformationJobObject",
                  NtSetInformationJobObject(job, JobIoAttribution, &control, sizeof control));
}

void assign(DWORD pid) {
    HANDLE process = OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, FALSE, pid);
    if (!process) return answer_error("OpenProcess", GetLastError());
    note_seen(pid);
    answer_bool("AssignProcessToJobObject", AssignProcessToJobObject(job, process));
    CloseHandle(process);
}

void close_job(void) {
    answer_bool("CloseHandle", CloseHandle(job));
    job = NULL;
}
