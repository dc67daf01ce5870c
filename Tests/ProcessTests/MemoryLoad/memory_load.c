// Loaded into a process before libc: while the file named by MEMORY_LOAD_FILE exists, the process uses
// 48 MiB more. The thread that sees to it takes no signals; those belong to the program.

#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { load_bytes = 48 * 1024 * 1024, pause_nanoseconds = 20 * 1000 * 1000 };

static void *watch(void *file) {
  const struct timespec pause = {.tv_sec = 0, .tv_nsec = pause_nanoseconds};
  void *load = MAP_FAILED;
  for (;;) {
    if (access(file, F_OK) == 0) {
      if (load == MAP_FAILED) {
        load = mmap(NULL, load_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (load != MAP_FAILED) memset(load, 1, load_bytes);
      }
    } else if (load != MAP_FAILED) {
      munmap(load, load_bytes);
      load = MAP_FAILED;
    }
    nanosleep(&pause, NULL);
  }
  return NULL;
}

__attribute__((constructor)) static void begin(void) {
  char *file = getenv("MEMORY_LOAD_FILE");
  if (file == NULL) return;
  file = strdup(file);
  if (file == NULL) return;
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return;
  if (pthread_create(&thread, NULL, watch, file) == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}
