/* The functions of vmcompute.dll. */
#include "vmcompute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The result document of a call that failed. */
static void tell(WCHAR **result, HRESULT status, const char *call) {
    char text[400];
    if (!result) return;
    snprintf(text, sizeof text,
             "{\"Error\":%ld,\"ErrorMessage\":\"the stand-in refuses %s\",\"ErrorEvents\":[{\"Message\":\"told to do so\","
             "\"Provider\":\"stand-in\",\"EventId\":7,\"Flags\":0,\"Source\":\"vmcompute.c\"}]}",
             (long)status, call);
    *result = give(text);
}

static HRESULT refuse(WCHAR **result, HRESULT status, const char *call) {
    tell(result, status, call);
    return status;
}

/* What a fault makes of an answer. */
static HRESULT hand_over(const struct fault *fault, char *json, WCHAR **answer) {
    if (is(fault, "null")) *answer = NULL;
    else *answer = give(is(fault, "text") ? fault->text : json);
    free(json);
    return S_OK;
}

/* Copies the id that a handle stands for; FALSE where it stands for none. */
static BOOL id_of(hcs_handle handle, char id[160]) {
    EnterCriticalSection(&lock);
    const char *found = handle_id(handle);
    if (found) strcpy(id, found);
    LeaveCriticalSection(&lock);
    return found != NULL;
}

EXPORT HRESULT WINAPI HcsEnumerateComputeSystems(const WCHAR *query, WCHAR **systems, WCHAR **result) {
    struct fault fault = enter("HcsEnumerateComputeSystems", "*");
    char *wanted = narrow(query);
    HRESULT status = S_OK;
    if (is(&fault, "hr")) status = refuse(result, (HRESULT)fault.value, fault.call);
    else {
        EnterCriticalSection(&lock);
        char *json = describe_all(wanted);
        LeaveCriticalSection(&lock);
        hand_over(&fault, json, systems);
    }
    free(wanted);
    leave();
    return status;
}

EXPORT HRESULT WINAPI HcsOpenComputeSystem(const WCHAR *id, hcs_handle *system, WCHAR **result) {
    char *name = narrow(id);
    struct fault fault = enter("HcsOpenComputeSystem", name);
    HRESULT status = S_OK;
    EnterCriticalSection(&lock);
    if (is(&fault, "hr")) status = (HRESULT)fault.value;
    else if (!(*system = open_handle(name))) status = HCS_SYSTEM_NOT_FOUND;
    LeaveCriticalSection(&lock);
    if (FAILED(status)) tell(result, status, "HcsOpenComputeSystem");
    free(name);
    leave();
    return status;
}

EXPORT HRESULT WINAPI HcsCloseComputeSystem(hcs_handle system) {
    char id[160] = "*";
    id_of(system, id);
    enter("HcsCloseComputeSystem", id);
    EnterCriticalSection(&lock);
    BOOL closed = close_handle(system);
    LeaveCriticalSection(&lock);
    leave();
    return closed ? S_OK : HCS_INVALID_HANDLE;
}

static HRESULT read_properties(hcs_handle system, const WCHAR *query, WCHAR **properties, WCHAR **result) {
    char id[160] = "*";
    BOOL valid = id_of(system, id);
    struct fault fault = enter("HcsGetComputeSystemProperties", id);
    if (is(&fault, "hr")) return refuse(result, (HRESULT)fault.value, fault.call);
    if (!valid) return refuse(result, HCS_INVALID_HANDLE, "HcsGetComputeSystemProperties");
    char *wanted = narrow(query), *json = NULL;
    EnterCriticalSection(&lock);
    struct compute_system *found = find_system(id);
    if (found) json = describe(found, wanted, FALSE);
    LeaveCriticalSection(&lock);
    free(wanted);
    if (!json) return refuse(result, HCS_SYSTEM_NOT_FOUND, "HcsGetComputeSystemProperties");
    return hand_over(&fault, json, properties);
}

EXPORT HRESULT WINAPI HcsGetComputeSystemProperties(hcs_handle system, const WCHAR *query, WCHAR **properties,
                                                    WCHAR **result) {
    HRESULT status = read_properties(system, query, properties, result);
    leave();
    return status;
}

EXPORT HRESULT WINAPI HcsModifyComputeSystem(hcs_handle system, const WCHAR *configuration, WCHAR **result) {
    char id[160] = "*";
    BOOL valid = id_of(system, id);
    struct fault fault = enter("HcsModifyComputeSystem", id);
    HRESULT status = is(&fault, "hr") ? (HRESULT)fault.value : valid ? S_OK : HCS_INVALID_HANDLE;
    (void)configuration;
    if (FAILED(status)) tell(result, status, "HcsModifyComputeSystem");
    leave();
    return status;
}

/* Done at once, or pending: then a notification tells how it ended. */
static HRESULT complete(const struct fault *fault, const char *id, DWORD type) {
    HRESULT outcome = is(fault, "outcome") ? (HRESULT)fault->value : S_OK;
    if (is(fault, "silent")) return HCS_PENDING;
    if (is(fault, "early")) {
        notify_and_wait(id, type, S_OK);
        return HCS_PENDING;
    }
    if (!is(fault, "pending") && !is(fault, "outcome")) return S_OK;
    notify(id, type, outcome, is(fault, "pending") ? fault->value : 0);
    return HCS_PENDING;
}

EXPORT HRESULT WINAPI HcsCreateComputeSystem(const WCHAR *id, const WCHAR *configuration, HANDLE identity,
                                             hcs_handle *system, WCHAR **result) {
    char *name = narrow(id);
    struct fault fault = enter("HcsCreateComputeSystem", name);
    HRESULT status = is(&fault, "hr") ? (HRESULT)fault.value : S_OK;
    (void)configuration, (void)identity;
    EnterCriticalSection(&lock);
    if (SUCCEEDED(status) && find_system(name)) status = HCS_ALREADY_EXISTS;
    if (SUCCEEDED(status)) {
        strcpy(add_system(name)->state, "Created");
        *system = open_handle(name);
    }
    LeaveCriticalSection(&lock);
    if (FAILED(status)) tell(result, status, "HcsCreateComputeSystem");
    else status = complete(&fault, name, CREATE_COMPLETED);
    free(name);
    leave();
    return status;
}

/* A call that leads from one of some states to another. */
static HRESULT change(const char *call, hcs_handle system, const char *from, const char *to, DWORD type, WCHAR **result) {
    char id[160] = "*";
    HRESULT status = id_of(system, id) ? S_OK : HCS_INVALID_HANDLE;
    struct fault fault = enter(call, id);
    if (is(&fault, "hr")) status = (HRESULT)fault.value;
    EnterCriticalSection(&lock);
    struct compute_system *found = find_system(id);
    if (SUCCEEDED(status) && !found) status = HCS_SYSTEM_NOT_FOUND;
    if (SUCCEEDED(status) && !strstr(from, found->state)) {
        status = strcmp(found->state, "Stopped") == 0 ? HCS_ALREADY_STOPPED : HCS_INVALID_STATE;
    }
    if (SUCCEEDED(status)) strcpy(found->state, to);
    LeaveCriticalSection(&lock);
    if (FAILED(status)) tell(result, status, call);
    else if (type == SYSTEM_EXITED) {
        notify(id, SYSTEM_EXITED, S_OK, 0);
        status = HCS_PENDING;
    } else status = complete(&fault, id, type);
    leave();
    return status;
}

EXPORT HRESULT WINAPI HcsStartComputeSystem(hcs_handle system, const WCHAR *options, WCHAR **result) {
    (void)options;
    return change("HcsStartComputeSystem", system, "Created", "Running", START_COMPLETED, result);
}

EXPORT HRESULT WINAPI HcsPauseComputeSystem(hcs_handle system, const WCHAR *options, WCHAR **result) {
    (void)options;
    return change("HcsPauseComputeSystem", system, "Running", "Paused", PAUSE_COMPLETED, result);
}

EXPORT HRESULT WINAPI HcsResumeComputeSystem(hcs_handle system, const WCHAR *options, WCHAR **result) {
    (void)options;
    return change("HcsResumeComputeSystem", system, "Paused", "Running", RESUME_COMPLETED, result);
}

EXPORT HRESULT WINAPI HcsShutdownComputeSystem(hcs_handle system, const WCHAR *options, WCHAR **result) {
    (void)options;
    return change("HcsShutdownComputeSystem", system, "Running", "Stopped", SYSTEM_EXITED, result);
}

EXPORT HRESULT WINAPI HcsTerminateComputeSystem(hcs_handle system, const WCHAR *options, WCHAR **result) {
    (void)options;
    return change("HcsTerminateComputeSystem", system, "Created Running Paused", "Stopped", SYSTEM_EXITED, result);
}

/* What tests say. 0 on failure. */
EXPORT int standin_do(const char *line) { return obey(line); }
