// Ends a process at one of its system calls, as the fault tests want it:
//   Tracer PID POINT
// Traces every thread of PID, counts the system calls that they begin, and kills the process where
// call number POINT would begin: everything before it has happened, it and the rest have not.
// POINT 0 kills nothing. One line a fact on standard output: "attached THREADS", then
// "killed POINT NUMBER" with the number of the system call, or "counted CALLS" when SIGTERM ends it
// first or the process ended by itself; "refused REASON" with exit code 2 when it may not trace.
//   Tracer PID hold THREAD
// Holds one thread still and leaves the others alone until SIGTERM: "held THREAD" says that it is,
// "ended" that the process has.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_CALL = -1 };

static volatile sig_atomic_t asked_to_end;

static void note_end(int signal) {
  (void)signal;
  asked_to_end = 1;
}

static int refuse(const char *what) {
  printf("refused %s: %s\n", what, strerror(errno));
  return 2;
}

static int is_ours(pid_t thread) {
  int cause = errno;
  char path[64], line[128];
  int tracer = 0;
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "TracerPid: %d", &tracer);
  if (file) fclose(file);
  errno = cause;
  return tracer == getpid();
}

// Traces the threads that are not yet traced; returns how many there were, or -1. Threads that a
// traced one begins are traced from their beginning.
static int attach_new(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *folder = opendir(path);
  if (!folder) return -1;
  int threads = 0;
  struct dirent *entry;
  while ((entry = readdir(folder))) {
    pid_t thread = (pid_t)atoi(entry->d_name);
    if (thread <= 0) continue;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE;
    if (ptrace(PTRACE_SEIZE, thread, 0, options) != 0) {
      if (errno == ESRCH || is_ours(thread)) continue;
      closedir(folder);
      return -1;
    }
    ptrace(PTRACE_INTERRUPT, thread, 0, 0);
    threads += 1;
  }
  closedir(folder);
  return threads;
}

// The number of the call that a stopped thread is about to begin, or NO_CALL at its end.
static long begun_call(pid_t thread) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0) return NO_CALL;
  return info.op == PTRACE_SYSCALL_INFO_ENTRY ? (long)info.entry.nr : NO_CALL;
}

// Lets a stopped thread go on, with the signal that it was stopped for.
static void go_on(pid_t thread, int status) {
  int signal = WSTOPSIG(status);
  if (status >> 16 == PTRACE_EVENT_STOP) {
    int stays = signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
    ptrace(stays ? PTRACE_LISTEN : PTRACE_SYSCALL, thread, 0, 0);
  } else if (signal == (SIGTRAP | 0x80) || status >> 16 != 0) {
    ptrace(PTRACE_SYSCALL, thread, 0, 0);
  } else {
    ptrace(PTRACE_SYSCALL, thread, 0, (long)signal);
  }
}

// Its parent hears of the death of a process only when the tracer of its thread has.
static int hold(pid_t thread) {
  if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0) return refuse("tracing");
  if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0) return refuse("interrupting");
  int is_held = 0;
  while (!asked_to_end) {
    int status;
    pid_t found = waitpid(thread, &status, __WALL);
    if (found < 0 && errno == ECHILD) break;
    if (found < 0) continue;
    if (!WIFSTOPPED(status)) {
      printf("ended\n");
      return 0;
    }
    if (!is_held) printf("held %d\n", thread);
    is_held = 1;
  }
  return 0;
}

int main(int count, char **arguments) {
  int holds = count == 4 && strcmp(arguments[2], "hold") == 0;
  if (count != 3 && !holds) return 2;
  pid_t pid = (pid_t)atoi(arguments[1]);
  unsigned long point = strtoul(arguments[2], 0, 10);
  struct sigaction action = {.sa_handler = note_end};
  sigaction(SIGTERM, &action, 0);
  setvbuf(stdout, 0, _IOLBF, 0);
  if (holds) return hold((pid_t)atoi(arguments[3]));

  int threads = 0, found;
  while ((found = attach_new(pid)) > 0) threads += found;
  if (found < 0 || threads == 0) return refuse("tracing");
  printf("attached %d\n", threads);

  unsigned long calls = 0;
  while (!asked_to_end) {
    int status;
    pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == ECHILD) break;
    if (thread < 0 || !WIFSTOPPED(status)) continue;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      long number = begun_call(thread);
      if (number != NO_CALL && ++calls == point) {
        kill(pid, SIGKILL);
        // Its parent hears of the death only when the tracer has.
        while (waitpid(-1, &status, __WALL) > 0 || errno == EINTR) {}
        printf("killed %lu %ld\n", point, number);
        return 0;
      }
    }
    go_on(thread, status);
  }
  printf("counted %lu\n", calls);
  return 0;
}
