/*
 * How long silostat's system calls take when C makes them: the floor for the benchmark.
 *
 *   linux-floor [--swap] [--procs FOLDER]
 *
 * One command a line on stdin:
 *
 *   open FILE[=KEY,KEY]        one more figure file, and the lines whose numbers are wanted; no answer
 *   statistics SAMPLES BATCH   both clocks, then one pread for each figure file, from descriptors that stay open
 *   processes SAMPLES BATCH    /proc/swaps, cgroup.procs, each process's files opened, read and closed, cgroup.procs again
 *
 * Answers {"ns":[...]}: SAMPLES times, the mean of BATCH readings.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 20000
#define MOST_PIDS 100000
#define MOST_KEYS 4

struct figure_file {
    int descriptor;
    int keys;
    char *key[MOST_KEYS];
};

static struct figure_file files[MOST_FILES];
static int file_count;
static const char *procs_folder;
static int has_swap;
static int pids[MOST_PIDS];
static char buffer[1 << 20];
/* What was read goes somewhere, so that the compiler leaves the parsing in. */
static volatile unsigned long long sink;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void add_file(char *argument) {
    if (file_count == MOST_FILES) return;
    struct figure_file *file = &files[file_count++];
    char *keys = strrchr(argument, '=');
    if (keys) *keys++ = 0;
    file->descriptor = open(argument, O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0) fail(argument);
    for (char *key = keys ? strtok(keys, ",") : NULL; key && file->keys < MOST_KEYS; key = strtok(NULL, ","))
        file->key[file->keys++] = strdup(key);
}

/* The number on the line that begins with `key`. */
static unsigned long long keyed(const char *text, const char *key) {
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (!strncmp(line, key, length) && line[length] == ' ') return strtoull(line + length + 1, NULL, 10);
    }
    return 0;
}

static void statistics(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (int i = 0; i < file_count; i++) {
        struct figure_file *file = &files[i];
        ssize_t length = pread(file->descriptor, buffer, 65536, 0);
        if (length < 0) fail("pread");
        buffer[length] = 0;
        if (file->keys == 0) sink += strtoull(buffer, NULL, 10);
        for (int k = 0; k < file->keys; k++) sink += keyed(buffer, file->key[k]);
    }
}

static ssize_t read_once(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t length = pread(descriptor, buffer, 65536, 0);
    close(descriptor);
    return length;
}

static int list_pids(void) {
    char path[4096];
    struct stat about;
    snprintf(path, sizeof path, "%s/cgroup.procs", procs_folder);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail(path);
    size_t length = 0;
    for (ssize_t more; (more = pread(descriptor, buffer + length, sizeof buffer - 1 - length, length)) > 0;) length += more;
    close(descriptor);
    buffer[length] = 0;
    if (stat(procs_folder, &about)) fail(procs_folder);
    int count = 0;
    char *at = buffer;
    while (*at && count < MOST_PIDS) {
        pids[count++] = strtol(at, &at, 10);
        if (*at == '\n') at++;
    }
    return count;
}

static void read_process(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int stat_file = open(path, O_RDONLY | O_CLOEXEC);
    if (stat_file < 0) return;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (read_once(path) > 0) sink += strtoull(strchr(buffer, ' ') + 1, NULL, 10);
    if (has_swap) {
        snprintf(path, sizeof path, "/proc/%d/status", pid);
        ssize_t length = read_once(path);
        if (length > 0) {
            buffer[length] = 0;
            sink += keyed(buffer, "VmSwap:");
        }
    }
    ssize_t length = pread(stat_file, buffer, 65536, 0);
    close(stat_file);
    if (length <= 0) return;
    buffer[length] = 0;
    char *field = strrchr(buffer, ')');
    for (int i = 0; field && i < 20; i++) {
        field = strchr(field + 1, ' ');
        if (field && (i == 11 || i == 12 || i == 19)) sink += strtoull(field, NULL, 10);
    }
}

static void processes(void) {
    read_once("/proc/swaps");
    int count = list_pids();
    for (int i = 0; i < count; i++) read_process(pids[i]);
    list_pids();
}

/* The time that this process had a processor: what others do on the machine hardly shows in it. */
static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void measure(void (*reading)(void), int samples, int batch) {
    printf("{\"ns\":[");
    for (int i = 0; i < samples; i++) {
        long long began = now_ns();
        for (int j = 0; j < batch; j++) reading();
        printf("%s%.1f", i ? "," : "", (double)(now_ns() - began) / batch);
    }
    puts("]}");
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[8192], verb[32];
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--swap")) has_swap = 1;
        else if (!strcmp(argv[i], "--procs") && i + 1 < argc) procs_folder = argv[++i];
    }
    while (fgets(line, sizeof line, stdin)) {
        int samples = 1, batch = 1;
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "open ", 5)) add_file(line + 5);
        else if (sscanf(line, "%31s %d %d", verb, &samples, &batch) < 1) continue;
        else if (!strcmp(verb, "statistics")) measure(statistics, samples, batch);
        else if (!strcmp(verb, "processes")) measure(processes, samples, batch);
        else return 2;
    }
    return 0;
}
