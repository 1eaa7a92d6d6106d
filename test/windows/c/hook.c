/* See hook.h. Loaded before silostat; refuses to be loaded on Windows itself. */
#include "hook.h"

#include <stdlib.h>
#include <string.h>

#define STUB_SIZE 32

NTSTATUS(NTAPI *wine_open_process)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, CLIENT_ID *);
NTSTATUS(NTAPI *wine_query_process)(HANDLE, ULONG, void *, ULONG, ULONG *);
NTSTATUS(NTAPI *wine_query_job)(HANDLE, ULONG, void *, ULONG, ULONG *);
NTSTATUS(NTAPI *wine_set_job)(HANDLE, ULONG, void *, ULONG);
NTSTATUS(NTAPI *wine_in_job)(HANDLE, HANDLE);
NTSTATUS(NTAPI *wine_open_job)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS(NTAPI *wine_create_job)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS(NTAPI *wine_open_directory)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS(NTAPI *wine_query_system)(ULONG, void *, ULONG, ULONG *);
NTSTATUS(NTAPI *wine_close)(HANDLE);

/* An answer that is shorter than it says in `into`: what was there before comes back behind `length`. */
static void shorten(const struct fault *fault, char *into, ULONG size, ULONG *told, const char *before) {
    ULONG length = (ULONG)fault->value;
    if (length < size) memcpy(into + length, before + length, size - length);
    if (told) *told = length;
}

static void reuse(const struct fault *fault, JOBOBJECT_BASIC_PROCESS_ID_LIST *list) {
    for (DWORD i = 0; i < list->NumberOfProcessIdsInList; i++)
        if (list->ProcessIdList[i] == fault->value) list->ProcessIdList[i] = (ULONG_PTR)fault->value2;
}

static NTSTATUS NTAPI on_query_job(HANDLE job, ULONG information_class, void *into, ULONG size, ULONG *told) {
    struct fault fault;
    NTSTATUS status;
    void *before;
    note_job(job);
    if (!meet_fault(CALL_QUERY_JOB, information_class, &fault))
        return seems_closed(job) ? NT_INVALID_HANDLE : answer_job(job, information_class, into, size, told);
    if (apply_before(&fault, &status)) return status;
    if (seems_closed(job)) return NT_INVALID_HANDLE;
    before = malloc(size + 1);
    memcpy(before, into, size);
    status = answer_job(job, information_class, into, size, told);
    if (NT_OK(status) && fault.action == ACTION_SHORT) shorten(&fault, into, size, told, before);
    if (NT_OK(status) && fault.action == ACTION_REUSE && information_class == JobObjectBasicProcessIdList)
        reuse(&fault, into);
    free(before);
    return status;
}

static NTSTATUS NTAPI on_set_job(HANDLE job, ULONG information_class, void *from, ULONG size) {
    struct fault fault;
    NTSTATUS status;
    note_job(job);
    if (meet_fault(CALL_SET_JOB, information_class, &fault) && apply_before(&fault, &status)) return status;
    if (seems_closed(job)) return NT_INVALID_HANDLE;
    return set_job(job, information_class, from, size);
}

static NTSTATUS NTAPI on_query_process(HANDLE process, ULONG information_class, void *into, ULONG size, ULONG *told) {
    struct fault fault;
    NTSTATUS status;
    void *before;
    if (!meet_fault(CALL_QUERY_PROCESS, information_class, &fault))
        return answer_process(process, information_class, into, size, told);
    if (apply_before(&fault, &status)) return status;
    before = malloc(size + 1);
    memcpy(before, into, size);
    status = answer_process(process, information_class, into, size, told);
    if (NT_OK(status) && fault.action == ACTION_SHORT) shorten(&fault, into, size, told, before);
    free(before);
    return status;
}

static NTSTATUS NTAPI on_in_job(HANDLE process, HANDLE job) {
    struct fault fault;
    NTSTATUS status;
    note_job(job);
    if (meet_fault(CALL_IN_JOB, 0, &fault) && apply_before(&fault, &status)) return status;
    if (seems_closed(job)) return NT_INVALID_HANDLE;
    return answer_in_job(process, job);
}

/* What a call gives that is not made and yet succeeds: a handle of nothing. */
#define IMAGINED_HANDLE ((HANDLE)(ULONG_PTR)0x7ffffff0)

static NTSTATUS NTAPI on_open_process(HANDLE *into, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, CLIENT_ID *id) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_OPEN_PROCESS, id ? (ULONG)(ULONG_PTR)id->UniqueProcess : 0, &fault) &&
        apply_before(&fault, &status)) {
        if (NT_OK(status)) *into = IMAGINED_HANDLE;
        return status;
    }
    status = wine_open_process(into, access, attributes, id);
    if (NT_OK(status)) note_handle(CALL_OPEN_PROCESS, *into);
    return status;
}

static NTSTATUS NTAPI on_open_job(HANDLE *into, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_OPEN_JOB, 0, &fault) && apply_before(&fault, &status)) return status;
    status = wine_open_job(into, access, attributes);
    if (NT_OK(status)) note_handle(CALL_OPEN_JOB, *into);
    return status;
}

static NTSTATUS NTAPI on_open_directory(HANDLE *into, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_OPEN_DIRECTORY, 0, &fault) && apply_before(&fault, &status)) return status;
    status = wine_open_directory(into, access, attributes);
    if (NT_OK(status)) note_handle(CALL_OPEN_DIRECTORY, *into);
    return status;
}

static NTSTATUS NTAPI on_create_job(HANDLE *into, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_CREATE_JOB, 0, &fault) && apply_before(&fault, &status)) return status;
    status = wine_create_job(into, access, attributes);
    if (status == NT_SUCCESS_STATUS) reset_state(*into);
    if (NT_OK(status)) note_handle(CALL_CREATE_JOB, *into);
    return status;
}

static NTSTATUS NTAPI on_query_system(ULONG information_class, void *into, ULONG size, ULONG *told) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_QUERY_SYSTEM, information_class, &fault) && apply_before(&fault, &status)) return status;
    return answer_system(information_class, into, size, told);
}

static NTSTATUS NTAPI on_close(HANDLE handle) {
    struct fault fault;
    NTSTATUS status;
    if (meet_fault(CALL_CLOSE, 0, &fault) && apply_before(&fault, &status)) return status;
    return close_at_last(handle) ? NT_INVALID_HANDLE : wine_close(handle);
}

struct patch {
    const char *name;
    void *replacement;
    void **original;
};

static const struct patch patches[] = {
    {"NtQueryInformationJobObject", on_query_job, (void **)&wine_query_job},
    {"NtSetInformationJobObject", on_set_job, (void **)&wine_set_job},
    {"NtQueryInformationProcess", on_query_process, (void **)&wine_query_process},
    {"NtIsProcessInJob", on_in_job, (void **)&wine_in_job},
    {"NtOpenProcess", on_open_process, (void **)&wine_open_process},
    {"NtOpenJobObject", on_open_job, (void **)&wine_open_job},
    {"NtCreateJobObject", on_create_job, (void **)&wine_create_job},
    {"NtOpenDirectoryObject", on_open_directory, (void **)&wine_open_directory},
    {"NtQuerySystemInformation", on_query_system, (void **)&wine_query_system},
    {"NtClose", on_close, (void **)&wine_close},
};

/*
 * Other threads may be on their way into the function, so its first two bytes are a jump to themselves while the rest
 * is written: they wait there.
 */
static int redirect(unsigned char *stub, void *to) {
    static const unsigned char jump[] = {0xff, 0x25, 0, 0, 0, 0};
    DWORD protection;
    if (!VirtualProtect(stub, STUB_SIZE, PAGE_EXECUTE_READWRITE, &protection)) return 0;
    __atomic_store_n((uint16_t *)stub, 0xfeeb, __ATOMIC_SEQ_CST);
    memcpy(stub + 2, jump + 2, 4);
    memcpy(stub + 6, &to, sizeof to);
    __atomic_store_n((uint16_t *)stub, 0x25ff, __ATOMIC_SEQ_CST);
    FlushInstructionCache(GetCurrentProcess(), stub, STUB_SIZE);
    return VirtualProtect(stub, STUB_SIZE, protection, &protection);
}

/* Wine's system call stubs do not depend on where they stand: a copy of one is the original function. */
static int install(HMODULE ntdll) {
    static const unsigned char stub_begin[] = {0x4c, 0x8b, 0xd1, 0xb8}; /* mov r10,rcx; mov eax,number */
    const int count = sizeof patches / sizeof *patches;
    unsigned char *copies = VirtualAlloc(NULL, count * STUB_SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    if (!copies) return 0;
    for (int i = 0; i < count; i++) {
        unsigned char *stub = (unsigned char *)GetProcAddress(ntdll, patches[i].name);
        if (!stub || memcmp(stub, stub_begin, sizeof stub_begin)) return 0;
        memcpy(copies + i * STUB_SIZE, stub, STUB_SIZE);
        *patches[i].original = copies + i * STUB_SIZE;
    }
    for (int i = 0; i < count; i++)
        if (!redirect((unsigned char *)GetProcAddress(ntdll, patches[i].name), patches[i].replacement)) return 0;
    return 1;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved) {
    HMODULE ntdll = GetModuleHandleA("ntdll.dll"), pinned;
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    if (!GetProcAddress(ntdll, "wine_get_version") || !install(ntdll)) return FALSE;
    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCSTR)self,
                              &pinned);
}
