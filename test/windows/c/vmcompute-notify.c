/* Callbacks of those who want to know how a compute system fares, called from threads of their own. */
#include "vmcompute.h"

#include <stdlib.h>
#include <string.h>

#define MOST_CALLBACKS 512

static struct registration {
    ULONG64 handle;
    char id[160];
    hcs_callback callback;
    void *context;
    /* Threads that are in it. */
    LONG running;
} registrations[MOST_CALLBACKS];
static ULONG64 next_registration = 0x7ff700001000;

struct message {
    char id[160];
    DWORD type;
    HRESULT status;
    ULONG delay_ms;
};

static DWORD WINAPI deliver(void *parameter) {
    struct message *message = parameter;
    Sleep(message->delay_ms);
    for (int i = 0; i < MOST_CALLBACKS; i++) {
        struct registration *to = &registrations[i];
        EnterCriticalSection(&lock);
        BOOL wanted = to->handle && strcmp(to->id, message->id) == 0;
        if (wanted) to->running++;
        LeaveCriticalSection(&lock);
        if (!wanted) continue;
        to->callback(message->type, to->context, message->status, L"{\"Status\":0,\"ExitType\":\"GracefulExit\"}");
        InterlockedDecrement(&to->running);
        count("notifications", 1);
    }
    free(message);
    return 0;
}

static HANDLE start(const char *id, DWORD type, HRESULT status, ULONG delay_ms) {
    struct message *message = calloc(1, sizeof *message);
    strcpy(message->id, id);
    message->type = type;
    message->status = status;
    message->delay_ms = delay_ms;
    return CreateThread(NULL, 0, deliver, message, 0, NULL);
}

void notify(const char *id, DWORD type, HRESULT status, ULONG delay_ms) {
    CloseHandle(start(id, type, status, delay_ms));
}

void notify_and_wait(const char *id, DWORD type, HRESULT status) {
    HANDLE thread = start(id, type, status, 0);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

EXPORT HRESULT WINAPI HcsRegisterComputeSystemCallback(hcs_handle system, hcs_callback callback, void *context,
                                                       ULONG64 *handle) {
    struct fault fault = enter("HcsRegisterComputeSystemCallback", "*");
    HRESULT status = is(&fault, "hr") ? (HRESULT)fault.value : HCS_INVALID_HANDLE;
    EnterCriticalSection(&lock);
    const char *id = handle_id(system);
    for (int i = 0; id && !is(&fault, "hr") && i < MOST_CALLBACKS; i++) {
        if (registrations[i].handle) continue;
        registrations[i] = (struct registration){.callback = callback, .context = context};
        strcpy(registrations[i].id, id);
        *handle = registrations[i].handle = next_registration += 0x40;
        count("callbacks-registered", 1);
        status = S_OK;
        break;
    }
    LeaveCriticalSection(&lock);
    leave();
    return status;
}

/* Comes back when nobody is in the callback any more. */
EXPORT HRESULT WINAPI HcsUnregisterComputeSystemCallback(ULONG64 handle) {
    struct registration *found = NULL;
    enter("HcsUnregisterComputeSystemCallback", "*");
    EnterCriticalSection(&lock);
    for (int i = 0; handle && i < MOST_CALLBACKS; i++)
        if (registrations[i].handle == handle) found = &registrations[i];
    if (found) *found->id = 0;
    LeaveCriticalSection(&lock);
    while (found && InterlockedCompareExchange(&found->running, 0, 0) > 0) Sleep(1);
    if (found) {
        found->handle = 0;
        count("callbacks-unregistered", 1);
    }
    leave();
    return found ? S_OK : HCS_INVALID_HANDLE;
}
