#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int platform_forbid_core_files(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) < 0 ? -errno : 0;
}

// Landlock. The layouts and numbers are the kernel's; older headers know only the first of them.

enum {
  CREATE_RULESET = 444,
  ADD_RULE = 445,
  RESTRICT_SELF = 446,
  ASK_VERSION = 1,
  BENEATH_PATH = 1,
};

struct ruleset {
  uint64_t files;
  /// From version 4 on.
  uint64_t network;
  /// From version 6 on.
  uint64_t scoped;
};

struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

// Bits of `files`.
static const uint64_t EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3,
                      UP_TO_MAKE_SYM = (1 << 13) - 1, REFER = 1 << 13, TRUNCATE = 1 << 14,
                      IOCTL_DEVICE = 1 << 15;
// Bits of `network` and of `scoped`.
static const uint64_t BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1;
static const uint64_t ABSTRACT_SOCKETS = 1 << 0, SIGNALS = 1 << 1;

int platform_landlock_version(void) {
  long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
  return version < 0 ? -errno : (int)version;
}

static uint64_t file_rights(int version) {
  uint64_t rights = UP_TO_MAKE_SYM;
  if (version >= 2) rights |= REFER;
  if (version >= 3) rights |= TRUNCATE;
  if (version >= 5) rights |= IOCTL_DEVICE;
  return rights;
}

/// What is not there needs no rule: without one it is closed.
static int allow(int ruleset, const struct platform_path *path, uint64_t handled) {
  int parent = open(path->path, O_PATH | O_CLOEXEC);
  if (parent < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
  struct stat status;
  int error = fstat(parent, &status) < 0 ? -errno : 0;
  if (!error) {
    uint64_t allowed = READ_FILE | READ_DIR;
    if (path->is_writable) allowed = handled & ~(EXECUTE | IOCTL_DEVICE);
    if (!S_ISDIR(status.st_mode)) allowed &= READ_FILE | WRITE_FILE | TRUNCATE;
    struct path_rule rule = {allowed, parent};
    if (syscall(ADD_RULE, ruleset, BENEATH_PATH, &rule, 0) < 0) error = -errno;
  }
  close(parent);
  return error;
}

int platform_landlock_apply(const struct platform_path *paths, int count, int may_connect,
                            int may_serve) {
  int version = platform_landlock_version();
  if (version < 1) return version < 0 ? version : -ENOSYS;
  struct ruleset attributes = {
      file_rights(version),
      (may_serve ? 0 : BIND_TCP) | (may_connect ? 0 : CONNECT_TCP),
      ABSTRACT_SOCKETS | SIGNALS,
  };
  size_t size = version >= 6   ? sizeof attributes
                : version >= 4 ? offsetof(struct ruleset, scoped)
                               : offsetof(struct ruleset, network);
  int ruleset = (int)syscall(CREATE_RULESET, &attributes, size, 0);
  if (ruleset < 0) return -errno;
  int error = 0;
  for (int i = 0; i < count && !error; i++) error = allow(ruleset, &paths[i], attributes.files);
  if (!error && syscall(RESTRICT_SELF, ruleset, 0) < 0) error = -errno;
  close(ruleset);
  return error ? error : version;
}

// Seccomp.

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
// The numbers of the x32 interface are those of another set of system calls.
#define FOREIGN_NUMBERS 0x40000000u
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define FOREIGN_NUMBERS 0x80000000u
#endif

#ifdef NATIVE

/// Nothing that a worker does, and the first things that somebody else would try.
static const uint32_t refused[] = {
    // Other programs, other processes.
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_process_madvise, SYS_pidfd_getfd, SYS_kcmp, SYS_perf_event_open, SYS_userfaultfd,
    SYS_personality,
    // Ways around this filter and around the rules for files.
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_open_by_handle_at,
    SYS_name_to_handle_at, SYS_fanotify_init,
    // Mounts and namespaces.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_move_mount, SYS_open_tree, SYS_mount_setattr,
    SYS_swapon, SYS_swapoff, SYS_quotactl, SYS_acct,
    // Users.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_capset,
    // The kernel and the machine.
    SYS_bpf, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_syslog, SYS_sethostname,
    SYS_setdomainname, SYS_vhangup,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
    // Time.
    SYS_clock_settime, SYS_settimeofday, SYS_adjtimex, SYS_clock_adjtime,
};

/// Nobody connects to a worker, the monitor excepted.
static const uint32_t serving[] = {SYS_listen, SYS_accept, SYS_accept4};

enum {
  REFUSED = sizeof refused / sizeof *refused,
  SERVING = sizeof serving / sizeof *serving,
  /// Beside two instructions for each of `refused`.
  OTHERS = 32,
  NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
               CLONE_NEWPID | CLONE_NEWNET,
};

struct program {
  struct sock_filter code[2 * (REFUSED + SERVING) + OTHERS];
  unsigned short length;
};

static void add(struct program *program, struct sock_filter instruction) {
  program->code[program->length++] = instruction;
}

static void load(struct program *program, size_t offset) {
  add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct program *program, uint32_t result) {
  add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

/// The next `count` instructions run only where the comparison holds.
static void when(struct program *program, uint16_t comparison, uint32_t value, uint8_t count) {
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, count));
}

static const uint32_t ALLOW = SECCOMP_RET_ALLOW, END = SECCOMP_RET_KILL_PROCESS,
                      REFUSE = SECCOMP_RET_ERRNO | EPERM, ABSENT = SECCOMP_RET_ERRNO | ENOSYS;

static const size_t NUMBER = offsetof(struct seccomp_data, nr),
                    ARCHITECTURE = offsetof(struct seccomp_data, arch),
                    FIRST_ARGUMENT = offsetof(struct seccomp_data, args);

static void write_program(struct program *program, int has_internet, int may_serve) {
  load(program, ARCHITECTURE);
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0));
  answer(program, END);
  load(program, NUMBER);
  when(program, BPF_JGE, FOREIGN_NUMBERS, 1);
  answer(program, END);
  for (int i = 0; i < REFUSED; i++) {
    when(program, BPF_JEQ, refused[i], 1);
    answer(program, REFUSE);
  }
  for (int i = 0; i < SERVING && !may_serve; i++) {
    when(program, BPF_JEQ, serving[i], 1);
    answer(program, REFUSE);
  }
  // Its flags are behind a pointer, where no filter can look; the C library then takes clone.
  when(program, BPF_JEQ, SYS_clone3, 1);
  answer(program, ABSENT);
  when(program, BPF_JEQ, SYS_clone, 4);
  load(program, FIRST_ARGUMENT);
  when(program, BPF_JSET, NAMESPACES, 1);
  answer(program, REFUSE);
  answer(program, ALLOW);
  if (!has_internet) {
    when(program, BPF_JEQ, SYS_bind, 1);
    answer(program, REFUSE);
    // Unix sockets are left, for the journal.
    when(program, BPF_JEQ, SYS_socket, 4);
    load(program, FIRST_ARGUMENT);
    when(program, BPF_JEQ, AF_UNIX, 1);
    answer(program, ALLOW);
    answer(program, REFUSE);
  }
  answer(program, ALLOW);
}

int platform_seccomp_apply(int has_internet, int may_serve) {
  struct program program = {.length = 0};
  write_program(&program, has_internet, may_serve);
  struct sock_fprog filter = {program.length, program.code};
  // TSYNC: the threads that run already are under the filter too. SPEC_ALLOW: no foreign code runs
  // here whose guesses would have to be held back at the cost of every branch.
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                        SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
  if (result < 0) return -errno;
  return result > 0 ? -EBUSY : 0;
}

#else

int platform_seccomp_apply(int has_internet, int may_serve) {
  (void)has_internet;
  (void)may_serve;
  return -ENOSYS;
}

#endif
