/*
 * Many short-lived or many resting cgroups, as a container engine makes them: one directory of the same name below each
 * of some folders (the engine's own, in each hierarchy), and one process in it.
 *
 *   crowd PREFIX COUNT TOGETHER MILLISECONDS LINGER FOLDER...
 *
 * The names are PREFIX and the number in hexadecimal, 64 digits in all. So many are there TOGETHER; each process works for
 * about a fiftieth of its MILLISECONDS and ends with them, and LINGER ms later its cgroup is removed. With 0 the processes do nothing, and
 * all end when stdin does. Says "ready" when the first TOGETHER are in their cgroups, "done" in the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **folders;
static int folder_count;
static const char *prefix;
static long milliseconds, linger;
/* A byte for each process that is in its cgroups; only the first ones are waited for. */
static int joined[2];

static void fail(const char *what) {
  fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void path_of(char *path, size_t size, int folder, int number, const char *file) {
  int digits = 64 - (int)strlen(prefix);
  int length = snprintf(path, size, "%s/%s%0*x%s", folders[folder], prefix, digits, number, file);
  if (length < 0 || (size_t)length >= size) exit(2);
}

static void join(int number) {
  for (int i = 0; i < folder_count; i++) {
    char path[4096];
    path_of(path, sizeof path, i, number, "/cgroup.procs");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) fail(path);
    close(fd);
  }
}

static void live(void) {
  if (milliseconds == 0) {
    for (;;) pause();
  }
  clock_t work = (clock_t)(CLOCKS_PER_SEC / 1000 * milliseconds / 50);
  clock_t end = clock() + work;
  while (clock() < end) continue;
  struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&rest, NULL);
}

static pid_t start(int number) {
  for (int i = 0; i < folder_count; i++) {
    char path[4096];
    path_of(path, sizeof path, i, number, "");
    if (mkdir(path, 0755) != 0) fail(path);
  }
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  join(number);
  if (joined[1] >= 0 && write(joined[1], "", 1) != 1) fail("pipe");
  close(joined[1]);
  live();
  _exit(0);
}

static void await_joined(int count) {
  close(joined[1]);
  joined[1] = -1;
  for (int i = 0; i < count; i++) {
    char byte;
    if (read(joined[0], &byte, 1) != 1) fail("a process did not join");
  }
  close(joined[0]);
}

static void removed(int number) {
  for (int i = 0; i < folder_count; i++) {
    char path[4096];
    path_of(path, sizeof path, i, number, "");
    for (int tries = 0; rmdir(path) != 0; tries++) {
      if (errno != EBUSY || tries == 1000) fail(path);
      usleep(1000);
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 7) return 2;
  prefix = argv[1];
  int count = atoi(argv[2]), together = atoi(argv[3]);
  milliseconds = atol(argv[4]);
  linger = atol(argv[5]);
  folders = argv + 6;
  folder_count = argc - 6;
  pid_t *pids = calloc((size_t)count, sizeof *pids);
  int started = 0;
  if (pipe2(joined, O_CLOEXEC) != 0) fail("pipe");
  for (; started < together && started < count; started++) pids[started] = start(started);
  await_joined(started);
  puts("ready");
  fflush(stdout);
  if (milliseconds == 0) {
    char nothing;
    while (read(0, &nothing, 1) > 0) continue;
    for (int i = 0; i < started; i++) kill(pids[i], SIGKILL);
  }
  for (int ended = 0; ended < count; ended++) {
    pid_t child = wait(NULL);
    if (child < 0) fail("wait");
    int number = 0;
    while (pids[number] != child) number++;
    pids[number] = 0;
    usleep((useconds_t)linger * 1000);
    removed(number);
    if (started < count) {
      pids[started] = start(started);
      started++;
    }
  }
  puts("done");
  return 0;
}
