#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# A machine for the system test: a copy-on-write view of this one's root under a systemd of its own.
# Nothing outside the loopback interface can be reached from it, and nothing it does stays.

machine=riskd-test-$BASHPID
machine_memory=/dev/shm/$machine
machine_root=$machine_memory/root
machine_group=
nspawn_pid=
leader=

# Why there cannot be such a machine here; nothing when there can.
machine_obstacle() {
  if ((EUID != 0)); then
    echo "it needs root"
  elif ! command -v systemd-nspawn >/dev/null; then
    echo "systemd-nspawn is missing: scripts/setup --operations"
  elif ! grep -qw overlay /proc/filesystems && ! modprobe overlay 2>/dev/null; then
    echo "the kernel has no overlay file system"
  elif ! findmnt --target /dev/shm --types tmpfs >/dev/null; then
    echo "/dev/shm is no tmpfs"
  else
    for program in sqlite3 patchelf curl jq nft ip script /usr/lib/polkit-1/polkitd; do
      command -v "$program" >/dev/null || {
        echo "$program is missing: scripts/setup --operations"
        return
      }
    done
  fi
}

# Waits for a command to succeed, for at most $1 seconds of a machine that is not busy with others:
# RISKD_PATIENCE times as long. What is bounded by a requirement is measured where it is checked.
within() {
  local deadline=$((SECONDS + $1 * ${RISKD_PATIENCE:-3}))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# What tests left that were killed: their mounts and files. Their machines ended with them.
remove_orphans() {
  local place
  for place in /dev/shm/riskd-test-*; do
    [[ -d "$place" && ! -d "/proc/${place##*-}" ]] || continue
    if mountpoint --quiet "$place/root"; then umount --lazy "$place/root" || continue; fi
    rm -rf "$place"
  done
}

make_machine() {
  remove_orphans
  mkdir -p "$machine_memory"/{upper,work,root}
  mount -t overlay overlay "$machine_root" \
    -o "lowerdir=/,upperdir=$machine_memory/upper,workdir=$machine_memory/work"
  # The machine is to find nothing of the build: neither the compiler nor its libraries.
  hidden=()
  local swift
  if swift=$(command -v swift); then
    swift=$(realpath "$swift")
    [[ "$swift" == /usr/bin/* ]] || hidden+=("--tmpfs=${swift%/usr/bin/*}")
  fi
  : >"$machine_memory/console"
  leave_services_out
}

# Nothing that this machine starts of its own accord: the test's machine boots fast and idles.
leave_services_out() {
  local units=$machine_root/etc/systemd/system unit
  find "$units" -mindepth 2 -path '*.wants/*' -delete
  find "$machine_root"/etc/rc[2-5S].d -name 'S*' -delete 2>/dev/null || true
  for unit in getty.target console-getty.service systemd-timesyncd.service postgresql.service \
    {apt-daily,apt-daily-upgrade,man-db,fstrim,e2scrub_all,dpkg-db-backup,logrotate}.timer \
    systemd-{networkd,resolved,pstore}.service ssh.service cron.service; do
    ln -sfn /dev/null "$units/$unit"
  done
}

# A control group of its own, so that a second machine at the same time does not share the first
# one's units. On machines with the unified hierarchy alone it is the caller's unit.
own_group() {
  local groups=/sys/fs/cgroup/systemd
  machine_group=
  [[ -d "$groups" ]] || return 0
  groups+=$(sed -n 's/^[0-9]*:name=systemd://p' /proc/self/cgroup)
  if mkdir -p "$groups/$machine" 2>/dev/null; then machine_group=$groups/$machine; fi
}

in_own_group() {
  if [[ -n "$machine_group" ]]; then echo "$BASHPID" >"$machine_group/cgroup.procs"; fi
  exec "$@"
}

# The landlock calls are for the workers, which restrict themselves. The machine ends with the
# process that made it, whatever ends that.
boot_machine() {
  local landlock="landlock_create_ruleset landlock_add_rule landlock_restrict_self"
  own_group
  in_own_group setpriv --pdeathsig KILL \
    systemd-nspawn --quiet --directory "$machine_root" --register=no --keep-unit --private-network \
    --console=pipe --machine "$machine" --system-call-filter="$landlock" "${hidden[@]}" \
    /lib/systemd/systemd --log-target=journal-or-kmsg --show-status=no systemd.unit=multi-user.target \
    </dev/null >>"$machine_memory/console" 2>&1 &
  nspawn_pid=$!
  within 10 find_leader || machine_trouble "no process in the machine"
  within 60 is_booted || machine_trouble "it does not boot"
}

# Process 1 of the machine; before it there are others for a moment.
find_leader() {
  local child
  for child in $(pgrep -P "$nspawn_pid"); do
    if grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$child/status" 2>/dev/null &&
      [[ "$(cat "/proc/$child/comm" 2>/dev/null)" == systemd ]]; then
      leader=$child
      return 0
    fi
  done
  return 1
}

is_booted() {
  case "$(inside systemctl is-system-running 2>/dev/null)" in running | degraded) true ;; *) false ;; esac
}

machine_trouble() {
  {
    echo "system-test: $1; its console says:"
    tail -n 40 "$machine_memory/console"
    if [[ -n "$leader" ]]; then
      timeout 5 nsenter --target "$leader" --all -- systemctl is-system-running || true
      timeout 5 nsenter --target "$leader" --all -- systemctl list-jobs --no-pager || true
      timeout 5 nsenter --target "$leader" --all -- journalctl --no-pager -n 40 || true
    fi
  } >&2
  exit 1
}

inside() { nsenter --target "$leader" --all -- "$@"; }

inside_as() {
  local user=$1
  shift
  inside runuser --user "$user" -- "$@"
}

power_off_machine() {
  [[ -n "$nspawn_pid" ]] || return 0
  if [[ -n "$leader" && "${1:-}" == orderly ]]; then
    inside systemctl poweroff --no-block || true
    within 60 has_ended || true
  fi
  if ! has_ended; then
    inside systemctl poweroff --force --force 2>/dev/null || true
    within 10 has_ended || kill -KILL ${leader:+"$leader"} "$nspawn_pid" || true
  fi
  wait "$nspawn_pid" 2>/dev/null || true
  nspawn_pid=
  leader=
}

has_ended() { ! kill -0 "$nspawn_pid" 2>/dev/null; }

reboot_machine() {
  power_off_machine "${1:-}"
  boot_machine
}

remove_machine() {
  power_off_machine
  if mountpoint --quiet "$machine_root"; then
    within 10 umount "$machine_root" 2>/dev/null || umount --lazy "$machine_root"
  fi
  if [[ -n "$machine_group" ]]; then
    within 5 remove_group || true
  fi
  rm -rf "$machine_memory"
}

remove_group() {
  [[ ! -d "$machine_group" ]] ||
    find "$machine_group" -depth -type d -exec rmdir {} + 2>/dev/null
}
