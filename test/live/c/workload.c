/*
 * The process in a test container: obeys one command a line on stdin and answers each with one line on stdout.
 * It says of itself what the kernel's accounting is held against. It ends when stdin does.
 *
 *   touch MIB        writes to MIB MiB of fresh anonymous memory, and keeps it        -> ok
 *   release          gives back what the last touch took                             -> ok
 *   burn MS          computes until it has used MS more milliseconds of CPU time      -> ok
 *   usage            user and system time, its own and its reaped children's, in us   -> usage USER SYSTEM
 *   write MIB PATH   writes MIB MiB to PATH with O_DIRECT, 1 MiB at a time            -> ok
 *   read MIB PATH    reads them likewise                                              -> ok
 *   fork N           starts N children that sleep, and end with it                     -> ok
 *   reap             ends the children and waits for them                             -> ok
 *   join FOLDER      moves itself into that cgroup; its next children are born there   -> ok
 *   exit N           ends at once with status N
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, MAX_CHILDREN = 8192 };

static pid_t children[MAX_CHILDREN];
static int child_count;

static void answer(int failed) {
  if (failed) printf("error %s\n", strerror(errno));
  else puts("ok");
}

static unsigned char *touched;
static size_t touched_size;

static int touch(size_t mib) {
  unsigned char *memory = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  /* Huge pages would round the figure up. */
  madvise(memory, mib * MIB, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < mib * MIB; at += 4096) memory[at] = 1;
  touched = memory;
  touched_size = mib * MIB;
  return 0;
}

static int release(void) {
  return munmap(touched, touched_size);
}

static double cpu_ms(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1e3 + used.tv_nsec / 1e6;
}

static void burn(double ms) {
  static volatile unsigned work;
  for (double end = cpu_ms() + ms; cpu_ms() < end;)
    for (int i = 0; i < 20000; i++) work += i;
}

static void usage(void) {
  struct rusage self, reaped;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &reaped);
  printf("usage %lld %lld\n",
         (self.ru_utime.tv_sec + reaped.ru_utime.tv_sec) * 1000000LL + self.ru_utime.tv_usec + reaped.ru_utime.tv_usec,
         (self.ru_stime.tv_sec + reaped.ru_stime.tv_sec) * 1000000LL + self.ru_stime.tv_usec + reaped.ru_stime.tv_usec);
}

/* O_DIRECT, so that every byte passes the block layer and none waits in the page cache. */
static int transfer(int writing, size_t mib, const char *path) {
  static void *block;
  if (block == NULL) block = aligned_alloc(4096, MIB);
  int file = open(path, (writing ? O_WRONLY : O_RDONLY) | O_DIRECT);
  if (block == NULL || file < 0) return -1;
  int failed = 0;
  memset(block, 'x', MIB);
  for (size_t i = 0; i < mib && !failed; i++) {
    ssize_t done = writing ? write(file, block, MIB) : read(file, block, MIB);
    if (done >= 0 && done != MIB) errno = EIO;
    failed = done != MIB;
  }
  close(file);
  return failed ? -1 : 0;
}

static int fork_children(int count) {
  for (int i = 0; i < count && child_count < MAX_CHILDREN; i++) {
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
    children[child_count++] = pid;
  }
  return 0;
}

static int join(const char *folder) {
  char path[4200];
  snprintf(path, sizeof path, "%s/cgroup.procs", folder);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t written = write(fd, "0", 1);
  close(fd);
  return written == 1 ? 0 : -1;
}

static void reap(void) {
  for (int i = 0; i < child_count; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < child_count; i++) waitpid(children[i], NULL, 0);
  child_count = 0;
}

static void obey(const char *line) {
  char path[4096];
  int n;
  if (sscanf(line, "touch %d", &n) == 1) answer(touch(n));
  else if (sscanf(line, "burn %d", &n) == 1) burn(n), answer(0);
  else if (sscanf(line, "write %d %4095s", &n, path) == 2) answer(transfer(1, n, path));
  else if (sscanf(line, "read %d %4095s", &n, path) == 2) answer(transfer(0, n, path));
  else if (sscanf(line, "fork %d", &n) == 1) answer(fork_children(n));
  else if (sscanf(line, "join %4095s", path) == 1) answer(join(path));
  else if (sscanf(line, "exit %d", &n) == 1) exit(n);
  else if (strcmp(line, "release\n") == 0) answer(release());
  else if (strcmp(line, "reap\n") == 0) reap(), answer(0);
  else if (strcmp(line, "usage\n") == 0) usage();
  else printf("error no such command: %s", line);
}

int main(void) {
  char line[8192];
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  while (fgets(line, sizeof line, stdin) != NULL) obey(line);
  reap();
  return 0;
}
