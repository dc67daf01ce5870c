#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Sources of dup2 actions are moved above every target first; otherwise one action could
// overwrite the source of the next.
enum { FIRST_SOURCE = 10, CONTROL = 3 };

static void keep_exit_statuses(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) != 0) return;
  if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)) return;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigemptyset(&standard.sa_mask);
  sigaction(SIGCHLD, &standard, NULL);
}

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t every, none;
  sigfillset(&every);
  sigemptyset(&none);
  int error = posix_spawnattr_setsigdefault(attributes, &every);
  if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
  if (!error) error = posix_spawnattr_setpgroup(attributes, 0);
  if (!error)
    error = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  return error;
}

static int lay_out(posix_spawn_file_actions_t *actions, int output, int error_output, int control) {
  int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // Without a source, dup2 onto itself: it clears close-on-exec and fails if 1 or 2 is closed,
  // where the program's first file would become its standard output.
  if (!error)
    error = posix_spawn_file_actions_adddup2(
        actions, output >= 0 ? output : STDOUT_FILENO, STDOUT_FILENO);
  if (!error)
    error = posix_spawn_file_actions_adddup2(
        actions, error_output >= 0 ? error_output : STDERR_FILENO, STDERR_FILENO);
  if (!error && control >= 0) error = posix_spawn_file_actions_adddup2(actions, control, CONTROL);
  if (!error)
    error = posix_spawn_file_actions_addclosefrom_np(actions, control >= 0 ? CONTROL + 1 : CONTROL);
  return error;
}

static int spawn_with(const struct platform_launch *launch, const int sources[3], int32_t *pid) {
  posix_spawnattr_t attributes;
  int error = posix_spawnattr_init(&attributes);
  if (error) return error;
  posix_spawn_file_actions_t actions;
  error = posix_spawn_file_actions_init(&actions);
  if (error) {
    posix_spawnattr_destroy(&attributes);
    return error;
  }
  error = set_attributes(&attributes);
  if (!error) error = lay_out(&actions, sources[0], sources[1], sources[2]);
  if (!error)
    error = posix_spawn(
        pid, launch->executable, &actions, &attributes, launch->arguments, launch->environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

int platform_spawn(const struct platform_launch *launch, int32_t *pid) {
  keep_exit_statuses();
  const int given[3] = {launch->output, launch->error, launch->control};
  int sources[3] = {-1, -1, -1};
  int error = 0;
  for (int i = 0; i < 3 && !error; i++) {
    if (given[i] < 0) continue;
    sources[i] = fcntl(given[i], F_DUPFD_CLOEXEC, FIRST_SOURCE);
    if (sources[i] < 0) error = errno;
  }
  if (!error) error = spawn_with(launch, sources, pid);
  for (int i = 0; i < 3; i++)
    if (sources[i] >= 0) close(sources[i]);
  if (error) return -error;

  int pidfd = platform_pidfd_open(*pid);
  if (pidfd < 0) {
    // A child that cannot be watched is of no use. Nobody has reaped it, so the pid is still its.
    kill(*pid, SIGKILL);
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  return pidfd;
}

int platform_pidfd_open(int32_t pid) {
  int pidfd = pidfd_open(pid, 0);
  return pidfd < 0 ? -errno : pidfd;
}

int platform_pidfd_signal(int pidfd, int signal_number) {
  return pidfd_send_signal(pidfd, signal_number, NULL, 0) < 0 ? -errno : 0;
}

int platform_reap(int pidfd, struct platform_exit *result) {
  siginfo_t info;
  info.si_pid = 0;
  int outcome;
  do {
    outcome = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
  } while (outcome < 0 && errno == EINTR);
  if (outcome < 0) return -errno;
  if (info.si_pid == 0) return 0;
  result->value = info.si_status;
  switch (info.si_code) {
    case CLD_EXITED: result->kind = PLATFORM_EXITED; break;
    case CLD_DUMPED: result->kind = PLATFORM_DUMPED; break;
    default: result->kind = PLATFORM_KILLED; break;
  }
  return 1;
}

int platform_forbid_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int platform_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0; }

struct guard {
  struct pollfd watched[2];
  int64_t grace_nanos;
  int exit_code;
};

static void *stand_guard(void *argument) {
  struct guard guard = *(struct guard *)argument;
  free(argument);
  while (poll(guard.watched, 2, -1) <= 0) {
  }
  struct timespec left = {guard.grace_nanos / 1000000000, guard.grace_nanos % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
  _exit(guard.exit_code);
}

int platform_guard_start(int control, int64_t grace_nanos, int exit_code) {
  // A duplicate, so that the number cannot become another file's while the thread watches it.
  int socket = platform_duplicate(control);
  if (socket < 0) return socket;
  int trigger = platform_wakeup_create();
  if (trigger < 0) {
    close(socket);
    return trigger;
  }
  int error = ENOMEM;
  struct guard *guard = malloc(sizeof *guard);
  if (guard) {
    // No interest in the socket's data: only the hangup, which poll always reports.
    *guard = (struct guard){{{socket, 0, 0}, {trigger, POLLIN, 0}}, grace_nanos, exit_code};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN + 65536);
    // The thread starts with every signal blocked; signals are the loop's business.
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    pthread_t thread;
    error = pthread_create(&thread, &attributes, stand_guard, guard);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
  }
  if (!error) return trigger;
  free(guard);
  close(trigger);
  close(socket);
  return -error;
}
