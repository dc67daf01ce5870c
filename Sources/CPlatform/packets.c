#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

// Aligned as the kernel's ancillary data must be.
union ancillary {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * PLATFORM_PACKET_DESCRIPTORS)];
};

int platform_packet_pair(int32_t ends[2], int buffer_bytes) {
  int made[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, made) < 0)
    return -errno;
  for (int i = 0; i < 2; i++) {
    if (setsockopt(made[i], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes) < 0) {
      int error = errno;
      close(made[0]);
      close(made[1]);
      return -error;
    }
    ends[i] = made[i];
  }
  return 0;
}

int platform_adopt_packet_socket(int descriptor) {
  int domain, type;
  socklen_t length = sizeof domain;
  if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
    return errno == ENOTSOCK ? 0 : -errno;
  length = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return -errno;
  if (domain != AF_UNIX || type != SOCK_SEQPACKET) return 0;
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 1;
}

int platform_packet_send(int socket, const void *bytes, size_t count, const int32_t *descriptors,
                         int descriptor_count) {
  if (descriptor_count < 0 || descriptor_count > PLATFORM_PACKET_DESCRIPTORS) return -EINVAL;
  struct iovec vector = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  union ancillary ancillary;
  if (descriptor_count > 0) {
    size_t size = sizeof(int) * (size_t)descriptor_count;
    memset(&ancillary, 0, sizeof ancillary);
    message.msg_control = &ancillary;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

static void take_descriptors(struct msghdr *message, struct platform_packet *packet) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
      if (packet->descriptor_count < PLATFORM_PACKET_DESCRIPTORS) {
        packet->descriptors[packet->descriptor_count++] = descriptor;
      } else {
        close(descriptor);
        packet->lost |= PLATFORM_DESCRIPTORS_LOST;
      }
    }
  }
}

int platform_packet_receive(int socket, void *buffer, size_t capacity,
                            struct platform_packet *packet) {
  struct iovec vector = {buffer, capacity};
  union ancillary ancillary;
  struct msghdr message;
  ssize_t received;
  do {
    message = (struct msghdr){.msg_iov = &vector,
                              .msg_iovlen = 1,
                              .msg_control = &ancillary,
                              .msg_controllen = sizeof ancillary};
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;

  *packet = (struct platform_packet){.count = (size_t)received, .descriptors = {-1, -1}};
  take_descriptors(&message, packet);
  if (message.msg_flags & MSG_TRUNC) packet->lost |= PLATFORM_BYTES_LOST;
  if (message.msg_flags & MSG_CTRUNC) packet->lost |= PLATFORM_DESCRIPTORS_LOST;
  if (packet->lost || received == 0) {
    for (int i = 0; i < packet->descriptor_count; i++) close(packet->descriptors[i]);
    packet->descriptor_count = 0;
  }
  return received > 0 || packet->lost;
}

int platform_peer_of(int socket, struct platform_peer *peer) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
  *peer = (struct platform_peer){credentials.pid, credentials.uid, credentials.gid};
  return 0;
}

int platform_peer_groups(int socket, uint32_t *groups, int capacity) {
  socklen_t length = (socklen_t)capacity * sizeof *groups;
  // A buffer that is too small is told the length that is needed.
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0 && errno != ERANGE)
    return -errno;
  return (int)(length / sizeof *groups);
}
