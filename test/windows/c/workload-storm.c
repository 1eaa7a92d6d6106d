#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 4

static HANDLE storm_thread;
static volatile LONG storm_goes_on, storm_outside;

static DWORD WINAPI storm(void *unused) {
    HANDLE running[AT_ONCE] = {NULL};
    (void)unused;
    srand(GetTickCount());
    while (storm_goes_on) {
        for (int i = 0; i < AT_ONCE; i++) {
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
    for (int i = 0; i < AT_ONCE; i++) {
        if (!running[i]) continue;
        WaitForSingleObject(running[i], LONG_ENOUGH);
        CloseHandle(running[i]);
    }
    return 0;
}

void end_storm(void) {
    if (!storm_thread) return;
    storm_goes_on = 0;
    WaitForSingleObject(storm_thread, INFINITE);
    CloseHandle(storm_thread);
    storm_thread = NULL;
}

void set_storm(const char *how) {
    end_storm();
    if (strcmp(how, "off")) {
        storm_outside = !strcmp(how, "outside");
        storm_goes_on = 1;
        storm_thread = CreateThread(NULL, 0, storm, NULL, 0, NULL);
    }
    answer_ok();
}
