#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int hold(const int32_t *numbers, int count, sigset_t *set) {
  sigemptyset(set);
  for (int i = 0; i < count; i++)
    if (sigaddset(set, numbers[i]) < 0) return -errno;
  return -pthread_sigmask(SIG_BLOCK, set, NULL);
}

int platform_signals_hold(const int32_t *numbers, int count) {
  sigset_t set;
  return hold(numbers, count, &set);
}

int platform_signals_open(const int32_t *numbers, int count) {
  sigset_t set;
  int error = hold(numbers, count, &set);
  if (error) return error;
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signals < 0 ? -errno : signals;
}

int platform_signals_read(int signals, struct platform_signal *signal) {
  struct signalfd_siginfo info;
  ssize_t count;
  do {
    count = read(signals, &info, sizeof info);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? 0 : -errno;
  signal->number = (int32_t)info.ssi_signo;
  signal->sender = info.ssi_code <= 0 ? (int32_t)info.ssi_pid : 0;
  return 1;
}

int platform_signal_ignore(int number) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) < 0 ? -errno : 0;
}
