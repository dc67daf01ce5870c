// A SQLite VFS around the system's own. Of every write since the last synchronisation of its file it
// keeps the bytes before and after; the files themselves are written as usual, so that a process
// that dies leaves what it wrote, and a power cut is a copy with some of the writes taken back.
#define _GNU_SOURCE
#include "forgetful_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Write {
  int64_t offset, size_before;
  int count, kept_before;
  uint8_t *bytes;  // after, then before
  struct Write *earlier;
} Write;

typedef struct Known {
  char *path;
  Write *writes;  // newest first
  int is_full;
  struct Known *next;
} Known;

typedef struct {
  sqlite3_file base;
  Known *known;
} File;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs *system_vfs;
static sqlite3_vfs vfs;
static sqlite3_io_methods methods;
static char *watched;
static Known *all;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((File *)file + 1); }

static Known *find(const char *path) {
  for (Known *known = all; known; known = known->next) {
    if (strcmp(known->path, path) == 0) return known;
  }
  return NULL;
}

static void forget_writes(Known *known) {
  while (known->writes) {
    Write *write = known->writes;
    known->writes = write->earlier;
    free(write->bytes);
    free(write);
  }
}

static void remember(File *file, const void *bytes, int count, int64_t offset, int64_t end) {
  sqlite3_file *inner = real(&file->base);
  sqlite3_int64 size = 0;
  inner->pMethods->xFileSize(inner, &size);
  int64_t stop = end > offset ? end : offset + count;
  int kept = offset >= size ? 0 : (int)((size < stop ? size : stop) - offset);
  Write *write = calloc(1, sizeof *write);
  write->offset = offset;
  write->size_before = size;
  write->count = count;
  write->kept_before = kept;
  write->bytes = malloc((size_t)(count + kept) + 1);
  if (count) memcpy(write->bytes, bytes, (size_t)count);
  if (kept) inner->pMethods->xRead(inner, write->bytes + count, kept, offset);
  write->earlier = file->known->writes;
  file->known->writes = write;
}

static int do_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
  File *file = (File *)base;
  pthread_mutex_lock(&turn);
  int is_full = file->known->is_full;
  if (!is_full) remember(file, bytes, count, offset, 0);
  pthread_mutex_unlock(&turn);
  if (is_full) return SQLITE_FULL;
  return real(base)->pMethods->xWrite(real(base), bytes, count, offset);
}

static int do_truncate(sqlite3_file *base, sqlite3_int64 size) {
  File *file = (File *)base;
  sqlite3_int64 before = 0;
  real(base)->pMethods->xFileSize(real(base), &before);
  pthread_mutex_lock(&turn);
  if (before > size) remember(file, NULL, 0, size, before);
  pthread_mutex_unlock(&turn);
  return real(base)->pMethods->xTruncate(real(base), size);
}

static int do_sync(sqlite3_file *base, int flags) {
  int result = real(base)->pMethods->xSync(real(base), flags);
  pthread_mutex_lock(&turn);
  if (result == SQLITE_OK) forget_writes(((File *)base)->known);
  pthread_mutex_unlock(&turn);
  return result;
}

// The rest is passed on.
static int do_close(sqlite3_file *f) { return real(f)->pMethods->xClose(real(f)); }
static int do_read(sqlite3_file *f, void *b, int n, sqlite3_int64 o) {
  return real(f)->pMethods->xRead(real(f), b, n, o);
}
static int do_size(sqlite3_file *f, sqlite3_int64 *s) {
  return real(f)->pMethods->xFileSize(real(f), s);
}
static int do_lock(sqlite3_file *f, int l) { return real(f)->pMethods->xLock(real(f), l); }
static int do_unlock(sqlite3_file *f, int l) { return real(f)->pMethods->xUnlock(real(f), l); }
static int do_reserved(sqlite3_file *f, int *r) {
  return real(f)->pMethods->xCheckReservedLock(real(f), r);
}
static int do_control(sqlite3_file *f, int op, void *a) {
  return real(f)->pMethods->xFileControl(real(f), op, a);
}
static int do_sector(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
// No promise about what a power cut leaves of a write.
static int do_traits(sqlite3_file *f) { (void)f; return 0; }
static int do_map(sqlite3_file *f, int r, int s, int e, void volatile **p) {
  return real(f)->pMethods->xShmMap(real(f), r, s, e, p);
}
static int do_shm_lock(sqlite3_file *f, int o, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), o, n, flags);
}
static void do_barrier(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int do_unmap(sqlite3_file *f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); }

static int do_open(sqlite3_vfs *v, const char *name, sqlite3_file *base, int flags, int *out) {
  (void)v;
  if (!name || strncmp(name, watched, strlen(watched)) != 0) {
    return system_vfs->xOpen(system_vfs, name, base, flags, out);
  }
  File *file = (File *)base;
  int result = system_vfs->xOpen(system_vfs, name, real(base), flags, out);
  file->base.pMethods = real(base)->pMethods ? &methods : NULL;
  if (result != SQLITE_OK) return result;
  pthread_mutex_lock(&turn);
  file->known = find(name);
  if (!file->known) {
    file->known = calloc(1, sizeof *file->known);
    file->known->path = strdup(name);
    file->known->next = all;
    all = file->known;
  }
  pthread_mutex_unlock(&turn);
  return result;
}

void forgetful_disk_register(const char *prefix) {
  pthread_mutex_lock(&turn);
  if (!watched) {
    watched = strdup(prefix);
    system_vfs = sqlite3_vfs_find(NULL);
    vfs = *system_vfs;
    vfs.zName = "forgetful";
    vfs.szOsFile = (int)sizeof(File) + system_vfs->szOsFile;
    vfs.xOpen = do_open;
    methods = (sqlite3_io_methods){
        2,        do_close,  do_read,    do_write,  do_truncate, do_sync, do_size,
        do_lock,  do_unlock, do_reserved, do_control, do_sector,  do_traits,
        do_map,   do_shm_lock, do_barrier, do_unmap, NULL,      NULL};
    sqlite3_vfs_register(&vfs, 1);
  }
  pthread_mutex_unlock(&turn);
}

void forgetful_disk_synchronised(const char *path) {
  pthread_mutex_lock(&turn);
  Known *known = find(path);
  if (known) forget_writes(known);
  pthread_mutex_unlock(&turn);
}

void forgetful_disk_set_full(const char *folder, int is_full) {
  pthread_mutex_lock(&turn);
  for (Known *known = all; known; known = known->next) {
    if (strncmp(known->path, folder, strlen(folder)) == 0) known->is_full = is_full;
  }
  pthread_mutex_unlock(&turn);
}

static uint64_t draw(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static void put(FILE *file, int64_t offset, const uint8_t *bytes, int count) {
  fseek(file, (long)offset, SEEK_SET);
  fwrite(bytes, 1, (size_t)count, file);
}

static int resize(FILE *file, int64_t size) {
  fflush(file);
  return ftruncate(fileno(file), (off_t)size);
}

// Takes all writes back and makes the chosen ones again, in their order.
static void replay(FILE *file, Write *newest, int kept, uint64_t *random) {
  int count = 0;
  for (Write *write = newest; write; write = write->earlier) {
    put(file, write->offset, write->bytes + write->count, write->kept_before);
    resize(file, write->size_before);
    count++;
  }
  Write **order = malloc(sizeof *order * (size_t)(count + 1));
  int index = count;
  for (Write *write = newest; write; write = write->earlier) order[--index] = write;
  for (index = 0; index < count; index++) {
    if ((int)(draw(random) % 100) >= kept) continue;
    if (order[index]->count) {
      put(file, order[index]->offset, order[index]->bytes, order[index]->count);
    } else {
      resize(file, order[index]->offset);
    }
  }
  free(order);
}

int forgetful_disk_copy(const char *source, const char *target, int kept, uint64_t seed) {
  FILE *from = fopen(source, "rb");
  if (!from) return 0;
  FILE *to = fopen(target, "w+b");
  if (!to) {
    fclose(from);
    return -1;
  }
  char buffer[65536];
  size_t count;
  while ((count = fread(buffer, 1, sizeof buffer, from)) > 0) fwrite(buffer, 1, count, to);
  pthread_mutex_lock(&turn);
  Known *known = find(source);
  if (known && kept < 100) replay(to, known->writes, kept, &seed);
  pthread_mutex_unlock(&turn);
  int failed = ferror(from) | ferror(to);
  fclose(from);
  return fclose(to) != 0 || failed ? -1 : 0;
}

void forgetful_disk_forget(const char *folder) {
  pthread_mutex_lock(&turn);
  for (Known **place = &all; *place;) {
    Known *known = *place;
    if (strncmp(known->path, folder, strlen(folder)) == 0) {
      *place = known->next;
      forget_writes(known);
      free(known->path);
      free(known);
    } else {
      place = &known->next;
    }
  }
  pthread_mutex_unlock(&turn);
}
