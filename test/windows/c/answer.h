/* One line of JSON for each command: the answers of the programs that tests talk to. */
#ifndef SILOSTAT_ANSWER_H
#define SILOSTAT_ANSWER_H

#include <stdio.h>

#include "nt.h"

static inline void answer_ok(void) {
    puts("{\"ok\":true}");
    fflush(stdout);
}

static inline void answer_error(const char *api, DWORD error) {
    printf("{\"ok\":false,\"api\":\"%s\",\"error\":%lu}\n", api, error);
    fflush(stdout);
}

static inline void answer_status(const char *api, NTSTATUS status) {
    printf("{\"ok\":%s,\"api\":\"%s\",\"status\":%lu}\n", NT_OK(status) ? "true" : "false", api, (ULONG)status);
    fflush(stdout);
}

/* 0 is success. */
static inline void answer_win32(const char *api, DWORD error) {
    if (error) answer_error(api, error);
    else answer_ok();
}

/* For functions that give a BOOL. */
static inline void answer_bool(const char *api, BOOL success) {
    if (success) answer_ok();
    else answer_error(api, GetLastError());
}

#endif
