#include "table.h"

#include <stdio.h>
#include <string.h>

static char table_name[128] = TABLE_DEFAULT_NAME;

struct table *open_table(const char *name) {
    char full[160];
    HANDLE section;
    if (name) snprintf(table_name, sizeof table_name, "%s", name);
    else if (!GetEnvironmentVariableA("SILOSTAT_LAB_SECTION", table_name, sizeof table_name))
        snprintf(table_name, sizeof table_name, "%s", TABLE_DEFAULT_NAME);
    snprintf(full, sizeof full, "Local\\%s", table_name);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct table), full);
    if (!section) return NULL;
    return MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
}

static int try_take(struct table *table, LONG index, LONG from, ULONG64 job) {
    struct row *row = &table->rows[index];
    LONG used;
    if (InterlockedCompareExchange(&row->state, ROW_STARTING, from) != from) return 0;
    memset((char *)row + sizeof row->state, 0, sizeof *row - sizeof row->state);
    row->job = job;
    row->taken = InterlockedIncrement64(&table->taken);
    while ((used = table->used) <= index) InterlockedCompareExchange(&table->used, index + 1, used);
    return 1;
}

struct row *take_row(struct table *table, ULONG64 job) {
    for (LONG i = 0; i < TABLE_ROWS; i++)
        if (try_take(table, i, ROW_FREE, job)) return &table->rows[i];
    for (int tries = 0; tries < TABLE_ROWS; tries++) {
        LONG oldest = -1;
        for (LONG i = 0; i < TABLE_ROWS; i++) {
            const struct row *row = &table->rows[i];
            if (row->state == ROW_EXITED && (oldest < 0 || row->taken < table->rows[oldest].taken)) oldest = i;
        }
        if (oldest < 0) return NULL;
        if (try_take(table, oldest, ROW_EXITED, job)) return &table->rows[oldest];
    }
    return NULL;
}

struct row *find_row(struct table *table, DWORD pid) {
    for (LONG i = 0; i < table->used; i++)
        if (table->rows[i].pid == pid && table->rows[i].state == ROW_READY) return &table->rows[i];
    return NULL;
}

struct row *find_row_of(struct table *table, DWORD pid, LONG64 created) {
    for (LONG i = 0; i < table->used; i++) {
        struct row *row = &table->rows[i];
        if (row->pid == pid && row->created == created && (row->state == ROW_READY || row->state == ROW_EXITED))
            return row;
    }
    return NULL;
}

void event_name(char *into, size_t size, const char *what, const struct table *table, const struct row *row) {
    snprintf(into, size, "Local\\%s-%s-%d", table_name, what, (int)(row - table->rows));
}

void read_file_name(char *into, size_t size, DWORD workload) {
    char folder[MAX_PATH];
    GetTempPathA(sizeof folder, folder);
    snprintf(into, size, "%ssilostat-lab-%lu.bin", folder, workload);
}

void job_name(HANDLE job, WCHAR *into, int units) {
    struct {
        UNICODE_STRING name;
        WCHAR text[1024];
    } answer;
    int length = 0;
    memset(&answer.name, 0, sizeof answer.name);
    if (NT_OK(NtQueryObject(job, ObjectNameClass, &answer, sizeof answer, NULL)))
        length = answer.name.Length / (int)sizeof(WCHAR);
    if (length >= units) length = units - 1;
    memcpy(into, answer.name.Buffer, length * sizeof(WCHAR));
    into[length] = 0;
}

/* FNV-1a over the name. */
ULONG64 job_key(HANDLE job) {
    WCHAR name[1024];
    ULONG64 hash = 14695981039346656037ull;
    job_name(job, name, 1024);
    if (!*name) return 0;
    for (const WCHAR *unit = name; *unit; unit++) hash = (hash ^ *unit) * 1099511628211ull;
    return hash ? hash : 1;
}
