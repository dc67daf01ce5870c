#define _GNU_SOURCE
#include "CPlatform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int platform_pipe(int32_t ends[2], int wanted_capacity) {
  int made[2];
  if (pipe2(made, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
  // A refusal leaves the default capacity, which the caller learns from the result.
  if (wanted_capacity > 0) (void)fcntl(made[1], F_SETPIPE_SZ, wanted_capacity);
  int capacity = fcntl(made[1], F_GETPIPE_SZ);
  if (capacity < 0) {
    capacity = -errno;
    close(made[0]);
    close(made[1]);
    return capacity;
  }
  ends[0] = made[0];
  ends[1] = made[1];
  return capacity;
}

int platform_list_descriptors(int32_t *numbers, int capacity) {
  int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -errno;
  _Alignas(struct dirent64) char buffer[4096];
  int found = 0;
  for (;;) {
    ssize_t filled = getdents64(directory, buffer, sizeof buffer);
    if (filled < 0) {
      int error = errno;
      close(directory);
      return -error;
    }
    if (filled == 0) break;
    for (ssize_t at = 0; at < filled;) {
      const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
      at += entry->d_reclen;
      char *end;
      long number = strtol(entry->d_name, &end, 10);
      if (end == entry->d_name || *end != '\0' || number == directory) continue;
      if (found < capacity) numbers[found] = (int32_t)number;
      found++;
    }
  }
  close(directory);
  return found;
}

int platform_duplicate(int descriptor) {
  int made = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  return made < 0 ? -errno : made;
}

int platform_open_to_read(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  return file < 0 ? -errno : file;
}

static pid_t recorded_pid(int file) {
  char text[32];
  ssize_t count = pread(file, text, sizeof text - 1, 0);
  if (count <= 0) return 0;
  text[count] = '\0';
  char *end;
  long number = strtol(text, &end, 10);
  return end != text && *end == '\n' && number > 0 && number <= INT32_MAX ? (pid_t)number : 0;
}

static void record_pid(int file) {
  char text[32];
  int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
  if (ftruncate(file, 0) == 0) (void)!pwrite(file, text, (size_t)length, 0);
}

int platform_lock(const char *path, int32_t *holder) {
  *holder = 0;
  // O_NONBLOCK: a FIFO in the file's place must not make the open wait.
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return -errno;
  struct stat status;
  int error = fstat(file, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? 0 : -EINVAL;
  if (!error) {
    int outcome;
    do {
      outcome = flock(file, LOCK_EX | LOCK_NB);
    } while (outcome < 0 && errno == EINTR);
    if (outcome < 0) {
      error = -errno;
      if (error == -EWOULDBLOCK) *holder = recorded_pid(file);
    }
  }
  if (error) {
    close(file);
    return error;
  }
  record_pid(file);
  return file;
}

int platform_lock_folder(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  int outcome;
  do {
    outcome = flock(folder, LOCK_EX | LOCK_NB);
  } while (outcome < 0 && errno == EINTR);
  if (outcome == 0) return folder;
  int error = -errno;
  close(folder);
  return error;
}

int32_t platform_lock_holder(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return 0;
  pid_t holder = recorded_pid(file);
  close(file);
  return holder;
}

static int64_t nanos(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t platform_wall_nanos(void) { return nanos(CLOCK_REALTIME); }
int64_t platform_monotonic_nanos(void) { return nanos(CLOCK_MONOTONIC); }
int64_t platform_boot_nanos(void) { return nanos(CLOCK_BOOTTIME); }

const char *platform_error_name(int number) { return strerrorname_np(number); }
const char *platform_error_text(int number) { return strerrordesc_np(number); }

int platform_memory_file(const char *name) {
  int file = memfd_create(name, MFD_CLOEXEC);
  return file < 0 ? -errno : file;
}
