/*
 * The program whose report has to be the same everywhere: `report FILE`. Five processes, exit code 7.
 *
 *   main ---- worker, worker        each holds 64 MiB, uses a second of processor time, writes 8 MiB to FILE
 *        \--- starter --- daemon    the same, after the starter has exited, and half a second longer than main lives
 *
 * Writes go past the page cache and into what FILE already has, so that they are the only bytes that reach the disk. Each
 * process says at its end what it used and when that was, in ms: `ROLE CPU SINCE-MAIN-BEGAN`.
 */
#ifdef _WIN32
#include <windows.h>
#else
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELD_BYTES (64u << 20)
#define WRITTEN_BYTES (8u << 20)
#define CHUNK_BYTES (64u << 10)
#define CPU_MS 1000
#define LIFE_MS 9500
#define DAEMON_MS 10000
#define EXIT_CODE 7
#define BROKEN 99

static void fail(const char *what) {
  fprintf(stderr, "report: %s failed\n", what);
  exit(BROKEN);
}

#ifdef _WIN32

static long long now_ms(void) { return (long long)GetTickCount64(); }
static void sleep_ms(long long ms) { Sleep((DWORD)ms); }

static long long cpu_ms(void) {
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) fail("GetProcessTimes");
  ULARGE_INTEGER k = {.LowPart = kernel.dwLowDateTime, .HighPart = kernel.dwHighDateTime};
  ULARGE_INTEGER u = {.LowPart = user.dwLowDateTime, .HighPart = user.dwHighDateTime};
  return (long long)((k.QuadPart + u.QuadPart) / 10000);
}

static char *aligned(size_t bytes) {
  char *memory = VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
  if (memory == NULL) fail("VirtualAlloc");
  return memory;
}

static void give_back(char *memory, size_t bytes) {
  (void)bytes;
  VirtualFree(memory, 0, MEM_RELEASE);
}

static void write_at(const char *file, long long offset, const char *chunk) {
  HANDLE handle = CreateFileA(file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                              FILE_FLAG_NO_BUFFERING | FILE_FLAG_WRITE_THROUGH, NULL);
  LARGE_INTEGER at = {.QuadPart = offset};
  if (handle == INVALID_HANDLE_VALUE || !SetFilePointerEx(handle, at, NULL, FILE_BEGIN)) fail("CreateFile");
  for (unsigned written = 0; written < WRITTEN_BYTES; written += CHUNK_BYTES) {
    DWORD count;
    if (!WriteFile(handle, chunk, CHUNK_BYTES, &count, NULL) || count != CHUNK_BYTES) fail("WriteFile");
  }
  CloseHandle(handle);
}

typedef HANDLE child;

static child start(char **arguments) {
  char line[4096], program[1024];
  GetModuleFileNameA(NULL, program, sizeof program);
  snprintf(line, sizeof line, "\"%s\" \"%s\" %s %s %s", program, arguments[1], arguments[2], arguments[3], arguments[4]);
  STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION process;
  if (!CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) fail("CreateProcess");
  CloseHandle(process.hThread);
  return process.hProcess;
}

static void wait_for(child process) {
  DWORD code;
  if (WaitForSingleObject(process, INFINITE) != WAIT_OBJECT_0) fail("WaitForSingleObject");
  if (!GetExitCodeProcess(process, &code) || code != 0) fail("a child");
  CloseHandle(process);
}

static void leave_session(void) {}

#else

static long long ms_of(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) fail("clock_gettime");
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static long long now_ms(void) { return ms_of(CLOCK_MONOTONIC); }
static long long cpu_ms(void) { return ms_of(CLOCK_PROCESS_CPUTIME_ID); }
static void sleep_ms(long long ms) { usleep((useconds_t)(ms * 1000)); }

static char *aligned(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static void give_back(char *memory, size_t bytes) { munmap(memory, bytes); }

static void write_at(const char *file, long long offset, const char *chunk) {
  int fd = open(file, O_WRONLY | O_DIRECT | O_CLOEXEC);
  if (fd < 0) fail("open");
  for (unsigned written = 0; written < WRITTEN_BYTES; written += CHUNK_BYTES)
    if (pwrite(fd, chunk, CHUNK_BYTES, offset + written) != CHUNK_BYTES) fail("pwrite");
  close(fd);
}

typedef pid_t child;
extern char **environ;

static child start(char **arguments) {
  pid_t pid;
  if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environ) != 0) fail("posix_spawn");
  return pid;
}

static void wait_for(child pid) {
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) fail("a child");
}

static void leave_session(void) { setsid(); }

#endif

/** Holds memory until the time has come, with its share of work and writing in between. */
static void work(const char *file, long long offset, long long until_ms) {
  char *held = aligned(HELD_BYTES);
  memset(held, 1, HELD_BYTES);
  write_at(file, offset, held);
  volatile unsigned long count = 0;
  while (cpu_ms() < CPU_MS)
    for (int i = 0; i < 10000; i++) count++;
  for (long long now = now_ms(); now < until_ms; now = now_ms()) sleep_ms(until_ms - now);
  give_back(held, HELD_BYTES);
}

static child start_role(char *program, char *file, const char *role, int index, long long began) {
  char at[16], since[32];
  snprintf(at, sizeof at, "%d", index);
  snprintf(since, sizeof since, "%lld", began);
  char *arguments[] = {program, file, (char *)role, at, since, NULL};
  return start(arguments);
}

/** The last thing that a process does. */
static int end(const char *role, long long began, int code) {
  printf("%s %lld %lld\n", role, cpu_ms(), now_ms() - began);
  return code;
}

int main(int argc, char **argv) {
  if (argc == 2) {
    long long began = now_ms();
    child first = start_role(argv[0], argv[1], "worker", 0, began);
    child second = start_role(argv[0], argv[1], "worker", 1, began);
    wait_for(start_role(argv[0], argv[1], "starter", 2, began));
    wait_for(first);
    wait_for(second);
    return end("main", began, EXIT_CODE);
  }
  if (argc != 5) fail("usage: report FILE, that is, it");
  int index = atoi(argv[3]);
  long long began = atoll(argv[4]);
  if (strcmp(argv[2], "starter") == 0) {
    leave_session();
    start_role(argv[0], argv[1], "daemon", index, began);
    return end(argv[2], began, 0);
  }
  work(argv[1], (long long)index * WRITTEN_BYTES, began + (strcmp(argv[2], "daemon") == 0 ? DAEMON_MS : LIFE_MS));
  return end(argv[2], began, 0);
}
