/*
 * A stand-in for the Host Compute Service's vmcompute.dll, for tests: it keeps compute systems, speaks the documented protocol
 * and does what it is told to do wrong. It is a model of what is documented, no evidence of what Windows does.
 */
#ifndef SILOSTAT_VMCOMPUTE_H
#define SILOSTAT_VMCOMPUTE_H

#include <windows.h>

#define EXPORT __declspec(dllexport)

/* HCS_E_*, in the spelling that vmcompute.dll has. */
#define HCS_SYSTEM_NOT_FOUND ((HRESULT)0xC037010E)
#define HCS_ALREADY_EXISTS ((HRESULT)0xC037010F)
#define HCS_ALREADY_STOPPED ((HRESULT)0xC0370110)
#define HCS_INVALID_STATE ((HRESULT)0xC0370105)
#define HCS_PENDING ((HRESULT)0xC0370103)
#define HCS_INVALID_HANDLE ((HRESULT)0x80070006)

enum notification {
    SYSTEM_EXITED = 0x1,
    CREATE_COMPLETED = 0x2,
    START_COMPLETED = 0x3,
    PAUSE_COMPLETED = 0x4,
    RESUME_COMPLETED = 0x5,
};

typedef ULONG64 hcs_handle;
typedef void(CALLBACK *hcs_callback)(DWORD type, void *context, HRESULT status, const WCHAR *data);

struct compute_system {
    char id[160];
    char kind[32];
    char os[16];
    char owner[64];
    char state[24];
    /* `"Statistics":{...}`, by property type. */
    struct {
        char type[40];
        char *json;
    } properties[8];
};

/* Systems. All of it is called with the lock held. */
extern CRITICAL_SECTION lock;
struct compute_system *find_system(const char *id);
struct compute_system *add_system(const char *id);
void remove_system(struct compute_system *system);
/* What a system says of itself, in memory of malloc. `query`: which property types are wanted. */
char *describe(const struct compute_system *system, const char *query, BOOL brief);
char *describe_all(const char *query);

/* Handles: opened systems. 0 where there is no such system, or no such handle. */
hcs_handle open_handle(const char *id);
/* The id that a handle stands for. */
const char *handle_id(hcs_handle handle);
BOOL close_handle(hcs_handle handle);

/* What a call is to do wrong. */
struct fault {
    char call[48];
    char id[160];
    char kind[16];
    char text[512];
    ULONG value;
    LONG times;
};

/* Notes the call, waits where a fault says so, and copies the fault that is for it. Called without the lock. */
struct fault enter(const char *call, const char *id);
void leave(void);
BOOL is(const struct fault *fault, const char *kind);

/* Notifications come from threads of their own. */
void notify(const char *id, DWORD type, HRESULT status, ULONG delay_ms);
/* The same, and waits until everybody has been told. */
void notify_and_wait(const char *id, DWORD type, HRESULT status);

/* Counters, by name; unknown names are made. */
void count(const char *what, LONG by);

/* Texts that the caller has to free, as UTF-16. */
WCHAR *give(const char *utf8);
char *narrow(const WCHAR *text);

/* One line of the language that tests speak. */
BOOL obey(const char *line);
/* The lines of the file that SILOSTAT_STANDIN names, once. */
void obey_file(void);

#endif
