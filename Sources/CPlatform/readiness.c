#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int platform_poll_create(void) {
  int poll = epoll_create1(EPOLL_CLOEXEC);
  return poll < 0 ? -errno : poll;
}

static int control(int poll, int operation, int descriptor, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.data.u64 = token};
  if (interest & PLATFORM_READABLE) event.events |= EPOLLIN;
  if (interest & PLATFORM_WRITABLE) event.events |= EPOLLOUT;
  return epoll_ctl(poll, operation, descriptor, &event) < 0 ? -errno : 0;
}

int platform_poll_add(int poll, int descriptor, uint32_t interest, uint64_t token) {
  return control(poll, EPOLL_CTL_ADD, descriptor, interest, token);
}

int platform_poll_change(int poll, int descriptor, uint32_t interest, uint64_t token) {
  return control(poll, EPOLL_CTL_MOD, descriptor, interest, token);
}

int platform_poll_remove(int poll, int descriptor) {
  return control(poll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int platform_poll_wait(int poll, struct platform_event *events, int64_t timeout_nanos) {
  struct epoll_event ready[PLATFORM_EVENTS];
  struct timespec timeout = {timeout_nanos / 1000000000, timeout_nanos % 1000000000};
  int count =
      epoll_pwait2(poll, ready, PLATFORM_EVENTS, timeout_nanos < 0 ? NULL : &timeout, NULL);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    uint32_t flags = ready[i].events, readiness = 0;
    if (flags & EPOLLIN) readiness |= PLATFORM_READABLE;
    if (flags & EPOLLOUT) readiness |= PLATFORM_WRITABLE;
    if (flags & EPOLLHUP) readiness |= PLATFORM_HANGUP;
    if (flags & EPOLLERR) readiness |= PLATFORM_ERROR;
    events[i] = (struct platform_event){ready[i].data.u64, readiness};
  }
  return count;
}

int platform_wakeup_create(void) {
  int wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return wakeup < 0 ? -errno : wakeup;
}

int platform_wakeup_signal(int wakeup) {
  // EAGAIN: the counter is at its end, so the descriptor is readable already.
  return eventfd_write(wakeup, 1) < 0 && errno != EAGAIN ? -errno : 0;
}

int platform_wakeup_clear(int wakeup) {
  eventfd_t count;
  return eventfd_read(wakeup, &count) < 0 && errno != EAGAIN ? -errno : 0;
}
