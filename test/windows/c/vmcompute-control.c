/* What tests tell the stand-in to do, and what it counted. */
#include "vmcompute.h"

#include <objidl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FAULTS 64
#define MOST_COUNTERS 64
#define MOST_STRINGS 65536

static struct fault faults[MOST_FAULTS];
static struct {
    char what[48];
    LONG value;
} counters[MOST_COUNTERS];
static LONG in_flight, most_in_flight;
static HANDLE released;
static void *strings[MOST_STRINGS];

/* --- counters --- */

static LONG *counter(const char *what) {
    for (int i = 0; i < MOST_COUNTERS; i++) {
        if (!*counters[i].what) snprintf(counters[i].what, sizeof counters[i].what, "%s", what);
        if (strcmp(counters[i].what, what) == 0) return &counters[i].value;
    }
    abort();
}

void count(const char *what, LONG by) {
    EnterCriticalSection(&lock);
    *counter(what) += by;
    LeaveCriticalSection(&lock);
}

/* How often a function was called; also "calls", "strings-given", "strings-freed", "most-in-flight", ... */
EXPORT int standin_count(const char *what) {
    EnterCriticalSection(&lock);
    LONG value = strcmp(what, "most-in-flight") == 0 ? most_in_flight : *counter(what);
    LeaveCriticalSection(&lock);
    return value;
}

/* --- texts: CoTaskMemFree tells the spy --- */

WCHAR *give(const char *utf8) {
    int length = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
    WCHAR *text = CoTaskMemAlloc(length * sizeof *text);
    MultiByteToWideChar(CP_UTF8, 0, utf8, -1, text, length);
    EnterCriticalSection(&lock);
    for (int i = 0; i < MOST_STRINGS; i++) {
        if (strings[i]) continue;
        strings[i] = text;
        break;
    }
    *counter("strings-given") += 1;
    LeaveCriticalSection(&lock);
    return text;
}

char *narrow(const WCHAR *text) {
    int length = WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, NULL, 0, NULL, NULL);
    char *utf8 = malloc(length);
    WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, utf8, length, NULL, NULL);
    return utf8;
}

static void note_freed(void *memory) {
    if (!memory) return;
    EnterCriticalSection(&lock);
    for (int i = 0; i < MOST_STRINGS; i++) {
        if (strings[i] != memory) continue;
        strings[i] = NULL;
        *counter("strings-freed") += 1;
        break;
    }
    LeaveCriticalSection(&lock);
}

static HRESULT WINAPI spy_query(IMallocSpy *self, REFIID id, void **object) { return (void)id, *object = self, S_OK; }
static ULONG WINAPI spy_reference(IMallocSpy *self) { return (void)self, 1; }
static SIZE_T WINAPI pre_alloc(IMallocSpy *self, SIZE_T size) { return (void)self, size; }
static void *WINAPI post_alloc(IMallocSpy *self, void *memory) { return (void)self, memory; }
static void *WINAPI pre_free(IMallocSpy *self, void *memory, BOOL spied) {
    (void)self, (void)spied;
    note_freed(memory);
    return memory;
}
static void WINAPI post_free(IMallocSpy *self, BOOL spied) { (void)self, (void)spied; }
static SIZE_T WINAPI pre_realloc(IMallocSpy *self, void *memory, SIZE_T size, void **given, BOOL spied) {
    (void)self, (void)spied, *given = memory;
    return size;
}
static void *WINAPI post_realloc(IMallocSpy *self, void *memory, BOOL spied) { return (void)self, (void)spied, memory; }
static void *WINAPI pre_size(IMallocSpy *self, void *memory, BOOL spied) { return (void)self, (void)spied, memory; }
static SIZE_T WINAPI post_size(IMallocSpy *self, SIZE_T size, BOOL spied) { return (void)self, (void)spied, size; }
static int WINAPI post_did(IMallocSpy *self, void *memory, BOOL spied, int did) {
    return (void)self, (void)memory, (void)spied, did;
}
static void WINAPI minimize(IMallocSpy *self) { (void)self; }

static IMallocSpyVtbl table = {spy_query,    spy_reference, spy_reference, pre_alloc, post_alloc, pre_free, post_free,
                               pre_realloc,  post_realloc,  pre_size,      post_size, pre_size,   post_did, minimize,
                               minimize};
static IMallocSpy spy = {&table};

/* --- faults --- */

BOOL is(const struct fault *fault, const char *kind) { return strcmp(fault->kind, kind) == 0; }

static struct fault take_fault(const char *call, const char *id) {
    struct fault none = {.kind = ""};
    for (int i = 0; i < MOST_FAULTS; i++) {
        struct fault *fault = &faults[i];
        if (fault->times == 0 || strcmp(fault->call, call) != 0) continue;
        if (strcmp(fault->id, "*") != 0 && strcmp(fault->id, id) != 0) continue;
        fault->times--;
        return *fault;
    }
    return none;
}

/* When the file that SILOSTAT_STANDIN_LOG names was last written tells when something began to hang. */
static void note_hang(const char *call, const char *id) {
    char path[MAX_PATH];
    if (!GetEnvironmentVariableA("SILOSTAT_STANDIN_LOG", path, sizeof path)) return;
    FILE *log = fopen(path, "a");
    if (!log) return;
    fprintf(log, "%s %s\n", call, id);
    fclose(log);
}

struct fault enter(const char *call, const char *id) {
    EnterCriticalSection(&lock);
    obey_file();
    *counter(call) += 1;
    *counter("calls") += 1;
    if (++in_flight > most_in_flight) most_in_flight = in_flight;
    struct fault fault = take_fault(call, id);
    HANDLE gate = released;
    LeaveCriticalSection(&lock);
    if (is(&fault, "hang")) {
        note_hang(call, id);
        WaitForSingleObject(gate, INFINITE);
    }
    if (is(&fault, "delay")) Sleep(fault.value);
    return fault;
}

void leave(void) {
    EnterCriticalSection(&lock);
    in_flight--;
    LeaveCriticalSection(&lock);
}

/* --- the language of the tests --- */

static BOOL add_fault(const char *words) {
    struct fault fault = {.times = 0};
    char value[512] = "";
    if (sscanf(words, "%47s %159s %ld %15s %511[^\n]", fault.call, fault.id, &fault.times, fault.kind, value) < 4) return FALSE;
    fault.value = strtoul(value, NULL, 0);
    strcpy(fault.text, value);
    for (int i = 0; i < MOST_FAULTS; i++) {
        if (faults[i].times != 0) continue;
        faults[i] = fault;
        return TRUE;
    }
    return FALSE;
}

static BOOL define_system(const char *words) {
    struct compute_system parts = {0};
    if (sscanf(words, "%159s %31s %15s %63s %23s", parts.id, parts.kind, parts.os, parts.owner, parts.state) != 5) return FALSE;
    struct compute_system *system = find_system(parts.id);
    if (!system) system = add_system(parts.id);
    strcpy(system->kind, parts.kind);
    strcpy(system->os, strcmp(parts.os, "-") == 0 ? "" : parts.os);
    strcpy(system->owner, strcmp(parts.owner, "-") == 0 ? "" : parts.owner);
    strcpy(system->state, parts.state);
    return TRUE;
}

static BOOL define_property(const char *words) {
    char id[160], type[40];
    int read = 0;
    if (sscanf(words, "%159s %39s %n", id, type, &read) < 2) return FALSE;
    struct compute_system *system = find_system(id);
    for (int i = 0; system && i < 8; i++) {
        if (*system->properties[i].type && strcmp(system->properties[i].type, type) != 0) continue;
        free(system->properties[i].json);
        strcpy(system->properties[i].type, type);
        system->properties[i].json = strdup(words + read);
        return TRUE;
    }
    return FALSE;
}

static void start_anew(void) {
    memset(faults, 0, sizeof faults);
    memset(counters, 0, sizeof counters);
    most_in_flight = in_flight;
    SetEvent(released);
    released = CreateEventA(NULL, TRUE, FALSE, NULL);
}

static BOOL tell_now(const char *words) {
    char id[160];
    unsigned long type, status = 0;
    if (sscanf(words, "%159s %li %li", id, (long *)&type, (long *)&status) < 2) return FALSE;
    notify(id, type, (HRESULT)status, 0);
    return TRUE;
}

static BOOL remove_named(const char *id) {
    struct compute_system *system = find_system(id);
    if (system) remove_system(system);
    return TRUE;
}

static BOOL obey_locked(const char *line) {
    static const struct {
        const char *verb;
        BOOL (*obey)(const char *words);
    } verbs[] = {{"system ", define_system},
                 {"property ", define_property},
                 {"remove ", remove_named},
                 {"fault ", add_fault},
                 {"notify ", tell_now}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strncmp(line, verbs[i].verb, strlen(verbs[i].verb)) == 0) return verbs[i].obey(line + strlen(verbs[i].verb));
    if (strcmp(line, "release") == 0) return SetEvent(released);
    if (strcmp(line, "reset") != 0) return FALSE;
    start_anew();
    return TRUE;
}

BOOL obey(const char *line) {
    EnterCriticalSection(&lock);
    BOOL obeyed = obey_locked(line);
    LeaveCriticalSection(&lock);
    return obeyed;
}

void obey_file(void) {
    static BOOL done;
    static char line[65536];
    char path[MAX_PATH];
    if (done) return;
    done = TRUE;
    if (!GetEnvironmentVariableA("SILOSTAT_STANDIN", path, sizeof path)) return;
    FILE *file = fopen(path, "r");
    if (!file) abort();
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (*line && !obey_locked(line)) abort();
    }
    fclose(file);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved) {
    (void)instance, (void)reserved;
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    InitializeCriticalSection(&lock);
    released = CreateEventA(NULL, TRUE, FALSE, NULL);
    return SUCCEEDED(CoRegisterMallocSpy(&spy));
}
