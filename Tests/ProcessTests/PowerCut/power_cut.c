// Remembers what a file system may forget when the plug is pulled. Loaded before libc into the
// processes of a test (LD_PRELOAD), it keeps, for every file below POWER_CUT_FOLDER, what writes
// have replaced since the file was last synchronised: one undo log per file, named by its inode, in
// POWER_CUT_FOLDER/.power-cut. A synchronisation empties it. After all processes were killed, the
// test puts parts of the old content back (PowerCut.swift). While there is a file
// POWER_CUT_FOLDER/.power-cut/read-only, writes fail as on a file system that was remounted so.
//
// An undo log is a sequence of records, in the order of the writes, integers of this machine:
//   u64 offset of the write, u64 size of the file before it, u64 bytes written,
//   u64 bytes kept (of the old content from the offset on), then these bytes.
// A truncation is a write of the bytes that it takes off.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

// The undo log of an open file, or -1 when the file is none of ours.
static int undo_log(int descriptor) {
  const char *folder = getenv("POWER_CUT_FOLDER");
  struct stat status;
  if (!folder || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  size_t prefix = strlen(folder);
  if (length <= (ssize_t)prefix || memcmp(path, folder, prefix) != 0 || path[prefix] != '/') return -1;
  path[length] = 0;
  // Shared memory of the database is no content.
  if (strstr(path + prefix, "/.power-cut/") || strstr(path + prefix, "-shm")) return -1;
  snprintf(path, sizeof path, "%s/.power-cut/%lu", folder, (unsigned long)status.st_ino);
  return NEXT(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void keep(int descriptor, uint64_t offset, uint64_t count) {
  int log = undo_log(descriptor);
  if (log < 0) return;
  struct stat status;
  fstat(descriptor, &status);
  uint64_t size = (uint64_t)status.st_size;
  uint64_t kept = offset >= size ? 0 : (size - offset < count ? size - offset : count);
  char *old = malloc(kept + 1);
  // The descriptor may be for writing only: the old content is read through another one.
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  int reader = kept ? NEXT(open)(link, O_RDONLY | O_CLOEXEC) : -1;
  ssize_t found = kept ? pread(reader, old, kept, (off_t)offset) : 0;
  if (reader >= 0) close(reader);
  uint64_t head[4] = {offset, size, count, found > 0 ? (uint64_t)found : 0};
  struct iovec parts[2] = {{head, sizeof head}, {old, head[3]}};
  if (writev(log, parts, 2) < 0) abort();
  free(old);
  close(log);
}

static int is_read_only(int descriptor) {
  const char *folder = getenv("POWER_CUT_FOLDER");
  char path[PATH_MAX];
  if (!folder) return 0;
  snprintf(path, sizeof path, "%s/.power-cut/read-only", folder);
  if (access(path, F_OK) != 0) return 0;
  int log = undo_log(descriptor);
  if (log < 0) return 0;
  close(log);
  return 1;
}

static uint64_t write_offset(int descriptor) {
  struct stat status;
  if (fcntl(descriptor, F_GETFL) & O_APPEND && fstat(descriptor, &status) == 0) {
    return (uint64_t)status.st_size;
  }
  off_t offset = lseek(descriptor, 0, SEEK_CUR);
  return offset < 0 ? 0 : (uint64_t)offset;
}

static void forget(int descriptor) {
  int log = undo_log(descriptor);
  if (log < 0) return;
  if (NEXT(ftruncate)(log, 0) != 0) abort();
  close(log);
}

#define IN_TURN(preparation, call)       \
  if (is_read_only(descriptor)) {        \
    errno = EROFS;                       \
    return -1;                           \
  }                                      \
  pthread_mutex_lock(&turn);             \
  int cause = errno;                     \
  preparation;                           \
  errno = cause;                         \
  __typeof__(call) result = call;        \
  cause = errno;                         \
  pthread_mutex_unlock(&turn);           \
  errno = cause;                         \
  return result

// Pipes and sockets are written without a look at them.
static int is_file(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (!is_file(descriptor)) return NEXT(write)(descriptor, bytes, count);
  IN_TURN(keep(descriptor, write_offset(descriptor), count),
          NEXT(write)(descriptor, bytes, count));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  IN_TURN(keep(descriptor, (uint64_t)offset, count),
          NEXT(pwrite)(descriptor, bytes, count, offset));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  IN_TURN(keep(descriptor, (uint64_t)offset, count),
          NEXT(pwrite64)(descriptor, bytes, count, offset));
}

static void keep_tail(int descriptor, uint64_t length) {
  struct stat status;
  if (fstat(descriptor, &status) == 0 && (uint64_t)status.st_size > length) {
    keep(descriptor, length, (uint64_t)status.st_size - length);
  }
}

int ftruncate(int descriptor, off_t length) {
  IN_TURN(keep_tail(descriptor, (uint64_t)length), NEXT(ftruncate)(descriptor, length));
}

int ftruncate64(int descriptor, off64_t length) {
  IN_TURN(keep_tail(descriptor, (uint64_t)length), NEXT(ftruncate64)(descriptor, length));
}

#define SYNCHRONISE(call)               \
  pthread_mutex_lock(&turn);            \
  int result = call;                    \
  int cause = errno;                    \
  if (result == 0) forget(descriptor);  \
  pthread_mutex_unlock(&turn);          \
  errno = cause;                        \
  return result

int fsync(int descriptor) { SYNCHRONISE(NEXT(fsync)(descriptor)); }

int fdatasync(int descriptor) { SYNCHRONISE(NEXT(fdatasync)(descriptor)); }
