/* The compute systems that there are, what they say of themselves, and who has them open. */
#include "vmcompute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SYSTEMS 256
#define MOST_HANDLES 4096

CRITICAL_SECTION lock;

static struct compute_system *systems[MOST_SYSTEMS];
static struct {
    hcs_handle handle;
    char id[160];
} handles[MOST_HANDLES];
/* Handles are never given out twice; they look like addresses. */
static hcs_handle next_handle = 0x7ff600001000;

struct compute_system *find_system(const char *id) {
    for (int i = 0; i < MOST_SYSTEMS; i++)
        if (systems[i] && strcmp(systems[i]->id, id) == 0) return systems[i];
    return NULL;
}

struct compute_system *add_system(const char *id) {
    for (int i = 0; i < MOST_SYSTEMS; i++) {
        if (systems[i]) continue;
        systems[i] = calloc(1, sizeof *systems[i]);
        snprintf(systems[i]->id, sizeof systems[i]->id, "%s", id);
        strcpy(systems[i]->kind, "Container");
        strcpy(systems[i]->os, "Windows");
        return systems[i];
    }
    abort();
}

void remove_system(struct compute_system *system) {
    for (int i = 0; i < MOST_SYSTEMS; i++)
        if (systems[i] == system) systems[i] = NULL;
    for (int i = 0; i < 8; i++) free(system->properties[i].json);
    free(system);
}

static BOOL is_wanted(const char *query, const char *type) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", type);
    return query && strstr(query, quoted) != NULL;
}

static size_t room_for(const struct compute_system *system) {
    size_t size = 1024;
    for (int i = 0; i < 8; i++)
        if (system->properties[i].json) size += strlen(system->properties[i].json) + 64;
    return size;
}

char *describe(const struct compute_system *system, const char *query, BOOL brief) {
    char *json = malloc(room_for(system)), *end = json;
    end += sprintf(end, "{\"Id\":\"%s\",\"State\":\"%s\",\"SystemType\":\"%s\",\"Owner\":\"%s\"", system->id,
                   system->state, system->kind, system->owner);
    if (brief) end += sprintf(end, ",\"Name\":\"%s\"", system->id);
    if (*system->os) end += sprintf(end, ",\"RuntimeOsType\":\"%s\"", system->os);
    end += sprintf(end, ",\"RuntimeId\":\"00000000-0000-0000-0000-000000000000\"");
    for (int i = 0; !brief && i < 8; i++) {
        if (!system->properties[i].json || !is_wanted(query, system->properties[i].type)) continue;
        end += sprintf(end, ",%s", system->properties[i].json);
    }
    strcpy(end, "}");
    return json;
}

char *describe_all(const char *query) {
    size_t size = 16;
    BOOL some = query && strstr(query, "\"Ids\"");
    for (int i = 0; i < MOST_SYSTEMS; i++)
        if (systems[i]) size += room_for(systems[i]);
    char *json = malloc(size), *end = json;
    end += sprintf(end, "[");
    for (int i = 0; i < MOST_SYSTEMS; i++) {
        if (!systems[i] || (some && !is_wanted(query, systems[i]->id))) continue;
        char *one = describe(systems[i], query, TRUE);
        end += sprintf(end, "%s%s", end == json + 1 ? "" : ",", one);
        free(one);
    }
    strcpy(end, "]");
    return json;
}

hcs_handle open_handle(const char *id) {
    if (!find_system(id)) return 0;
    for (int i = 0; i < MOST_HANDLES; i++) {
        if (handles[i].handle) continue;
        snprintf(handles[i].id, sizeof handles[i].id, "%s", id);
        count("handles-opened", 1);
        return handles[i].handle = next_handle += 0x40;
    }
    return 0;
}

const char *handle_id(hcs_handle handle) {
    for (int i = 0; handle && i < MOST_HANDLES; i++)
        if (handles[i].handle == handle) return handles[i].id;
    return NULL;
}

BOOL close_handle(hcs_handle handle) {
    for (int i = 0; handle && i < MOST_HANDLES; i++) {
        if (handles[i].handle != handle) continue;
        handles[i].handle = 0;
        count("handles-closed", 1);
        return TRUE;
    }
    return FALSE;
}
