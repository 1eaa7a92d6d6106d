/*
 * Makes and removes loop disks that nobody used before: the kernel keeps "a throttle rule was once set" with the disk for
 * as long as the disk exists, so one that is merely attached anew would not do.
 *
 *   loop-disk add FILE      a new disk over FILE; prints its index, device number and path: INDEX MAJOR:MINOR PATH
 *   loop-disk remove INDEX  detaches and removes it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int fail(const char *what) {
  fprintf(stderr, "loop-disk: %s: %s\n", what, strerror(errno));
  return 1;
}

/* The node is devtmpfs' or udev's work, which may come a moment later. */
static int open_disk(const char *path) {
  for (int tries = 0; tries < 100; tries++) {
    int disk = open(path, O_RDWR | O_CLOEXEC);
    if (disk >= 0 || (errno != ENOENT && errno != ENXIO)) return disk;
    usleep(20000);
  }
  return -1;
}

static int add(int control, const char *file) {
  char path[64];
  struct stat node;
  int index = ioctl(control, LOOP_CTL_ADD, -1);
  if (index < 0) return fail("LOOP_CTL_ADD");
  snprintf(path, sizeof path, "/dev/loop%d", index);
  int disk = open_disk(path);
  int backing = open(file, O_RDWR | O_CLOEXEC);
  if (disk < 0 || backing < 0 || ioctl(disk, LOOP_SET_FD, backing) < 0 || fstat(disk, &node) < 0) {
    fail(path);
    if (disk >= 0) close(disk);
    ioctl(control, LOOP_CTL_REMOVE, index);
    return 1;
  }
  printf("%d %u:%u %s\n", index, major(node.st_rdev), minor(node.st_rdev), path);
  return 0;
}

static int remove_disk(int control, int index) {
  char path[64];
  snprintf(path, sizeof path, "/dev/loop%d", index);
  int disk = open(path, O_RDWR | O_CLOEXEC);
  if (disk >= 0) {
    ioctl(disk, LOOP_CLR_FD, 0);
    close(disk);
  }
  /* Detaching ends with the last closer. */
  for (int tries = 0; tries < 100; tries++) {
    if (ioctl(control, LOOP_CTL_REMOVE, index) >= 0 || errno == ENODEV) return 0;
    usleep(20000);
  }
  return fail("LOOP_CTL_REMOVE");
}

int main(int count, char **words) {
  if (count != 3) return fputs("usage: loop-disk add FILE | remove INDEX\n", stderr), 2;
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) return fail("/dev/loop-control");
  return strcmp(words[1], "add") == 0 ? add(control, words[2]) : remove_disk(control, atoi(words[2]));
}
