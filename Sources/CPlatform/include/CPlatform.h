// What the supervisor and its workers need from the Linux kernel and Swift cannot reach by itself.
//
// Linux 5.11 or newer, glibc 2.36 or newer.
//
// Conventions, for every function:
// - A result below zero is a negated errno value; nothing here leaves its answer in errno.
// - Every descriptor that is made here is close-on-exec from its first moment.
// - Nothing here logs, and but for the terminal nothing keeps state of its own.
// - A call that a signal interrupted is repeated, except `platform_poll_wait`, which then reports
//   no events.

#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

// Processes: process.c

/// What to run. Descriptors are of the caller and stay open in the caller.
struct platform_launch {
  /// Path of the program; no search in PATH.
  const char *executable;
  /// Null-terminated, the name of the program first.
  char *const *arguments;
  /// Null-terminated, `NAME=value`. Nothing else is handed on.
  char *const *environment;
  /// Becomes descriptor 3; -1 for none.
  int32_t control;
  /// Become descriptors 1 and 2; -1 for the caller's own.
  int32_t output;
  int32_t error;
};

/// Starts a child and returns a pidfd for it.
///
/// The child sees descriptor 0 as /dev/null, 1 and 2 and 3 as asked, and nothing above: also
/// descriptors that the caller forgot to mark close-on-exec are gone. Every signal has its default
/// action, none is blocked, and the child leads a process group of its own, so that a terminal's
/// Ctrl+C reaches only the caller.
///
/// If SIGCHLD is ignored or SA_NOCLDWAIT is set (a state that survives exec), the kernel would
/// throw exit statuses away; the default action is then restored first.
///
/// A program that cannot be executed is an error here (ENOENT, EACCES, ENOEXEC), not a child.
int platform_spawn(const struct platform_launch *launch, int32_t *pid);

/// A descriptor that is readable once the process has ended. Safe against a recycled pid only for
/// a child that nobody has waited for.
int platform_pidfd_open(int32_t pid);

/// Sends a signal to exactly the process that the descriptor stands for; -ESRCH once it is reaped.
int platform_pidfd_signal(int pidfd, int signal_number);

enum {
  /// `value` is the code that the process returned.
  PLATFORM_EXITED = 0,
  /// `value` is the signal that ended the process.
  PLATFORM_KILLED = 1,
  /// As PLATFORM_KILLED, and a core was written.
  PLATFORM_DUMPED = 2,
};

struct platform_exit {
  int32_t kind;
  int32_t value;
};

/// Reaps this one child if it has ended: 1 and the result, or 0 while it runs. Never waits, never
/// reaps another child.
int platform_reap(int pidfd, struct platform_exit *result);

/// No program that this process executes can gain privileges; inherited, for good.
int platform_forbid_new_privileges(void);

/// No core file and no ptrace by other processes of the user; not inherited by executed programs.
int platform_forbid_dumps(void);

/// Starts a thread that ends the process with `_exit(exit_code)` when `grace_nanos` have passed
/// since the peer of the socket `control` closed its end, or since the returned eventfd was
/// signalled with `platform_wakeup_signal`. Whatever the other threads do, and for good.
int platform_guard_start(int control, int64_t grace_nanos, int exit_code);

// What a process gives up: restrictions.c

/// No core file, whatever signal ends the process; inherited, for good.
int platform_forbid_core_files(void);

/// The version of the kernel's landlock interface; -ENOSYS or -EOPNOTSUPP where there is none.
int platform_landlock_version(void);

struct platform_path {
  /// A file, or a directory and everything beneath it.
  const char *path;
  /// Whether it may be changed; it may be read in any case.
  int32_t is_writable;
};

/// From now on the calling thread and threads that it starts later may open these paths and no
/// others, in addition to what they have open; paths that do not exist are skipped. They bind no TCP
/// port, connect to none unless `may_connect`, and send no signal to other processes, as far as the
/// kernel's version can keep them from it. Inherited, for good. Needs
/// `platform_forbid_new_privileges`. Returns the version of the interface.
int platform_landlock_apply(const struct platform_path *paths, int count, int may_connect,
                            int may_serve);

/// From now on all threads are refused, with EPERM, what no worker does: other programs, tracing,
/// mounts, namespaces, other users, the clock, modules, io_uring; and without `has_internet` every
/// socket but unix sockets. System calls of another architecture end the process. Inherited, for
/// good. Needs `platform_forbid_new_privileges`; -ENOSYS on processors that are neither x86_64 nor
/// aarch64.
int platform_seccomp_apply(int has_internet, int may_serve);

// Signals: signals.c

/// Blocks these signals in the calling thread and in threads that it starts later.
int platform_signals_hold(const int32_t *numbers, int count);

/// A descriptor that delivers these signals, which are blocked from now on in the calling thread
/// and in threads that it starts later; so it is called before any other thread exists.
int platform_signals_open(const int32_t *numbers, int count);

struct platform_signal {
  int32_t number;
  /// The process that sent the signal; 0 for the kernel.
  int32_t sender;
};

/// Takes one signal: 1, or 0 when none waits.
int platform_signals_read(int signals, struct platform_signal *signal);

/// For SIGPIPE and the like: the signal has no effect; inherited by executed programs.
int platform_signal_ignore(int number);

// Descriptors: descriptors.c

/// Makes a non-blocking pipe: `ends[0]` reads, `ends[1]` writes. `wanted_capacity` in bytes, 0 for
/// the kernel's default. Returns the capacity in bytes that the pipe really has: the kernel rounds
/// up, and gives less to a user who already has many pages in pipes (pipe-user-pages-soft).
int platform_pipe(int32_t ends[2], int wanted_capacity);

/// The numbers of the process's open descriptors, ascending order not promised, without the one
/// that this function itself uses. Returns how many there are, which may be more than `capacity`;
/// the surplus is not stored. Allocates nothing.
int platform_list_descriptors(int32_t *numbers, int capacity);

/// A second descriptor, close-on-exec, for the same open file.
int platform_duplicate(int descriptor);

/// Takes an exclusive flock on a regular file, which is made (mode 0600) if it is missing and is
/// never a symbolic link (-ELOOP), and writes the caller's pid into it; a full disk loses the pid,
/// not the lock. Returns the descriptor that holds the lock. Somebody else's lock is -EWOULDBLOCK
/// with their pid in `holder`, 0 if the file does not tell.
int platform_lock(const char *path, int32_t *holder);

/// Takes an exclusive flock on a folder. Returns the descriptor that holds the lock. Somebody
/// else's lock is -EWOULDBLOCK.
int platform_lock_folder(const char *path);

/// The pid that the holder of a `platform_lock` wrote into its file, 0 if the file does not tell.
int32_t platform_lock_holder(const char *path);

/// Opens an existing file for reading.
int platform_open_to_read(const char *path);

/// Nanoseconds of CLOCK_REALTIME, of CLOCK_MONOTONIC and of CLOCK_BOOTTIME.
int64_t platform_wall_nanos(void);
int64_t platform_monotonic_nanos(void);
int64_t platform_boot_nanos(void);

/// The name (`ENOENT`) and the untranslated text of an errno value; null for an unknown one.
const char *platform_error_name(int number);
const char *platform_error_text(int number);

// Readiness: readiness.c

enum {
  PLATFORM_READABLE = 1,
  PLATFORM_WRITABLE = 2,
  /// Always reported: the other side is gone, or the descriptor failed.
  PLATFORM_HANGUP = 4,
  PLATFORM_ERROR = 8,
};

struct platform_event {
  uint64_t token;
  uint32_t readiness;
};

/// How many events one `platform_poll_wait` can report.
#define PLATFORM_EVENTS 64

/// A level-triggered epoll instance.
int platform_poll_create(void);
int platform_poll_add(int poll, int descriptor, uint32_t interest, uint64_t token);
int platform_poll_change(int poll, int descriptor, uint32_t interest, uint64_t token);
int platform_poll_remove(int poll, int descriptor);

/// Waits at most `timeout_nanos` (below zero: without end) and returns the number of events, of
/// which at most PLATFORM_EVENTS.
int platform_poll_wait(int poll, struct platform_event *events, int64_t timeout_nanos);

/// An eventfd, readable from `platform_wakeup_signal` to `platform_wakeup_clear`. Both may be
/// called from any thread.
int platform_wakeup_create(void);
int platform_wakeup_signal(int wakeup);
int platform_wakeup_clear(int wakeup);

// Packets: packets.c

/// The most descriptors that one packet carries.
#define PLATFORM_PACKET_DESCRIPTORS 2

/// Makes an empty file that is in memory alone (memfd_create), close-on-exec: its descriptor, or
/// -errno.
int platform_memory_file(const char *name);

/// Makes a connected pair of non-blocking SEQPACKET sockets. The send buffers are asked to hold
/// `buffer_bytes`; the kernel caps this at net.core.wmem_max.
int platform_packet_pair(int32_t ends[2], int buffer_bytes);

/// Makes an inherited unix SEQPACKET socket like those made here (non-blocking, close-on-exec): 1.
/// Another open descriptor is left alone: 0. A closed one is -EBADF.
int platform_adopt_packet_socket(int descriptor);

/// Sends one packet, all of it or nothing: 0, or -EAGAIN when the socket is full, -EMSGSIZE when
/// it never fits, -EPIPE when the other side is gone (no SIGPIPE). The descriptors are duplicated
/// into the packet and stay the caller's.
int platform_packet_send(int socket, const void *bytes, size_t count, const int32_t *descriptors,
                         int descriptor_count);

enum {
  /// The packet was longer than the buffer; the rest of it is lost.
  PLATFORM_BYTES_LOST = 1,
  /// The packet carried more than PLATFORM_PACKET_DESCRIPTORS, or this process may not open more.
  PLATFORM_DESCRIPTORS_LOST = 2,
};

struct platform_packet {
  size_t count;
  int32_t descriptors[PLATFORM_PACKET_DESCRIPTORS];
  int32_t descriptor_count;
  int32_t lost;
};

/// Receives one packet: 1, or 0 at the end (an empty packet counts as one), or -EAGAIN when none
/// waits. If anything of the packet is lost, the descriptors that did arrive are closed again.
int platform_packet_receive(int socket, void *buffer, size_t capacity,
                            struct platform_packet *packet);

struct platform_peer {
  int32_t pid;
  uint32_t user;
  uint32_t group;
};

/// Who connected a unix socket, as of the moment of connecting (SO_PEERCRED).
int platform_peer_of(int socket, struct platform_peer *peer);

/// The supplementary groups of who connected a unix socket, as of the moment of connecting
/// (SO_PEERGROUPS). Returns how many there are, which may be more than `capacity`; then nothing is
/// stored.
int platform_peer_groups(int socket, uint32_t *groups, int capacity);

// Terminals: terminal.c

/// Lets every key through at once and unseen (raw mode), and sees to it that a process that dies by a
/// fault of its own puts the terminal back: its modes, and with `output` not below zero the screen
/// that was there before. One terminal a process.
int platform_terminal_begin(int input, int output);

/// Puts the terminal back. Does nothing when it was not changed.
void platform_terminal_end(void);

/// Shows no more of what is typed, and throws away what was typed before. A signal that ends the
/// program (SIGINT, SIGTERM, SIGHUP, SIGQUIT) shows it again first; Ctrl+Z does nothing meanwhile. All
/// have their default action afterwards. One terminal a process.
int platform_terminal_hide(int input);

/// Shows it again. Does nothing when it was not hidden.
void platform_terminal_show(void);

/// Columns and rows; 0 where the terminal does not say.
int platform_terminal_size(int descriptor, int32_t *columns, int32_t *rows);

#endif
