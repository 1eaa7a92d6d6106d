/*
 * A process of a job: does known amounts of work on command and writes down in the table what it has done.
 *
 *   member.exe TABLE ROW PARENT_PID      a member with a row; lives until it is told to exit, or its parent ends
 *   member.exe sleep MILLISECONDS        a short-lived one, without a row
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define BLOCK 4096

static struct table *table;
static struct row *row;

static ULONG64 ticks(FILETIME time) { return (ULONG64)time.dwHighDateTime << 32 | time.dwLowDateTime; }

static void read_clock(ULONG64 *user, ULONG64 *kernel) {
    FILETIME created, exited, in_kernel, in_user;
    GetProcessTimes(GetCurrentProcess(), &created, &exited, &in_kernel, &in_user);
    *user = ticks(in_user);
    *kernel = ticks(in_kernel);
    row->created = (LONG64)ticks(created);
}

static void publish_clock(void) {
    ULONG64 user, kernel;
    read_clock(&user, &kernel);
    row->user_100ns = user;
    row->kernel_100ns = kernel;
}

static DWORD touch(SIZE_T bytes) {
    char *memory = VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (!memory) return GetLastError();
    memset(memory, 1, bytes);
    row->touched_bytes += bytes;
    return 0;
}

static DWORD commit(SIZE_T bytes) {
    if (!VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)) return GetLastError();
    row->committed_bytes += bytes;
    return 0;
}

static DWORD burn(ULONG64 milliseconds, int in_kernel) {
    static volatile unsigned spun;
    ULONG64 start[2], now[2];
    read_clock(&start[0], &start[1]);
    do {
        if (in_kernel)
            for (int i = 0; i < 1000; i++) SwitchToThread();
        else
            for (int i = 0; i < 100000; i++) spun++;
        read_clock(&now[0], &now[1]);
    } while (now[in_kernel] - start[in_kernel] < milliseconds * 10000);
    return 0;
}

/* Blocks of 4 KiB past the cache; the file is gone when it is closed. */
static DWORD write_blocks(ULONG64 bytes) {
    char folder[MAX_PATH], name[MAX_PATH];
    void *block = VirtualAlloc(NULL, BLOCK, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    HANDLE file;
    DWORD done, error = 0;
    GetTempPathA(sizeof folder, folder);
    snprintf(name, sizeof name, "%ssilostat-lab-%lu.tmp", folder, GetCurrentProcessId());
    file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                       FILE_FLAG_NO_BUFFERING | FILE_FLAG_WRITE_THROUGH | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (file == INVALID_HANDLE_VALUE) return GetLastError();
    for (ULONG64 written = 0; written < bytes && !error; written += BLOCK) {
        if (!WriteFile(file, block, BLOCK, &done, NULL)) error = GetLastError();
        row->written_bytes += BLOCK;
        row->written_operations++;
    }
    CloseHandle(file);
    VirtualFree(block, 0, MEM_RELEASE);
    return error;
}

/* Blocks of 4 KiB past the cache, from a file that the workload has made, over and over if it is too short. */
static DWORD read_blocks(ULONG64 bytes, DWORD workload) {
    char name[MAX_PATH];
    void *block = VirtualAlloc(NULL, BLOCK, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    HANDLE file;
    DWORD done, error = 0;
    read_file_name(name, sizeof name, workload);
    file = CreateFileA(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_NO_BUFFERING, NULL);
    if (file == INVALID_HANDLE_VALUE) return GetLastError();
    for (ULONG64 read = 0; read < bytes && !error; read += BLOCK) {
        if (!ReadFile(file, block, BLOCK, &done, NULL)) error = GetLastError();
        else if (done < BLOCK) {
            SetFilePointer(file, 0, NULL, FILE_BEGIN);
            read -= BLOCK;
            continue;
        }
        row->read_bytes += BLOCK;
        row->read_operations++;
    }
    CloseHandle(file);
    VirtualFree(block, 0, MEM_RELEASE);
    return error;
}

static DWORD obey(DWORD workload) {
    switch (row->command) {
    case COMMAND_TOUCH: return touch(row->argument);
    case COMMAND_COMMIT: return commit(row->argument);
    case COMMAND_BURN: return burn(row->argument, 0);
    case COMMAND_BURN_KERNEL: return burn(row->argument, 1);
    case COMMAND_READ: return read_blocks(row->argument, workload);
    case COMMAND_WRITE: return write_blocks(row->argument);
    default: return ERROR_INVALID_FUNCTION;
    }
}

static void leave(UINT code) {
    publish_clock();
    row->state = ROW_EXITED;
    ExitProcess(code);
}

int main(int argc, char **argv) {
    HANDLE waits[2], done;
    DWORD parent;
    char name[200];
    if (argc == 3) {
        Sleep((DWORD)atoi(argv[2]));
        return 0;
    }
    if (argc != 4 || !(table = open_table(argv[1]))) return 2;
    row = &table->rows[atoi(argv[2])];
    parent = (DWORD)strtoul(argv[3], NULL, 10);
    event_name(name, sizeof name, "go", table, row);
    waits[0] = CreateEventA(NULL, FALSE, FALSE, name);
    event_name(name, sizeof name, "done", table, row);
    done = CreateEventA(NULL, FALSE, FALSE, name);
    waits[1] = OpenProcess(SYNCHRONIZE, FALSE, parent);
    if (!waits[0] || !waits[1] || !done) return 3;
    row->pid = GetCurrentProcessId();
    publish_clock();
    row->state = ROW_READY;
    while (WaitForMultipleObjects(2, waits, FALSE, INFINITE) == WAIT_OBJECT_0) {
        if (row->command == COMMAND_EXIT) leave((UINT)row->argument);
        row->error = obey(parent);
        publish_clock();
        InterlockedIncrement64(&table->work);
        SetEvent(done);
    }
    leave(0);
}
